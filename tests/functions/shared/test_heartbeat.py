"""The heartbeats of many machines are read in one question, and what cannot be read is told from what is silent."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from shared.heartbeat import AT_ONCE, Heartbeat, last_heard
from shared.silence import Silence

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KIND = Heartbeat("mlstack/Any", "IdleMinutes", "InstanceId")
Result = dict[str, Any]


@pytest.fixture(scope="module")
def client() -> "CloudWatchClient":
    return boto3.client("cloudwatch", config=Config(retries={"mode": "standard", "total_max_attempts": 1}))


@pytest.fixture
def said(client: "CloudWatchClient") -> Iterator[Stubber]:
    """What CloudWatch says, answer by answer; each of them must be asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def heard(client: "CloudWatchClient", names: Sequence[str]) -> dict[str, datetime | Silence]:
    return dict(last_heard(client, KIND, names, since=NOW - 40 * MINUTE, now=NOW))


def result(number: int, *times: datetime, status: str = "Complete") -> Result:
    return {"Id": f"heartbeat{number}", "Timestamps": list(times), "Values": [1.0] * len(times), "StatusCode": status}


def test_each_machine_has_its_own_answer(client: "CloudWatchClient", said: Stubber) -> None:
    results = [
        result(0, NOW - MINUTE, NOW - 6 * MINUTE),
        result(1),
        result(2, status="Forbidden"),
        result(3, status="InternalError"),
        result(4, NOW - 3 * MINUTE, status="PartialData"),
    ]
    said.add_response("get_metric_data", {"MetricDataResults": results})

    assert heard(client, ["a", "b", "c", "d", "e"]) == {
        "a": NOW - MINUTE,
        "b": Silence.HEARD_NOTHING,
        "c": Silence.NOT_ALLOWED,
        "d": Silence.OUTAGE,
        "e": NOW - 3 * MINUTE,
    }


def test_pages_are_read_to_the_end_for_every_machine(client: "CloudWatchClient", said: Stubber) -> None:
    first = [result(0, status="PartialData"), result(1, NOW - MINUTE, status="PartialData")]
    last = [result(0), result(1, NOW - 6 * MINUTE)]
    said.add_response("get_metric_data", {"MetricDataResults": first, "NextToken": "next"})
    said.add_response("get_metric_data", {"MetricDataResults": last})

    assert heard(client, ["a", "b"]) == {"a": Silence.HEARD_NOTHING, "b": NOW - MINUTE}


def test_question_names_metric_machines_and_time(client: "CloudWatchClient", said: Stubber) -> None:
    queries = [
        {
            "Id": f"heartbeat{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "mlstack/Any",
                    "MetricName": "IdleMinutes",
                    "Dimensions": [{"Name": "InstanceId", "Value": name}],
                },
                "Period": 60,
                "Stat": "SampleCount",
            },
        }
        for number, name in enumerate(("a", "b"))
    ]
    said.add_response(
        "get_metric_data",
        {"MetricDataResults": []},
        {
            "MetricDataQueries": queries,
            "StartTime": NOW - 40 * MINUTE,
            "EndTime": NOW + MINUTE,
            "ScanBy": "TimestampDescending",
        },
    )

    assert set(heard(client, ["a", "b"]).values()) == {Silence.HEARD_NOTHING}


@pytest.mark.usefixtures("said")
def test_nobody_is_asked_for_nothing(client: "CloudWatchClient") -> None:
    assert heard(client, []) == {}


def test_fault_of_one_question_leaves_the_answers_of_the_next(client: "CloudWatchClient", said: Stubber) -> None:
    names = [f"i-{number}" for number in range(AT_ONCE + 2)]
    said.add_client_error("get_metric_data", "Throttling", http_status_code=400)
    said.add_response("get_metric_data", {"MetricDataResults": [result(0, NOW), result(1)]})

    told = heard(client, names)

    assert [told[name] for name in names[:AT_ONCE]] == [Silence.OUTAGE] * AT_ONCE
    assert [told[name] for name in names[AT_ONCE:]] == [NOW, Silence.HEARD_NOTHING]


@pytest.mark.parametrize(
    ("code", "status", "silence"),
    [
        ("Throttling", 400, Silence.OUTAGE),
        ("InternalServiceFault", 500, Silence.OUTAGE),
        ("AccessDenied", 403, Silence.NOT_ALLOWED),
        ("ValidationError", 400, Silence.NOT_ALLOWED),
    ],
)
def test_refusal_is_told_from_an_outage(
    client: "CloudWatchClient", said: Stubber, code: str, status: int, silence: Silence
) -> None:
    said.add_client_error("get_metric_data", code, http_status_code=status)

    assert heard(client, ["a"]) == {"a": silence}
