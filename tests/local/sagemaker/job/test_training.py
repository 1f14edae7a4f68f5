"""Training jobs run, end, are stopped, are interrupted, and tell what happened to them."""

import json
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.desk import Desk, Json
from tests.local.patience import eventually

NO_OBJECTS = (
    'No S3 objects found under S3 URL "s3://{bucket}/nothing/" given in input data source. Please ensure that the '
    "bucket exists in the selected region (us-east-1), that objects exist under that S3 prefix, and that the role "
    '"{role}" has "s3:ListBucket" permissions on bucket "{bucket}".'
)
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
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"] >= 1


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"fail": "no such label"}, "AlgorithmError: no such label, exit code: 3"),
        ({"fail": ""}, "AlgorithmError: , exit code: 3"),
        ({"fail": "long " * 500}, "AlgorithmError: long long"),
    ],
)
def test_a_training_job_fails_by_its_containers_own_reason(desk: Desk, wanted: dict[str, str], reason: str) -> None:
    job = desk.trained(leave="what there was", **wanted)

    output = desk.unpacked(desk.uri(f"out/{job['TrainingJobName']}/output/output.tar.gz"))
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"].startswith(reason)
    assert job["FailureReason"].endswith("exit code: 3")
    assert len(job["FailureReason"]) <= 1024
    assert output == {"report.txt": "what there was"}
    reported = f"training job {job['TrainingJobName']}"
    assert eventually(lambda: desk.aws.report()["jobs"][reported]["why"]) == job["FailureReason"]


def test_a_killed_container_fails_the_job_with_its_signal(desk: Desk) -> None:
    name = desk.train(sleep="60")

    os.kill(desk.running(name), signal.SIGKILL)

    assert desk.training(name, "Failed")["FailureReason"] == "AlgorithmError: , exit code: 137"


def test_a_stopped_job_may_save_its_model(desk: Desk) -> None:
    name = desk.train(sleep="60")
    eventually(lambda: any("algo-1" in line for line in desk.said(name)))

    desk.sagemaker.stop_training_job(TrainingJobName=name)
    at_once = desk.training(name, "Stopping", "Stopped")["SecondaryStatusTransitions"]
    job = desk.training(name, "Stopped")

    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert "Stopping" in {one["Status"] for one in at_once}
    assert desk.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])["stopped.txt"] == "saved in time"
    assert desk.said(name).count("told to end") == 1
    with pytest.raises(ClientError, match="rejected because the training job is in status Stopped"):
        desk.sagemaker.stop_training_job(TrainingJobName=name)


def test_a_container_that_does_not_end_is_ended(desk: Desk, limits: Callable[..., Json]) -> None:
    limits(stop_seconds=0.1)
    name = desk.train(sleep="60", deaf="yes")
    eventually(lambda: any("algo-1" in line for line in desk.said(name)))

    desk.sagemaker.stop_training_job(TrainingJobName=name)

    assert desk.training(name, "Stopped")["TrainingJobStatus"] == "Stopped"
    assert not [one for one in desk.aws.report()["containers"].values() if one["owner"] == name]


def test_a_job_runs_no_longer_than_it_may(desk: Desk) -> None:
    job = desk.trained(sleep="60", StoppingCondition={"MaxRuntimeInSeconds": 1})

    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert desk.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])["stopped.txt"] == "saved in time"


def test_an_interrupted_spot_job_goes_on_from_its_checkpoints(desk: Desk, limits: Callable[..., Json]) -> None:
    limits(interruptions=1, sync_seconds=0.05)
    checkpoints = {"S3Uri": desk.uri("checkpoints/spot")}
    times = {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 600}

    job = desk.trained(
        checkpoint="yes", EnableManagedSpotTraining=True, CheckpointConfig=checkpoints, StoppingCondition=times
    )

    statuses = [one["Status"] for one in job["SecondaryStatusTransitions"]]
    lines = desk.said(job["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed"
    assert statuses[:4] == ["Starting", "Downloading", "Training", "Interrupted"]
    assert statuses[4:] == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert [line for line in lines if line in {"fresh", "resumed", "told to end"}] == [
        "fresh",
        "told to end",
        "resumed",
    ]
    assert desk.text("checkpoints/spot/log.txt") == "resumed"
    assert job["BillableTimeInSeconds"] <= job["TrainingTimeInSeconds"]


def test_several_hosts_share_the_data_and_know_each_other(desk: Desk) -> None:
    desk.put(shards__1="1", shards__2="2", shards__3="3")
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
    sharded = channel("train", desk.uri("shards/"), S3DataDistributionType="ShardedByS3Key")

    job = desk.trained(ResourceConfig=resources, InputDataConfig=[sharded, channel("all", desk.uri("shards/"))])

    model = desk.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])
    first, second = (json.loads(model[f"algo-{number}.json"]) for number in (1, 2))
    assert json.loads(model["files.json"]) == {  # of algo-1: its model goes before the others'
        "input/data/all/1": "1",
        "input/data/all/2": "2",
        "input/data/all/3": "3",
        "input/data/train/1": "1",
        "input/data/train/3": "3",
    }
    assert first["resources"]["hosts"] == second["resources"]["hosts"] == ["algo-1", "algo-2"]
    assert (first["resources"]["current_host"], second["resources"]["current_host"]) == ("algo-1", "algo-2")
    assert first["environment"]["MASTER_PORT"] == second["environment"]["MASTER_PORT"]
    assert first["environment"]["MASTER_ADDR"] == "127.0.0.1"
    assert len({line.rpartition(" of ")[0] for line in desk.said(job["TrainingJobName"]) if " of 2" in line}) == 2


def test_a_host_that_fails_ends_the_others(desk: Desk) -> None:
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}

    job = desk.trained(ResourceConfig=resources, fail="the second one", host="algo-2", sleep="0.2")

    assert job["FailureReason"] == "AlgorithmError: the second one, exit code: 3"


def test_a_manifest_and_an_uncompressed_model(desk: Desk) -> None:
    desk.put(pile__a="1", pile__b="2", pile__c="3")
    desk.s3.put_object(
        Bucket=desk.bucket, Key="list.manifest", Body=json.dumps([{"prefix": desk.uri("pile/")}, "a", "c"]).encode()
    )
    output = {"S3OutputPath": desk.uri("out/"), "CompressionType": "NONE"}

    job = desk.trained(
        InputDataConfig=[channel("train", desk.uri("list.manifest"), S3DataType="ManifestFile")],
        OutputDataConfig=output,
    )

    place = f"out/{job['TrainingJobName']}/output/model/"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == desk.uri(place)
    assert json.loads(desk.text(f"{place}files.json")) == {"input/data/train/a": "1", "input/data/train/c": "3"}


def test_a_bucket_that_is_not_there_fails_the_job_at_its_end(desk: Desk) -> None:
    job = desk.trained(OutputDataConfig={"S3OutputPath": "s3://no-such-bucket/out"})

    assert job["SecondaryStatusTransitions"][-2]["Status"] == "Uploading"
    assert job["FailureReason"].startswith("ClientError: Artifact upload failed:s3://no-such-bucket/out/")


def test_data_that_goes_away_fails_the_job(desk: Desk) -> None:
    desk.s3.put_object(
        Bucket=desk.bucket, Key="list.json", Body=json.dumps([{"prefix": desk.uri("")}, "gone"]).encode()
    )
    gone = channel("train", desk.uri("list.json"), S3DataType="ManifestFile")

    job = desk.trained(InputDataConfig=[gone])

    assert job["FailureReason"].startswith(f"ClientError: Data download failed:{desk.uri('gone')}: ")


def test_a_stop_before_the_container_runs_is_heeded(desk: Desk) -> None:
    name = desk.train(sleep="60")

    desk.sagemaker.stop_training_job(TrainingJobName=name)

    assert desk.training(name, "Stopped")["TrainingJobStatus"] == "Stopped"
    assert not [one for one in desk.aws.report()["containers"].values() if one["owner"] == name]


def test_an_isolated_container_has_no_way_to_aws(desk: Desk) -> None:
    job = desk.trained(EnableNetworkIsolation=True)

    seen = json.loads(desk.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])["algo-1.json"])["environment"]
    assert not {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} & seen.keys()
    assert (seen["AWS_REGION"], seen["AWS_EC2_METADATA_DISABLED"]) == ("us-east-1", "true")


def test_an_image_that_only_aws_has_fails_its_job(desk: Desk) -> None:
    foreign = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"

    job = desk.trained(AlgorithmSpecification={"TrainingImage": foreign, "TrainingInputMode": "File"})

    assert job["FailureReason"] == (
        f"the local AWS cannot run {foreign}: it runs only images that its own CodeBuild has built"
    )


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"InputDataConfig": [channel("t", "s3://{bucket}/x", S3DataType="AugmentedManifestFile")]}, "AugmentedMan"),
        ({"AlgorithmSpecification": {"TrainingImage": "{image}", "TrainingInputMode": "Pipe"},
          "InputDataConfig": [channel("t", "s3://{bucket}/x")]}, "cannot read a pipe"),
        ({"InputDataConfig": [channel("t", "s3://{bucket}/x", S3DataType="ManifestFile")]}, "is no JSON list"),
        ({"InputDataConfig": [channel("t", "s3://{bucket}/clash")]}, "previously downloaded file/folder clashes"),
        ({"InputDataConfig": [channel("t", "s3://{bucket}/evil")]}, "leads out of its folder"),
        ({"CheckpointConfig": {"S3Uri": "s3://{bucket}/c", "LocalPath": "/data/c"}}, "no folder but /opt/ml, so not"),
        ({"CheckpointConfig": {"S3Uri": "s3://{bucket}/c", "LocalPath": "/opt/ml/../c"}}, "no folder but /opt/ml"),
        ({"AlgorithmSpecification": {"TrainingImage": "{image}", "TrainingInputMode": "File",
                                     "ContainerEntrypoint": ["/bin/sh", "-c"]}}, "it runs nothing but python"),
    ],
)  # fmt: skip
def test_what_the_local_aws_cannot_do_fails_the_job(desk: Desk, more: Json, reason: str) -> None:
    desk.put(x="nothing", clash__a="1", clash__a__b="2")
    desk.s3.put_object(Bucket=desk.bucket, Key="evil/../../../up.txt", Body=b"out")
    said = json.loads(json.dumps(more).replace("{bucket}", desk.bucket).replace("{image}", desk.image))

    job = desk.trained(**said)

    assert reason in job["FailureReason"]
    assert not desk.aws.report()["faults"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"InputDataConfig": [channel("train", "s3://{bucket}/nothing/")]},
         NO_OBJECTS),
        ({"InputDataConfig": [channel("train", "s3://no-such-bucket/x")]}, "No S3 objects found"),
        ({"RoleArn": "arn:aws:iam::123456789012:role/nobody"}, "Could not assume role arn:aws:iam::123456789012:ro"),
        ({"RoleArn": "arn:aws:iam::123456789012:role/any"}, "allows principal 'sagemaker.amazonaws.com' to assume"),
        ({"AlgorithmSpecification": {"TrainingImage": "{image}-gone", "TrainingInputMode": "File"}},
         "Cannot find the requested image: {image}-gone"),
        ({"AlgorithmSpecification": {"TrainingInputMode": "File",
                                     "TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/nothing:1"}},
         "Cannot find repository: nothing in registry ID: 123456789012 Please check if your ECR repository exists"),
        ({"AlgorithmSpecification": {"TrainingInputMode": "File"}}, "Exactly one of TrainingImage and AlgorithmName"),
        ({"AlgorithmSpecification": {"TrainingImage": "{image}", "TrainingInputMode": "File",
                                     "MetricDefinitions": [{"Name": "m", "Regex": "("}]}}, "Invalid regex of metric"),
        ({"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1}}, "are needed in ResourceConfig"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 9, "MaxWaitTimeInSeconds": 9}}, "only supported when EnableMan"),
        ({"EnableManagedSpotTraining": True}, "must be present and be greater than or equal to Max"),
        ({"EnableManagedSpotTraining": True, "StoppingCondition": {"MaxWaitTimeInSeconds": 9}}, "greater than or equ"),
        ({"InputDataConfig": [channel("t", "s3://{bucket}/x")] * 2}, "Channel names must be unique; t is there twice"),
        ({"TrainingJobName": "no_underscores"}, "regular expression pattern"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused(desk: Desk, more: Json, reason: str) -> None:
    desk.put(x="something")
    names = {"{bucket}": desk.bucket, "{image}": desk.image, "{role}": desk.role}
    text = json.dumps([more, reason])
    for name, value in names.items():
        text = text.replace(name, value)
    said, expected = json.loads(text)

    with pytest.raises(ClientError) as caught:
        desk.train(**said)

    error: Any = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert expected in error["Message"]


def test_a_name_is_taken_for_good_unless_its_job_is_deleted(desk: Desk) -> None:
    name = desk.trained()["TrainingJobName"]

    with pytest.raises(ClientError, match=r"\(ResourceInUse\).*names must be unique .* \(arn:aws:sagemaker:us-east-1:"):
        desk.train(TrainingJobName=name)
    desk.sagemaker.delete_training_job(TrainingJobName=name)
    with pytest.raises(ClientError, match=r"\(ValidationException\).*: Requested resource not found\.$"):
        desk.sagemaker.describe_training_job(TrainingJobName=name)


def test_jobs_are_listed_as_they_are_asked_for(desk: Desk) -> None:
    names = [desk.trained(TrainingJobName=f"listed-{number}-{desk.bucket}")["TrainingJobName"] for number in (1, 2, 3)]
    running = desk.train(TrainingJobName=f"listed-4-{desk.bucket}", sleep="60")
    before = desk.training(names[0], "Completed")["CreationTime"] - timedelta(hours=1)

    def listed(**asked: object) -> list[str]:
        answer = desk.sagemaker.list_training_jobs(NameContains="LISTED", **asked)
        return [one["TrainingJobName"] for one in answer["TrainingJobSummaries"]]

    pages = desk.sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains="listed", PaginationConfig={"PageSize": 3}
    )
    paged = [[one["TrainingJobName"] for one in page["TrainingJobSummaries"]] for page in pages]
    found = {
        "all": listed(),
        "backwards": listed(SortOrder="Descending", MaxResults=2),
        "running": listed(StatusEquals="InProgress"),
        "completed": listed(StatusEquals="Completed"),
        "before": listed(CreationTimeBefore=before),
        "after": listed(LastModifiedTimeAfter=before),
    }
    desk.sagemaker.stop_training_job(TrainingJobName=running)

    assert found == {
        "all": [*names, running],
        "backwards": [running, names[2]],
        "running": [running],
        "completed": names,
        "before": [],
        "after": [*names, running],
    }
    assert paged == [names, [running]]
    desk.training(running, "Stopped")


def test_a_running_job_is_not_deleted_and_has_tags(desk: Desk) -> None:
    name = desk.train(sleep="60", Tags=[{"Key": "a", "Value": "b"}])
    arn = desk.sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobArn"]

    desk.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "c", "Value": "d"}])
    with pytest.raises(ClientError, match=r"\(ResourceInUse\).*in status InProgress"):
        desk.sagemaker.delete_training_job(TrainingJobName=name)
    desk.sagemaker.stop_training_job(TrainingJobName=name)

    tags = desk.sagemaker.list_tags(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}]
    desk.training(name, "Stopped")
