"""Whatever ends is told once and in full, and what still runs is ended first, whatever AWS refuses."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from shared.training_run import job_name
from tests.functions.cloudformation import Context, Time
from tests.functions.shared.cloud import Answer, Call, Cloud, Fault, raising, refusing
from tests.functions.trained_models.sagemaker import JOBS
from tests.functions.training_outcome.conftest import EXECUTION, MACHINE, OUTPUT, REQUEST, STAGE, TOPIC, World
from tests.functions.training_outcome.test_news import CHANGED
from training_outcome import handler, telling
from training_outcome.telling import UntoldError

pytestmark = pytest.mark.usefixtures("time")

JOB = job_name(STAGE, "first")
ENDPOINT = "mlstack-sandbox-sorter"
MADE = {"mlstack:stage": STAGE, "mlstack:execution": "first"}
RUNNING = [(kind, "InProgress") for kind in JOBS if kind != "CompilationJob"]
RUNNING += [("CompilationJob", "STARTING"), ("CompilationJob", "INPROGRESS")]
NOT_SUCCEEDED = ["FAILED", "ABORTED", "TIMED_OUT"]


def event(status: str, **detail: Any) -> dict[str, Any]:  # noqa: ANN401 (parts of an event)
    """Step Functions says that the execution is in a state."""
    told = {
        "executionArn": EXECUTION,
        "stateMachineArn": MACHINE,
        "name": "first",
        "status": status,
        "startDate": 1763792000000,
        "stopDate": 1763793000000,
        "input": json.dumps(REQUEST),
        "inputDetails": {"included": True},
        "output": json.dumps(OUTPUT) if status == "SUCCEEDED" else None,
        "outputDetails": {"included": True} if status == "SUCCEEDED" else None,
        "error": "TrainingJobFailed" if status == "FAILED" else None,
        "cause": "no pictures" if status == "FAILED" else None,
        **detail,
    }
    return {"source": "aws.states", "detail-type": "Step Functions Execution Status Change", "detail": told}


def handled(event: dict[str, Any], seconds: int = 300) -> dict[str, str | None]:
    return handler.handle(event, Context(seconds))


def stops(cloud: Cloud) -> list[str]:
    """What was stopped or deleted."""
    return [call.operation for call in cloud.effects if call.operation.startswith(("Stop", "Delete"))]


def test_a_success_is_told_and_nothing_is_asked_of_sagemaker(cloud: Cloud, world: World) -> None:
    answer = handled(event("SUCCEEDED"))

    assert answer == {"told": "Training Workflow Finished"}
    assert [call.operation for call in cloud.calls] == ["PutEvents", "Publish"]
    [told], [message] = world.events, world.messages
    assert (told["Source"], told["DetailType"]) == ("mlstack.training", "Training Workflow Finished")
    assert told["Detail"]["version"] == 3
    assert message["TopicArn"] == TOPIC
    assert "mlstack models approve waste-sorter 3 --stage sandbox" in message["Message"]


@pytest.mark.parametrize("status", NOT_SUCCEEDED)
@pytest.mark.parametrize(("kind", "state"), RUNNING)
def test_a_job_that_still_runs_is_stopped_and_told(
    cloud: Cloud, world: World, status: str, kind: str, state: str
) -> None:
    world.sagemaker.add(kind, JOB, state)

    answer = handled(event(status))

    assert answer == {"told": "Training Workflow Failed"}
    assert stops(cloud) == [f"Stop{kind}"]
    [told], [message] = world.events, world.messages
    assert len(told["Detail"]["stopped"]) == 1
    assert f"job {JOB}" in told["Detail"]["stopped"][0]
    assert JOB in message["Message"]


@pytest.mark.parametrize("kind", JOBS)
@pytest.mark.parametrize("state", ["Completed", "Failed", "Stopped", "COMPLETED", "FAILED", "STOPPED"])
def test_a_job_that_has_ended_is_no_news(cloud: Cloud, world: World, kind: str, state: str) -> None:
    world.sagemaker.add(kind, JOB, state)

    handled(event("ABORTED"))

    assert stops(cloud) == []
    assert world.events[0]["Detail"]["stopped"] == []


def test_a_job_that_step_functions_is_stopping_is_told_and_not_stopped_twice(cloud: Cloud, world: World) -> None:
    world.sagemaker.add("TrainingJob", JOB, "Stopping")

    handled(event("ABORTED"))

    assert stops(cloud) == []
    assert world.events[0]["Detail"]["stopped"] == [f"training job {JOB}"]


@pytest.mark.parametrize(("ends", "stopped"), [("Completed", 0), ("Stopping", 1), ("Stopped", 0)])
def test_a_job_that_ends_while_it_is_stopped_is_no_error(cloud: Cloud, world: World, ends: str, stopped: int) -> None:
    job = world.sagemaker.add("TrainingJob", JOB, "InProgress")

    def end(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "StopTrainingJob" and not done:
            job.status = ends

    cloud.wait = end

    handled(event("ABORTED"))

    detail = world.events[0]["Detail"]
    assert (len(detail["stopped"]), detail["not_stopped"]) == (stopped, [])


def test_jobs_of_others_run_on(cloud: Cloud, world: World) -> None:
    world.sagemaker.add("TrainingJob", job_name(STAGE, "second"), "InProgress")

    handled(event("ABORTED"))

    assert stops(cloud) == []


@pytest.mark.parametrize("operation", ["DescribeTrainingJob", "StopTrainingJob"])
@pytest.mark.parametrize(
    ("code", "status"), [("AccessDeniedException", 400), ("ThrottlingException", 400), ("InternalFailure", 500)]
)
def test_a_stop_that_fails_is_told_with_the_way_to_mend_it(
    cloud: Cloud, world: World, operation: str, code: str, status: int
) -> None:
    world.sagemaker.add("TrainingJob", JOB, "InProgress")
    world.sagemaker.add("CompilationJob", JOB, "INPROGRESS")
    cloud.faults = [Fault(answer=refusing(code, status), operation=operation)]

    handled(event("ABORTED"))

    [told], [message] = world.events, world.messages
    assert told["Detail"]["not_stopped"] == [f"training job {JOB}"]
    assert told["Detail"]["stopped"] == [f"compilation job {JOB}"]
    assert f"end it with `aws sagemaker stop-training-job --training-job-name {JOB}`" in message["Message"]
    assert code in message["Message"]


@pytest.mark.parametrize("operation", ["DescribeTrainingJob", "StopTrainingJob"])
def test_a_fault_that_passes_is_waited_for(cloud: Cloud, world: World, operation: str) -> None:
    world.sagemaker.add("TrainingJob", JOB, "InProgress")
    cloud.faults = [Fault(answer=refusing("ThrottlingException"), operation=operation)]

    def passes(call: Call, done: bool) -> None:  # noqa: ARG001, FBT001 (as Cloud calls it)
        if len(cloud.struck) > 1:
            cloud.faults = []

    cloud.wait = passes

    handled(event("ABORTED"))

    detail = world.events[0]["Detail"]
    assert (detail["stopped"], detail["not_stopped"]) == ([f"training job {JOB}"], [])


def test_every_command_that_mends_is_one_of_the_aws_cli(cloud: Cloud, world: World) -> None:
    for kind in JOBS:
        world.sagemaker.add(kind, JOB, "STARTING" if kind == "CompilationJob" else "InProgress")
    cloud.faults = [Fault(answer=refusing("AccessDeniedException"), operation=f"Stop{kind}") for kind in JOBS]

    handled(event("ABORTED"))

    assert len(world.events[0]["Detail"]["not_stopped"]) == 5
    for command in (
        f"stop-training-job --training-job-name {JOB}",
        f"stop-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name {JOB}",
        f"stop-processing-job --processing-job-name {JOB}",
        f"stop-compilation-job --compilation-job-name {JOB}",
        f"stop-transform-job --transform-job-name {JOB}",
    ):
        assert f"`aws sagemaker {command}`" in world.messages[0]["Message"]


def test_an_endpoint_that_the_execution_creates_is_deleted_when_it_can_be(
    cloud: Cloud, world: World, time: Time
) -> None:
    endpoint = world.sagemaker.add("Endpoint", ENDPOINT, "Creating", MADE)

    def created(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "DeleteEndpoint" and done and (time.now() - Time.present).total_seconds() > 100:
            endpoint.status = "InService"

    cloud.wait = created

    handled(event("ABORTED"))

    assert stops(cloud) == ["DeleteEndpoint"]
    assert world.events[0]["Detail"]["stopped"] == [f"endpoint {ENDPOINT}"]


@pytest.mark.usefixtures("cloud")
def test_an_endpoint_that_is_created_for_too_long_is_told(world: World, time: Time) -> None:
    world.sagemaker.add("Endpoint", ENDPOINT, "Creating", MADE)

    handled(event("ABORTED"), seconds=120)

    assert world.events[0]["Detail"]["not_stopped"] == [f"endpoint {ENDPOINT}"]
    assert "(it is still being created)" in world.messages[0]["Message"]
    assert f"`aws sagemaker delete-endpoint --endpoint-name {ENDPOINT}`" in world.messages[0]["Message"]
    assert 85 < (time.now() - Time.present).total_seconds() < 105


@pytest.mark.parametrize(
    ("status", "state", "tags", "request_"),
    [
        ("ABORTED", "InService", MADE, REQUEST),
        ("ABORTED", "Updating", MADE, REQUEST),
        ("ABORTED", "Creating", {**MADE, "mlstack:execution": "second"}, REQUEST),
        ("ABORTED", "Creating", {}, REQUEST),
        ("ABORTED", "Creating", MADE, {"model": "waste-sorter"}),
        ("FAILED", "Creating", MADE, REQUEST),
        ("TIMED_OUT", "Creating", MADE, REQUEST),
        ("SUCCEEDED", "Creating", MADE, REQUEST),
    ],
)
def test_any_other_endpoint_stays(  # noqa: PLR0913, PLR0917 (the cases' columns)
    cloud: Cloud, world: World, status: str, state: str, tags: dict[str, str], request_: dict[str, Any]
) -> None:
    world.sagemaker.add("Endpoint", ENDPOINT, state, tags)

    handled(event(status, input=json.dumps(request_)))

    assert [call for call in cloud.calls if call.operation == "DeleteEndpoint"] == []
    assert world.sagemaker.names("Endpoint") == [ENDPOINT]


@pytest.mark.parametrize("operation", ["DescribeEndpoint", "ListTags", "DeleteEndpoint"])
@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_an_endpoint_that_may_not_be_looked_at_or_deleted_is_told(
    cloud: Cloud, world: World, operation: str, code: str
) -> None:
    world.sagemaker.add("Endpoint", ENDPOINT, "Creating", MADE)
    cloud.faults = [Fault(answer=refusing(code), operation=operation)]

    handled(event("ABORTED"))

    assert world.events[0]["Detail"]["not_stopped"] == [f"endpoint {ENDPOINT}"]
    assert code in world.messages[0]["Message"]


@pytest.mark.parametrize("status", ["SUCCEEDED", *NOT_SUCCEEDED])
def test_what_an_event_leaves_out_is_asked_for(cloud: Cloud, world: World, status: str) -> None:
    told = event(status)
    world.executions[EXECUTION] = {**told["detail"], "startDate": 0, "stopDate": 0}
    left_out = {
        "input": None,
        "inputDetails": {"included": False},
        "output": None,
        "outputDetails": {"included": False},
    }

    handled({**told, "detail": told["detail"] | left_out})

    assert cloud.calls[0].operation == "DescribeExecution"
    assert "waste-sorter" in world.messages[0]["Subject"]
    assert world.events[0]["Detail"]["model"] == "waste-sorter"


@pytest.mark.parametrize("status", ["SUCCEEDED", *NOT_SUCCEEDED])
@pytest.mark.parametrize("fault", [None, refusing("AccessDeniedException"), refusing("ThrottlingException")])
def test_an_execution_that_nobody_can_look_at_is_told_as_far_as_it_is_known(
    cloud: Cloud,
    world: World,
    status: str,
    fault: Answer | None,
) -> None:
    world.sagemaker.add("TrainingJob", JOB, "InProgress")
    cloud.faults = [Fault(answer=fault, operation="DescribeExecution")] if fault else []

    handled(event(status, input=None, output=None))

    assert len(world.events) == len(world.messages) == 1
    assert "first" in world.messages[0]["Message"]
    assert stops(cloud) == ([] if status == "SUCCEEDED" else ["StopTrainingJob"])


@pytest.mark.parametrize(
    "other",
    [
        event("RUNNING"),
        event("PENDING_REDRIVE"),
        event("FAILED", stateMachineArn=f"{MACHINE}-other"),
        {"detail-type": "Step Functions Execution Status Change"},
        {"detail-type": "SageMaker Training Job State Change", "detail": {"TrainingJobStatus": "Failed"}},
        {"detail-type": "SageMaker Model Package State Change", "detail": {}},
        {},
    ],
)
def test_other_events_are_no_news(cloud: Cloud, other: dict[str, Any]) -> None:
    assert handled(other) == {"told": None}
    assert cloud.calls == []


def test_an_approval_is_told(cloud: Cloud, world: World) -> None:
    answer = handled({"detail-type": "SageMaker Model Package State Change", "detail": CHANGED})

    assert answer == {"told": "Model Package Approval Changed"}
    assert [call.operation for call in cloud.calls] == ["PutEvents", "Publish"]
    assert world.events[0]["Detail"]["approval"] == "Approved"
    assert world.messages[0]["Subject"] == "mlstack sandbox: waste-sorter version 3 approved"


@pytest.mark.usefixtures("cloud")
def test_an_event_that_comes_twice_is_told_once_by_one_instance(world: World) -> None:
    handled(event("FAILED"))
    handled(event("FAILED"))
    handled(event("FAILED", stopDate=1763799999999))

    assert len(world.events) == len(world.messages) == 2


FAULTS = [refusing("ThrottlingException"), refusing("AccessDenied", 403), refusing("InternalError", 500)]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("deaf", "hears"), [("PutEvents", "messages"), ("Publish", "events")])
def test_who_is_deaf_is_told_again_and_who_heard_is_not(
    cloud: Cloud,
    world: World,
    fault: Answer,
    deaf: str,
    hears: str,
) -> None:
    cloud.faults = [Fault(answer=fault, operation=deaf)]

    with pytest.raises(UntoldError, match=deaf):
        handled(event("FAILED"))
    heard = len(getattr(world, hears))
    cloud.faults = []
    handled(event("FAILED"))

    assert heard == 1
    assert len(world.events) == len(world.messages) == 1


@pytest.mark.usefixtures("cloud")
def test_an_event_that_the_bus_takes_and_drops_is_not_told(world: World) -> None:
    world.deaf = True

    with pytest.raises(UntoldError, match="the bus: PutEvents: InternalFailure: we"):
        handled(event("FAILED"))

    assert len(world.messages) == 1


def test_a_network_that_is_gone_is_an_error_that_names_both(cloud: Cloud) -> None:
    cloud.faults = [Fault(answer=raising(EndpointConnectionError(endpoint_url="https://aws")))]

    with pytest.raises(UntoldError, match=r"the bus: .*; the topic: "):
        handled(event("SUCCEEDED"))
    assert telling.told == set()


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("missing", ["STAGE", "TOPIC_ARN", "STATE_MACHINE_ARN"])
def test_function_without_its_environment_is_an_error(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(missing)

    with pytest.raises(KeyError, match=missing):
        handled(event("FAILED"))
