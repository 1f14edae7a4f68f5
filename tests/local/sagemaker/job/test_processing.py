"""Processing jobs bring data to a container and back."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local.desk import ENDED, Desk, Json
from tests.local.patience import eventually

CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
ROOT = "/opt/ml/processing"


def source(uri: str, path: str, **more: object) -> Json:
    return {
        "InputName": uuid4().hex[:6],
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{ROOT}/{path}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            **more,
        },
    }


def process(desk: Desk, *arguments: str, inputs: tuple[Json, ...] = (), mode: str = "EndOfJob", **more: Any) -> str:  # noqa: ANN401
    name = f"processing-{uuid4().hex[:8]}"
    output = {"S3Uri": desk.uri(name), "LocalPath": f"{ROOT}/output", "S3UploadMode": mode}
    asked: Json = {
        "AppSpecification": {"ImageUri": desk.image, "ContainerEntrypoint": ["python", "-m", "job.process"]},
        "ProcessingInputs": list(inputs),
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": output}]},
        "ProcessingResources": {"ClusterConfig": CLUSTER},
        "RoleArn": desk.role,
        **more,
    }
    if arguments:
        asked["AppSpecification"]["ContainerArguments"] = list(arguments)
    desk.sagemaker.create_processing_job(ProcessingJobName=name, **asked)
    return name


def ended(desk: Desk, name: str) -> Json:
    def look() -> Json | None:
        said: Json = desk.sagemaker.describe_processing_job(ProcessingJobName=name)
        return said if said["ProcessingJobStatus"] in ENDED else None

    return eventually(look) or {}


def test_a_processing_job_reads_its_inputs_and_stores_its_output(desk: Desk) -> None:
    desk.put(model_tar_gz="a model", test__cat__1_txt="cat", test__dog__2_txt="dog")
    inputs = (source(desk.uri("model.tar.gz"), "input/model"), source(desk.uri("test/"), "input/test"))

    job = ended(desk, process(desk, "--message", inputs=inputs, Environment={"SETTING": "set"}))

    name = job["ProcessingJobName"]
    seen = json.loads(desk.text(f"{name}/algo-1.json"))
    assert (job["ProcessingJobStatus"], job["ExitMessage"]) == ("Completed", "said at the end")
    assert seen["files"] == {
        "input/model/model.tar.gz": "a model",
        "input/test/cat/1.txt": "cat",
        "input/test/dog/2.txt": "dog",
    }
    assert (seen["environment"]["SETTING"], seen["environment"]["PROCESSING_JOB_NAME"]) == ("set", name)
    assert seen["config"]["AppSpecification"]["ContainerArguments"] == ["--message"]
    assert desk.said(name, "ProcessingJobs") == ["processing ['--message']"]
    assert job["CreationTime"] <= job["ProcessingStartTime"] <= job["ProcessingEndTime"]


def test_a_failing_container_fails_the_job_and_stores_nothing(desk: Desk) -> None:
    job = ended(desk, process(desk, "--fail", "--message"))

    assert (job["ProcessingJobStatus"], job["ExitMessage"]) == ("Failed", "said at the end")
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert desk.keys(f"{job['ProcessingJobName']}/") == []


def test_a_stopped_job_has_stored_what_it_stores_all_along(desk: Desk, limits: Callable[..., Json]) -> None:
    limits(sync_seconds=0.05)
    name = process(desk, "--sleep", mode="Continuous")
    eventually(lambda: desk.keys(f"{name}/"))

    desk.sagemaker.stop_processing_job(ProcessingJobName=name)
    job = ended(desk, name)

    assert job["ProcessingJobStatus"] == "Stopped"
    assert desk.keys(f"{name}/") == [f"{name}/algo-1.json"]
    with pytest.raises(ClientError, match="rejected because the processing job is in status Stopped"):
        desk.sagemaker.stop_processing_job(ProcessingJobName=name)


def test_a_processing_job_runs_no_longer_than_it_may(desk: Desk) -> None:
    job = ended(desk, process(desk, "--sleep", StoppingCondition={"MaxRuntimeInSeconds": 1}))

    assert job["ProcessingJobStatus"] == "Stopped"


def test_several_hosts_store_side_by_side(desk: Desk) -> None:
    cluster = {"ClusterConfig": {**CLUSTER, "InstanceCount": 2}}
    desk.put(halves__1="1", halves__2="2")
    half = source(desk.uri("halves/"), "input", S3DataDistributionType="ShardedByS3Key")

    name = process(desk, inputs=(half,), ProcessingResources=cluster)

    assert ended(desk, name)["ProcessingJobStatus"] == "Completed"
    assert [json.loads(desk.text(key))["files"] for key in desk.keys(f"{name}/")] == [
        {"input/1": "1"},
        {"input/2": "2"},
    ]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"AppSpecification": {"ImageUri": "{image}", "ContainerEntrypoint": ["bash"]}}, "it runs nothing but python"),
        ({"AppSpecification": {"ImageUri": "683313688378.dkr.ecr.us-east-1.amazonaws.com/x"}}, "cannot run 683313"),
        ({"ProcessingInputs": [{"InputName": "i", "S3Input": {"S3Uri": "s3://{bucket}/x", "LocalPath": "/data",
                                "S3DataType": "S3Prefix"}}]}, "no folder but /opt/ml/processing, so not /data"),
        ({"ProcessingInputs": [{"InputName": "i", "DatasetDefinition": {}}]}, "cannot read a dataset definition"),
    ],
)  # fmt: skip
def test_what_the_local_aws_cannot_do_fails_the_job(desk: Desk, more: Json, reason: str) -> None:
    desk.put(x="something")
    said = json.loads(json.dumps(more).replace("{bucket}", desk.bucket).replace("{image}", desk.image))

    assert reason in ended(desk, process(desk, **said))["FailureReason"]


def test_what_cannot_be_processed_is_refused(desk: Desk) -> None:
    with pytest.raises(ClientError, match=r"\(ValidationException\).*No S3 objects found under"):
        process(desk, inputs=(source(desk.uri("nothing/"), "input"),))
    with pytest.raises(ClientError, match="Could not assume role"):
        process(desk, RoleArn="arn:aws:iam::123456789012:role/nobody")
    with pytest.raises(ClientError, match="Could not find requested job with name: nobody"):
        desk.sagemaker.describe_processing_job(ProcessingJobName="nobody")
