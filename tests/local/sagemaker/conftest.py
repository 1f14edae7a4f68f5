"""An image in ECR, a bucket with a model, and endpoints that go when their test ends."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.builds import project, run
from tests.local.fake_image import BUILDSPEC, SOURCE, archive
from tests.local.packing import zipped
from tests.local.patience import eventually

ROLE = "arn:aws:iam::123456789012:role/any"
SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 2}}
INSTANCE = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
COMPONENTS = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
Json = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where an image and a model's data lie."""

    image: str
    bucket: str

    @property
    def model(self) -> str:
        return f"s3://{self.bucket}/model.tar.gz"


@pytest.fixture(scope="session")
def place(local_aws: LocalAws) -> Iterator[Place]:
    s3, ecr, codebuild = (local_aws.client(name) for name in ("s3", "ecr", "codebuild"))
    name = f"serving-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="source.zip", Body=zipped(SOURCE))
    s3.put_object(Bucket=name, Key="model.tar.gz", Body=archive(answer_txt="the model"))
    uri = ecr.create_repository(repositoryName=name)["repository"]["repositoryUri"]
    codebuild.create_project(name=name, **project(f"{name}/source.zip", BUILDSPEC, IMAGE_REPOSITORY_URI=uri))
    assert run(local_aws, name, "v1")["buildStatus"] == "SUCCEEDED"
    yield Place(f"{uri}:v1", name)
    codebuild.delete_project(name=name)
    ecr.delete_repository(repositoryName=name, force=True)
    for found in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=found["Key"])
    s3.delete_bucket(Bucket=name)


@dataclass(frozen=True)
class Hosting:
    """Makes what hosting needs, by SageMaker's own calls."""

    aws: LocalAws
    place: Place
    endpoints: list[str]

    @property
    def sagemaker(self) -> Any:  # noqa: ANN401 - a client
        return self.aws.client("sagemaker")

    def model(self, **container: object) -> str:
        name = f"model-{uuid4().hex[:8]}"
        said = {"Image": self.place.image, "ModelDataUrl": self.place.model, **container}
        said = {key: value for key, value in said.items() if value is not None}
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=said)
        return name

    def config(self, variant: Json, **more: object) -> str:
        name = f"config-{uuid4().hex[:8]}"
        variants = [{"VariantName": "AllTraffic", **variant}]
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants, **more)
        return name

    def endpoint(self, config: str) -> Json:
        name = f"endpoint-{uuid4().hex[:8]}"
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        self.endpoints.append(name)
        return self.settled(name)

    def settled(self, name: str) -> Json:
        """An endpoint once its status is one that stays."""

        def look() -> Json | None:
            said: Json = self.sagemaker.describe_endpoint(EndpointName=name)
            return said if said["EndpointStatus"] in {"InService", "Failed"} else None

        return eventually(look) or {}

    def component(self, name: str) -> Json:
        """An inference component once its status is one that stays."""

        def look() -> Json | None:
            said: Json = self.sagemaker.describe_inference_component(InferenceComponentName=name)
            return said if said["InferenceComponentStatus"] in {"InService", "Failed"} else None

        return eventually(look) or {}

    def ask(self, endpoint: str, body: str = "hi", **more: object) -> str:
        """What an endpoint answers."""
        runtime = self.aws.client("sagemaker-runtime")
        said: bytes = runtime.invoke_endpoint(EndpointName=endpoint, Body=body.encode(), **more)["Body"].read()
        return said.decode()

    def close(self) -> None:
        for one in self.sagemaker.list_inference_components()["InferenceComponents"]:
            self.component(one["InferenceComponentName"])
            self.sagemaker.delete_inference_component(InferenceComponentName=one["InferenceComponentName"])
        eventually(lambda: not self.sagemaker.list_inference_components()["InferenceComponents"])
        for name in self.endpoints:
            with suppress(ClientError):
                self.settled(name)
                self.sagemaker.delete_endpoint(EndpointName=name)
        eventually(lambda: not self.sagemaker.list_endpoints()["Endpoints"])
        for config in self.sagemaker.list_endpoint_configs()["EndpointConfigs"]:
            self.sagemaker.delete_endpoint_config(EndpointConfigName=config["EndpointConfigName"])
        for model in self.sagemaker.list_models()["Models"]:
            self.sagemaker.delete_model(ModelName=model["ModelName"])
        logs = self.aws.client("logs")
        for group in logs.describe_log_groups(logGroupNamePrefix="/aws/sagemaker/")["logGroups"]:
            logs.delete_log_group(logGroupName=group["logGroupName"])


@pytest.fixture
def hosting(local_aws: LocalAws, place: Place) -> Iterator[Hosting]:
    made = Hosting(local_aws, place, [])
    yield made
    made.close()


@pytest.fixture
def limits(local_aws: LocalAws) -> Iterator[Callable[..., Json]]:
    """Sets how patient the hosting is until the test ends."""
    before = local_aws.hosting_limits()
    yield local_aws.hosting_limits
    local_aws.hosting_limits(**before)
