"""Processing jobs bring data to a container and back."""

import json
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local.patience import eventually
from tests.local.sagemaker.job.conftest import ENDED, Desk, Json

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
