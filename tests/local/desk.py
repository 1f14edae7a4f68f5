"""An image for jobs in ECR, a role and a bucket for them, and ways to wait for what becomes of a job."""

import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import uuid4

from mlstack.local.aws import LocalAws
from tests.local.builds import project, run
from tests.local.fake_image import BUILDSPEC
from tests.local.fake_job import SOURCE
from tests.local.packing import zipped
from tests.local.patience import eventually

Json = dict[str, Any]
ENDED = {"Completed", "Failed", "Stopped", "COMPLETED", "FAILED", "STOPPED"}


@dataclass(frozen=True)
class Desk:
    """Where jobs are asked for."""

    aws: LocalAws
    image: str
    role: str
    bucket: str

    @property
    def sagemaker(self) -> Any:  # noqa: ANN401 - a client
        return self.aws.client("sagemaker")

    @property
    def s3(self) -> Any:  # noqa: ANN401 - a client
        return self.aws.client("s3")

    def uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def put(self, **texts: str) -> None:
        """Objects by their keys, with a slash for each double underscore and a dot for each that stands alone."""
        for name, text in texts.items():
            key = name.replace("__", "/").replace("_", ".")
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def text(self, key: str) -> str:
        return str(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode())

    def keys(self, prefix: str = "") -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return [one["Key"] for one in found]

    def unpacked(self, uri: str) -> dict[str, str]:
        """The texts in a tar.gz by their names."""
        data = self.s3.get_object(Bucket=self.bucket, Key=uri.removeprefix(f"s3://{self.bucket}/"))["Body"].read()
        with tarfile.open(fileobj=BytesIO(data)) as packed:
            return {one.name: packed.extractfile(one).read().decode() for one in packed}  # type: ignore[union-attr]

    def request(self, **more: Any) -> Json:  # noqa: ANN401 - a request's fields
        """A request for a training job; hyperparameters are whatever else is named in small letters."""
        said = {name: more.pop(name) for name in list(more) if name[0].islower()}
        return {
            "TrainingJobName": f"job-{uuid4().hex[:8]}",
            "AlgorithmSpecification": {"TrainingImage": self.image, "TrainingInputMode": "File"},
            "HyperParameters": said,
            "RoleArn": self.role,
            "OutputDataConfig": {"S3OutputPath": self.uri("out")},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            **more,
        }

    def train(self, **more: Any) -> str:  # noqa: ANN401 - a request's fields
        """Begin a training job; its name."""
        asked = self.request(**more)
        self.sagemaker.create_training_job(**asked)
        return str(asked["TrainingJobName"])

    def trained(self, **more: Any) -> Json:  # noqa: ANN401 - a request's fields
        """A training job as it ended."""
        return self.training(self.train(**more), *ENDED)

    def training(self, name: str, *reached: str) -> Json:
        """A training job once it has one of some statuses, primary or secondary."""

        def look() -> Json | None:
            said: Json = self.sagemaker.describe_training_job(TrainingJobName=name)
            return said if {said["TrainingJobStatus"], said["SecondaryStatus"]} & set(reached) else None

        return eventually(look) or {}

    def said(self, name: str, group: str = "TrainingJobs") -> list[str]:
        """What a job printed."""
        logs, where = self.aws.client("logs"), f"/aws/sagemaker/{group}"
        if not logs.describe_log_groups(logGroupNamePrefix=where)["logGroups"]:
            return []  # nothing has printed anything yet
        streams = logs.describe_log_streams(logGroupName=where, logStreamNamePrefix=f"{name}/")["logStreams"]
        found = [
            logs.get_log_events(logGroupName=where, logStreamName=stream["logStreamName"], startFromHead=True)["events"]
            for stream in streams
        ]
        return [str(one["message"]) for events in found for one in events]

    def running(self, name: str) -> int:
        """The process of a job's container, once it runs."""

        def look() -> int:
            found = [one["pid"] for one in self.aws.report()["containers"].values() if one["owner"] == name]
            return found[0] if found else 0

        return eventually(look)


@contextmanager
def desk_on(local_aws: LocalAws) -> Iterator[Desk]:
    """The desk of a local AWS; what it needs is built once."""
    s3, ecr, codebuild, iam = (local_aws.client(name) for name in ("s3", "ecr", "codebuild", "iam"))
    name = f"jobs-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="source.zip", Body=zipped(SOURCE))
    uri = ecr.create_repository(repositoryName=name)["repository"]["repositoryUri"]
    codebuild.create_project(name=name, **project(f"{name}/source.zip", BUILDSPEC, IMAGE_REPOSITORY_URI=uri))
    assert run(local_aws, name, "v1")["buildStatus"] == "SUCCEEDED"
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    yield Desk(local_aws, f"{uri}:v1", role, name)
    codebuild.delete_project(name=name)
    ecr.delete_repository(repositoryName=name, force=True)
    iam.delete_role(RoleName=name)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        for found in page.get("Contents", []):
            s3.delete_object(Bucket=name, Key=found["Key"])
    s3.delete_bucket(Bucket=name)
    logs = local_aws.client("logs")
    for group in logs.describe_log_groups(logGroupNamePrefix="/aws/sagemaker/")["logGroups"]:
        logs.delete_log_group(logGroupName=group["logGroupName"])
