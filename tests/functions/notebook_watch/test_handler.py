"""The function asks SageMaker and CloudWatch, decides, and stops: with every answer and fault that either may give."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from notebook_watch import handler
from notebook_watch.handler import OutageError
from tests.functions.notebook_watch.conftest import NAME, NOW

ARN = f"arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/{NAME}"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ASKED = {"NotebookInstanceName": NAME}
QUIET = {"notebook": NAME, "status": "InService", "action": "none"}


def described(sagemaker: Stubber, status: str = "InService", age: timedelta = 3 * HOUR) -> None:
    """The next question is for the instance, and this is the answer."""
    told = {
        "NotebookInstanceArn": ARN,
        "NotebookInstanceName": NAME,
        "NotebookInstanceStatus": status,
        "LastModifiedTime": NOW - age,
    }
    sagemaker.add_response("describe_notebook_instance", told, ASKED)


def beats(cloudwatch: Stubber, *times: datetime, status: str = "Complete", more: str | None = None) -> None:
    """The next question is for the heartbeats, and these are the answer, or a page of it."""
    result = {"Id": "heartbeat0", "Timestamps": list(times), "Values": [1.0] * len(times), "StatusCode": status}
    told: dict[str, Any] = {"MetricDataResults": [result]}
    cloudwatch.add_response("get_metric_data", told if more is None else {**told, "NextToken": more})


def stopped(sagemaker: Stubber) -> None:
    """The next demand is to stop the instance, and it is met."""
    sagemaker.add_response("stop_notebook_instance", {}, ASKED)


def handled() -> dict[str, str]:
    return handler.handle({}, None)


def test_instance_whose_agent_beats_runs_on(sagemaker: Stubber, cloudwatch: Stubber) -> None:
    described(sagemaker)
    beats(cloudwatch, NOW - 3 * MINUTE, NOW - 8 * MINUTE)

    assert handled() == QUIET


def test_question_is_for_the_heartbeat_of_this_instance_and_for_the_time_that_counts(
    sagemaker: Stubber, cloudwatch: Stubber
) -> None:
    metric = {
        "Namespace": "mlstack/Notebook",
        "MetricName": "IdleMinutes",
        "Dimensions": [{"Name": "NotebookInstanceName", "Value": NAME}],
    }
    query = {"Id": ANY, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "SampleCount"}}
    described(sagemaker)
    cloudwatch.add_response(
        "get_metric_data",
        {"MetricDataResults": [{"Id": "heartbeat0", "Timestamps": [NOW], "Values": [1.0], "StatusCode": "Complete"}]},
        {
            "MetricDataQueries": [query],
            "StartTime": NOW - 30 * MINUTE,
            "EndTime": NOW + MINUTE,
            "ScanBy": "TimestampDescending",
        },
    )

    assert handled() == QUIET


def test_instance_whose_agent_is_silent_is_stopped(sagemaker: Stubber, cloudwatch: Stubber) -> None:
    described(sagemaker)
    beats(cloudwatch, NOW - 20 * MINUTE)
    stopped(sagemaker)

    reason = "its agent has not been heard of since 2026-11-20 14:40 UTC"
    assert handled() == {**QUIET, "action": "stop", "reason": reason}


def test_instance_beyond_its_cap_is_stopped_though_its_agent_beats(sagemaker: Stubber, cloudwatch: Stubber) -> None:
    described(sagemaker, age=13 * HOUR)
    beats(cloudwatch, NOW)
    stopped(sagemaker)

    assert handled()["reason"].startswith("it has run for 13 h and may for 12 h")


@pytest.mark.parametrize(
    "status", ["Pending", "Stopping", "Stopped", "Failed", "Deleting", "Updating", "InMaintenance", "Unheard"]
)
def test_instance_that_does_not_run_is_let_alone(sagemaker: Stubber, status: str) -> None:
    described(sagemaker, status, age=900 * HOUR)

    assert handled() == {"notebook": NAME, "status": status, "action": "none"}


def test_instance_that_is_gone_is_no_error(sagemaker: Stubber) -> None:
    sagemaker.add_client_error("describe_notebook_instance", "ValidationException", "RecordNotFound", 400)

    assert handled() == {"notebook": NAME, "status": "gone", "action": "none"}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDeniedException", "not authorized"),
        ("ThrottlingException", "Rate exceeded"),
        ("InternalServerError", "we"),
        ("ValidationException", "1 validation error detected"),
    ],
)
def test_sagemaker_that_does_not_tell_is_an_error(sagemaker: Stubber, code: str, message: str) -> None:
    sagemaker.add_client_error("describe_notebook_instance", code, message, 400)

    with pytest.raises(ClientError, match=code):
        handled()


@pytest.mark.parametrize(
    ("code", "status"), [("Throttling", 400), ("InternalServiceFault", 500), ("ServiceUnavailable", 503)]
)
def test_outage_of_cloudwatch_stops_nothing_and_is_told(
    sagemaker: Stubber, cloudwatch: Stubber, code: str, status: int
) -> None:
    described(sagemaker)
    cloudwatch.add_client_error("get_metric_data", code, "we", status)

    with pytest.raises(OutageError, match=NAME):
        handled()


@pytest.mark.parametrize("status", ["InternalError", "PartialData"])
def test_answer_that_is_no_whole_one_is_an_outage(sagemaker: Stubber, cloudwatch: Stubber, status: str) -> None:
    described(sagemaker)
    beats(cloudwatch, status=status)

    with pytest.raises(OutageError):
        handled()


def test_part_of_an_answer_with_a_heartbeat_is_enough(sagemaker: Stubber, cloudwatch: Stubber) -> None:
    described(sagemaker)
    beats(cloudwatch, NOW - MINUTE, status="PartialData")

    assert handled() == QUIET


@pytest.mark.parametrize("pages", [[[], [NOW - MINUTE]], [[NOW - MINUTE], [NOW - 25 * MINUTE]]])
def test_any_page_may_have_the_heartbeat(sagemaker: Stubber, cloudwatch: Stubber, pages: list[list[datetime]]) -> None:
    described(sagemaker)
    beats(cloudwatch, *pages[0], status="PartialData", more="next")
    beats(cloudwatch, *pages[1])

    assert handled() == QUIET


def test_cap_holds_during_an_outage_of_cloudwatch(sagemaker: Stubber, cloudwatch: Stubber) -> None:
    described(sagemaker, age=13 * HOUR)
    cloudwatch.add_client_error("get_metric_data", "InternalServiceFault", "we", 500)
    stopped(sagemaker)

    assert handled()["action"] == "stop"


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "ValidationError", "OptInRequired"])
def test_watch_that_may_not_see_stops_the_instance_after_the_grace(
    sagemaker: Stubber, cloudwatch: Stubber, code: str
) -> None:
    described(sagemaker, age=10 * MINUTE)
    cloudwatch.add_client_error("get_metric_data", code, "no", 403)
    described(sagemaker, age=25 * MINUTE)
    cloudwatch.add_client_error("get_metric_data", code, "no", 403)
    stopped(sagemaker)

    young, old = handled(), handled()

    assert young == QUIET
    assert old["reason"].startswith("CloudWatch does not let this function read the heartbeat")


def test_forbidden_metric_is_a_refusal_too(sagemaker: Stubber, cloudwatch: Stubber) -> None:
    described(sagemaker)
    beats(cloudwatch, status="Forbidden")
    stopped(sagemaker)

    assert handled()["action"] == "stop"


@pytest.mark.parametrize(
    "message", ["RecordNotFound", "Status (Stopping) not in ([InService]). Unable to transition to (Stopping)"]
)
def test_instance_that_stops_meanwhile_is_no_error(sagemaker: Stubber, cloudwatch: Stubber, message: str) -> None:
    described(sagemaker)
    beats(cloudwatch)
    sagemaker.add_client_error("stop_notebook_instance", "ValidationException", message, 400)

    assert handled()["action"] == "none"


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ValidationException"])
def test_stop_that_fails_is_an_error(sagemaker: Stubber, cloudwatch: Stubber, code: str) -> None:
    described(sagemaker)
    beats(cloudwatch)
    sagemaker.add_client_error("stop_notebook_instance", code, "no", 400)

    with pytest.raises(ClientError, match=code):
        handled()


@pytest.mark.parametrize("missing", ["NOTEBOOK_NAME", "MAX_HOURS", "HEARTBEAT_MINUTES", "GRACE_MINUTES"])
def test_function_without_its_environment_is_an_error(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(missing)

    with pytest.raises(KeyError, match=missing):
        handled()
