"""Training jobs run, end, are stopped, are interrupted, and tell what happened to them."""

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.local.patience import eventually
from tests.local.sagemaker.job.conftest import Desk, Json

SCORE = {"Name": "validation:score", "Regex": "score=([0-9.]+)"}


def channel(name: str, uri: str, **more: object) -> Json:
    return {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri, **more}}}


def test_a_training_job_turns_data_into_a_model(desk: Desk) -> None:
    desk.put(data__a_txt="first", data__deep__b_txt="second", single_txt="alone")
    algorithm = {"TrainingImage": desk.image, "TrainingInputMode": "File", "MetricDefinitions": [SCORE]}

    job = desk.trained(
        AlgorithmSpecification=algorithm,
        InputDataConfig=[
            channel("train", desk.uri("data/")),
            {**channel("one", desk.uri("single.txt")), "ContentType": "text/csv"},
        ],
        Environment={"SETTING": "set"},
        say=json.dumps(["score=0.25 ", "score=0.5 and score=0.75", "score=none"]),
        leave="a report",
    )

    name = job["TrainingJobName"]
    model = desk.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])
    seen = json.loads(model["algo-1.json"])
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
    assert json.loads(model["files.json"]) == {
        "input/data/one/single.txt": "alone",
        "input/data/train/a.txt": "first",
        "input/data/train/deep/b.txt": "second",
    }
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == desk.uri(f"out/{name}/output/model.tar.gz")
    assert desk.unpacked(desk.uri(f"out/{name}/output/output.tar.gz")) == {"report.txt": "a report"}
    assert [(one["MetricName"], one["Value"]) for one in job["FinalMetricDataList"]] == [("validation:score", 0.75)]
    assert seen["channels"]["one"]["ContentType"] == "text/csv"
    assert (
        seen["environment"].items()
        >= {
            "AWS_REGION": "us-east-1",
            "SETTING": "set",
            "TRAINING_JOB_ARN": job["TrainingJobArn"],
            "TRAINING_JOB_NAME": name,
        }.items()
    )
    assert seen["environment"]["AWS_ENDPOINT_URL"] == desk.aws.place.endpoint
    assert "['train'] algo-1 of 1" in desk.said(name)


def test_a_training_job_tells_its_stages_and_times(desk: Desk) -> None:
    job = desk.trained()

    steps = job["SecondaryStatusTransitions"]
    assert [(one["Status"], one["StatusMessage"]) for one in steps] == [
        ("Starting", "Preparing the instances for training"),
        ("Downloading", "Downloading input data"),
        ("Training", "Training image download completed. Training in progress."),
        ("Uploading", "Uploading generated training model"),
        ("Completed", "Training job completed"),
    ]
    assert all(one["StartTime"] <= one["EndTime"] for one in steps)
    assert job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"]
    assert (job["TrainingTimeInSeconds"], job["BillableTimeInSeconds"]) == (1, 1)
