"""A distributed Map reads its items from S3, runs each as an execution of its own, and counts what came of them."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws
from tests.local.patience import eventually
from tests.local.workflow.conftest import Json, Machine

Make = Callable[..., str]
MakeMachine = Callable[..., Machine]
WORK = """
import time
def handle(event, context):
    time.sleep(event["item"].get("sleep", 0))
    if event["item"].get("fail"):
        raise ValueError("this one")
    return {"n": event["item"]["n"], "name": event["name"], "bucket": event["bucket"]}
"""


@pytest.fixture
def bucket(local_aws: LocalAws) -> Iterator[str]:
    s3, name = local_aws.client("s3"), f"map-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    yield name
    for found in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=found["Key"])
    s3.delete_bucket(Bucket=name)


@pytest.fixture
def mapped(local_aws: LocalAws, bucket: str, function: Make, machine: MakeMachine) -> Callable[..., Machine]:
    """A machine that maps a function over items."""

    def make(items: list[Json], **more: Any) -> Machine:  # noqa: ANN401 - a state's fields
        local_aws.client("s3").put_object(Bucket=bucket, Key="items.json", Body=json.dumps(items))
        parameters = {
            "FunctionName": f"arn:aws:lambda:us-east-1:123456789012:function:{function(WORK, Timeout=20)}",
            "Payload": {"item.$": "$.item", "name.$": "$$.Execution.Name", "bucket.$": "$.bucket"},
        }
        work = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters}
        processor = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
        state = {
            "Type": "Map",
            "MaxConcurrency": 4,
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {"Bucket.$": "$.bucket", "Key": "items.json"},
            },
            "ItemSelector": {"item.$": "$$.Map.Item.Value", "bucket.$": "$.bucket"},
            "ItemProcessor": {
                "ProcessorConfig": processor,
                "StartAt": "Work",
                "States": {"Work": {**work, "OutputPath": "$.Payload", "End": True}},
            },
            "End": True,
            **more,
        }
        return machine({"Each": state})

    return make


def test_every_item_runs_once_in_an_execution_of_its_own(mapped: Callable[..., Machine], bucket: str) -> None:
    made = mapped([{"n": number} for number in range(6)])

    execution = made.start({"bucket": bucket})
    output = json.loads(made.ended(execution)["output"])

    assert [one["n"] for one in output] == list(range(6))
    assert len({one["name"] for one in output}) == 6
    assert {one["bucket"] for one in output} == {bucket}
    counts = made.counts(execution)
    assert (counts["status"], counts["total"], counts["succeeded"], counts["running"]) == ("SUCCEEDED", 6, 6, 0)


def test_failures_that_are_tolerated_are_counted_and_written(
    mapped: Callable[..., Machine], bucket: str, local_aws: LocalAws
) -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": bucket, "Prefix": "results"}}
    made = mapped(
        [{"n": number, "fail": number == 1} for number in range(4)],
        ToleratedFailurePercentage=50,
        ResultWriter=writer,
    )

    execution = made.start({"bucket": bucket})
    place = json.loads(made.ended(execution)["output"])["ResultWriterDetails"]

    def read(key: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(local_aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())

    files = read(place["Key"])["ResultFiles"]
    [failed] = read(files["FAILED"][0]["Key"])
    counts = made.counts(execution)
    assert (counts["succeeded"], counts["failed"], counts["total"]) == (3, 1, 4)
    assert (failed["Status"], failed["Error"], json.loads(failed["Input"])["item"]["n"]) == ("FAILED", "ValueError", 1)
    assert len(read(files["SUCCEEDED"][0]["Key"])) == 3


def test_failures_beyond_what_is_tolerated_fail_the_state_and_start_no_more(
    mapped: Callable[..., Machine], bucket: str
) -> None:
    made = mapped([{"n": number, "fail": True} for number in range(30)], ToleratedFailurePercentage=10)

    execution = made.start({"bucket": bucket})
    said = made.ended(execution)

    counts = made.counts(execution)
    assert (said["status"], said["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    assert counts["status"] == "FAILED"
    assert counts["aborted"] > 0
    assert counts["failed"] + counts["aborted"] == 30


def test_a_run_that_is_stopped_starts_no_more_items(
    mapped: Callable[..., Machine], bucket: str, local_aws: LocalAws
) -> None:
    made = mapped([{"n": number, "sleep": 0.5} for number in range(200)])
    execution = made.start({"bucket": bucket})
    eventually(lambda: local_aws.client("stepfunctions").list_map_runs(executionArn=execution)["mapRuns"])
    eventually(lambda: made.counts(execution)["succeeded"])

    local_aws.client("stepfunctions").stop_execution(executionArn=execution)

    assert made.told(execution)["status"] == "ABORTED"
    counts = eventually(lambda: (now := made.counts(execution)) and now["status"] != "RUNNING" and now)
    assert isinstance(counts, dict)
    assert counts["status"] == "ABORTED"
    assert counts["aborted"] > 150
    assert counts["pending"] == counts["running"] == 0


def test_the_rows_of_a_table_are_items_too(mapped: Callable[..., Machine], bucket: str, local_aws: LocalAws) -> None:
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        "Parameters": {"Bucket.$": "$.bucket", "Key": "rows.csv"},
    }
    local_aws.client("s3").put_object(Bucket=bucket, Key="rows.csv", Body=b"n,x\n1,a\n2,b\n")

    output = json.loads(mapped([], ItemReader=reader).run({"bucket": bucket})["output"])

    assert [one["n"] for one in output] == ["1", "2"]


def test_an_empty_list_maps_to_an_empty_list(mapped: Callable[..., Machine], bucket: str) -> None:
    assert json.loads(mapped([]).run({"bucket": bucket})["output"]) == []


def test_a_list_that_is_not_there_fails_the_state(mapped: Callable[..., Machine]) -> None:
    assert mapped([{"n": 1}]).run({"bucket": "no-such-bucket-of-ours"})["status"] == "FAILED"
