"""A state that runs a task of ECS: it ends as the task's essential containers do, and no task outlives its state."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceARN,
    ResourceRuntimePart,
    ServiceResource,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment

from mlstack.local.workflow import ecs_task
from mlstack.local.workflow.ecs_task import EcsTask, did_well
from mlstack.local.workflow.waiting_task import TaskStoppedError
from tests.local.ecs.shop import Shop
from tests.local.patience import eventually
from tests.local.workflow.conftest import Json, Machine

MakeMachine = Callable[..., Machine]
RUN = "arn:aws:states:::ecs:runTask"
CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/c"
TASK = "arn:aws:ecs:us-east-1:123456789012:task/c/1"
MADE = datetime(2026, 11, 22, 6, 40, 0, 123000, tzinfo=UTC)


REFUSED = ClientError({"Error": {"Code": "ServerException", "Message": "no"}}, "Any")


class Ecs:
    """An ECS whose one task goes through the given states and stays in the last."""

    def __init__(self, *states: str, codes: Sequence[int | None] = (0,), failures: Sequence[Json] = ()) -> None:
        self._states = [*states]
        self._codes, self._failures = codes, failures
        self.asked: list[Json] = []
        self.stopped: list[Json] = []
        self.broken: set[str] = set()

    def run_task(self, **asked: object) -> Json:
        self.asked.append(asked)
        return {"tasks": [] if self._failures else [self._task("PROVISIONING")], "failures": [*self._failures]}

    def describe_tasks(self, **_asked: object) -> Json:
        self._fault("describe_tasks")
        status = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        found = [] if status == "GONE" else [self._task(status)]
        return {"tasks": found, "failures": [], "ResponseMetadata": {"HTTPStatusCode": 200}}

    def describe_task_definition(self, **_asked: object) -> Json:
        self._fault("describe_task_definition")
        containers = [{"name": f"c{number}", "essential": number == 0} for number, _ in enumerate(self._codes)]
        return {"taskDefinition": {"containerDefinitions": containers}}

    def stop_task(self, **asked: object) -> None:
        self.stopped.append(asked)
        self._fault("stop_task")

    def _fault(self, operation: str) -> None:
        if operation in self.broken:
            raise REFUSED

    def _task(self, status: str) -> Json:
        codes = self._codes if status == "STOPPED" else [None for _ in self._codes]
        containers = [
            {"name": f"c{number}", **({} if code is None else {"exitCode": code})} for number, code in enumerate(codes)
        ]
        overrides = {"containerOverrides": [{"name": "c0", "environment": [{"name": "lower", "value": "x"}]}]}
        return {
            "taskArn": TASK,
            "clusterArn": CLUSTER,
            "taskDefinitionArn": "family:1",
            "lastStatus": status,
            "createdAt": MADE,
            "containers": containers,
            "overrides": overrides,
            "tags": [{"key": "stage", "value": "sandbox"}],
        }


class Running:
    """As much of an execution as a state looks at."""

    next_state_name = "Train"
    event_history_context = SimpleNamespace(source_event_id=4)

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.runs = True

    def is_running(self) -> bool:
        return self.runs


Run = Callable[..., Json]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a task as its state does; what the state gives."""
    monkeypatch.setattr(ecs_task, "STEP_S", 0.01)

    def ran(ecs: Ecs, running: Running, *, pattern: str = ".sync", **parameters: object) -> Json:
        monkeypatch.setattr(ecs_task, "boto_client_for", lambda *_: ecs)
        made, where = EcsTask(), ResourceRuntimePart(account="123456789012", region="us-east-1")
        made.resource = ServiceResource(ResourceARN.from_arn(RUN + pattern))
        env, asked = cast("Environment", running), {"Cluster": "c", "TaskDefinition": "family", **parameters}
        made._eval_service_task(env, where, asked, None)  # noqa: SLF001 - moto calls it so
        if pattern:
            made._eval_integration_pattern(env, where, asked, None)  # noqa: SLF001 - moto calls it so
        answer: Json = running.stack[-1]
        return answer

    return ran


def failure(caught: pytest.ExceptionInfo[FailureEventException]) -> tuple[str, Json]:
    [details] = cast("dict[str, Json]", caught.value.failure_event.event_details).values()
    return str(details["error"]), dict(json.loads(details["cause"]))


def test_state_ends_with_its_task_in_capital_letters_and_milliseconds(run: Run) -> None:
    ecs = Ecs("PENDING", "RUNNING", "STOPPED")

    said = run(ecs, Running())

    assert (said["TaskArn"], said["LastStatus"], said["CreatedAt"]) == (TASK, "STOPPED", 1795329600123)
    assert said["Containers"] == [{"Name": "c0", "ExitCode": 0}]
    assert said["Overrides"]["ContainerOverrides"][0]["Environment"] == [{"Name": "lower", "Value": "x"}]
    assert said["Tags"] == [{"Key": "stage", "Value": "sandbox"}]
    assert ecs.stopped == []


def test_parameters_reach_ecs_under_its_own_names(run: Run) -> None:
    ecs = Ecs("STOPPED")
    strategy = [{"CapacityProvider": "spot", "Weight": 1, "Base": 0}]
    overrides = {"ContainerOverrides": [{"Name": "training", "Environment": [{"Name": "RUN", "Value": 7}]}]}

    run(ecs, Running(), CapacityProviderStrategy=strategy, Overrides=overrides, PropagateTags="TASK_DEFINITION")

    assert ecs.asked == [
        {
            "cluster": "c",
            "taskDefinition": "family",
            "capacityProviderStrategy": [{"capacityProvider": "spot", "weight": 1, "base": 0}],
            "overrides": {"containerOverrides": [{"name": "training", "environment": [{"name": "RUN", "value": "7"}]}]},
            "propagateTags": "TASK_DEFINITION",
            "startedBy": "AWS Step Functions",
        }
    ]


def test_request_alone_is_answered_at_once_with_whatever_was_placed(run: Run) -> None:
    ecs = Ecs("RUNNING", failures=[{"reason": "RESOURCE:GPU"}])

    said = run(ecs, Running(), pattern="")

    assert said == {"Tasks": [], "Failures": [{"Reason": "RESOURCE:GPU"}]}
    assert "startedBy" not in ecs.asked[0]


def test_task_that_was_not_placed_fails_its_state_as_unknown(run: Run) -> None:
    ecs = Ecs("RUNNING", failures=[{"arn": "a", "reason": "RESOURCE:GPU"}])

    with pytest.raises(FailureEventException) as caught:
        run(ecs, Running())

    assert failure(caught) == ("AmazonECS.Unknown", {"Tasks": [], "Failures": [{"Arn": "a", "Reason": "RESOURCE:GPU"}]})


@pytest.mark.parametrize("codes", [(1,), (143,), (None,), (1, 0), (None, 0)])
def test_task_whose_essential_container_did_not_do_well_fails_its_state(
    codes: tuple[int | None, ...], run: Run
) -> None:
    with pytest.raises(FailureEventException) as caught:
        run(Ecs("RUNNING", "STOPPED", codes=codes), Running())

    error, cause = failure(caught)
    assert (error, cause["TaskArn"]) == ("States.TaskFailed", TASK)
    assert cause["Containers"][0].get("ExitCode") == codes[0]


def test_cause_has_no_spaces_between_its_words(run: Run) -> None:
    with pytest.raises(FailureEventException) as caught:
        run(Ecs("STOPPED", codes=(143,)), Running())

    [details] = cast("dict[str, Json]", caught.value.failure_event.event_details).values()
    assert '"ExitCode":143' in details["cause"]


def test_container_that_is_not_essential_may_fail(run: Run) -> None:
    assert run(Ecs("STOPPED", codes=(0, 1)), Running())["LastStatus"] == "STOPPED"


def test_every_container_counts_where_nobody_knows_which_are_essential(run: Run) -> None:
    ecs = Ecs("STOPPED", codes=(0, 1))
    ecs.broken = {"describe_task_definition"}

    with pytest.raises(FailureEventException):
        run(ecs, Running())


def test_task_that_ecs_has_forgotten_has_failed(run: Run) -> None:
    with pytest.raises(FailureEventException) as caught:
        run(Ecs("RUNNING", "GONE"), Running())

    assert failure(caught)[0] == "States.TaskFailed"


@pytest.mark.parametrize("broken", [set(), {"stop_task"}])
def test_state_that_is_stopped_while_it_waits_stops_its_task(broken: set[str], run: Run) -> None:
    ecs, running = Ecs("RUNNING"), Running()
    ecs.broken = broken
    ends: list[object] = []

    def wait() -> None:
        with suppress(TaskStoppedError):
            ends.append(run(ecs, running))

    thread = Thread(target=wait)
    thread.start()
    time.sleep(0.05)
    before = [*ecs.stopped]
    running.runs = False
    thread.join(timeout=5)

    assert not thread.is_alive()
    assert before == ends == []
    [asked] = ecs.stopped
    assert (asked["cluster"], asked["task"]) == (CLUSTER, TASK)


def test_task_that_was_placed_just_before_the_stop_is_stopped_too(run: Run) -> None:
    ecs, running = Ecs("RUNNING"), Running()
    running.runs = False

    with pytest.raises(TaskStoppedError):
        run(ecs, running)

    assert len(ecs.stopped) == 1


def test_field_that_ecs_does_not_have_ends_the_execution(run: Run) -> None:
    unknowns: list[Json] = [{"Clusters": "c"}, {"cluster": "c"}, {"Overrides": {"Containers": []}}]
    for unknown in unknowns:
        with pytest.raises(FailureEventException) as caught:
            run(Ecs("STOPPED"), Running(), **unknown)
        [details] = cast("dict[str, Json]", caught.value.failure_event.event_details).values()
        assert details["error"] == "States.Runtime"


CODES = st.lists(st.tuples(st.booleans(), st.none() | st.integers(0, 255)), max_size=5)


@given(CODES)
def test_task_did_well_only_if_each_essential_container_ended_with_nought(drawn: list[tuple[bool, int | None]]) -> None:
    containers = [
        {"Name": str(number), **({} if code is None else {"ExitCode": code})} for number, (_, code) in enumerate(drawn)
    ]
    essential = frozenset(str(number) for number, (is_essential, _) in enumerate(drawn) if is_essential)

    codes = [code for is_essential, code in drawn if is_essential]

    assert did_well({"Containers": containers}, essential) == (codes != [] and set(codes) == {0})


@pytest.mark.parametrize("resource", ["runTask.waitForTaskToken", "stopTask", "runTask.sync:2", "describeTasks.sync"])
def test_resource_that_is_not_there_is_refused_at_once(resource: str, machine: MakeMachine) -> None:
    states = {"Run": {"Type": "Task", "Resource": f"arn:aws:states:::ecs:{resource}", "Parameters": {}, "End": True}}

    with pytest.raises(ClientError):
        machine(states)


def state(shop: Shop, *command: str, **more: object) -> Json:
    """A state that runs a task on Fargate."""
    network = {"AwsvpcConfiguration": {"Subnets": [*shop.network["awsvpcConfiguration"]["subnets"]]}}
    parameters = {
        "Cluster": shop.cluster,
        "TaskDefinition": shop.definition(shop.container("one", *command)),
        "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}],
        "NetworkConfiguration": network,
    }
    return {"Type": "Task", "Resource": f"{RUN}.sync", "Parameters": parameters, **more}


def only_task(shop: Shop, status: str) -> str:
    """The one task of the cluster, once it has come so far."""

    def look() -> str:
        for wanted in ("RUNNING", "STOPPED"):
            for arn in shop.ecs.list_tasks(cluster=shop.cluster, desiredStatus=wanted)["taskArns"]:
                if shop.task(arn)["lastStatus"] == status:
                    return str(arn)
        return ""

    return eventually(look)


def test_execution_gives_what_its_task_came_to(shop: Shop, machine: MakeMachine) -> None:
    made = machine({"Run": state(shop, "end", "0", End=True)})

    said = made.run()

    output = json.loads(said["output"])
    assert (output["LastStatus"], output["StopCode"]) == ("STOPPED", "EssentialContainerExited")
    assert (output["Containers"][0]["ExitCode"], output["CapacityProviderName"]) == (0, "FARGATE_SPOT")
    assert output["StartedBy"] == "AWS Step Functions"


def test_failed_task_is_caught_with_its_description(shop: Shop, machine: MakeMachine) -> None:
    catch = [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": "Read"}]
    read = {"Type": "Pass", "Parameters": {"task.$": "States.StringToJson($.error.Cause)"}, "End": True}
    run = state(shop, "end", "3", Catch=catch, End=True)

    said = json.loads(machine({"Run": run, "Read": read}).run()["output"])["task"]

    assert (said["StopCode"], said["Containers"][0]["ExitCode"]) == ("EssentialContainerExited", 3)
    assert said["StoppedReason"] == "Essential container in task exited"


def test_retry_runs_another_task(shop: Shop, machine: MakeMachine) -> None:
    retry = [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}]

    said = machine({"Run": state(shop, "end", "3", Retry=retry, End=True)}).run()

    stopped = shop.ecs.list_tasks(cluster=shop.cluster, desiredStatus="STOPPED")["taskArns"]
    assert (said["status"], said["error"], len(stopped)) == ("FAILED", "States.TaskFailed", 2)


def test_stopped_execution_stops_its_task(shop: Shop, machine: MakeMachine) -> None:
    made = machine({"Run": state(shop, "gentle", End=True)})
    execution = made.start()
    arn = only_task(shop, "RUNNING")

    made.client.stop_execution(executionArn=execution)

    assert shop.reached(arn, "STOPPED")["stopCode"] == "UserInitiated"
    assert made.told(execution)["status"] == "ABORTED"


def test_state_that_takes_too_long_stops_its_task_and_is_caught(shop: Shop, machine: MakeMachine) -> None:
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]
    run = state(shop, "gentle", TimeoutSeconds=2, Catch=catch, End=True)

    said = machine({"Run": run, "Late": {"Type": "Pass", "Result": "late", "End": True}}).run()

    assert json.loads(said["output"]) == "late"
    assert shop.task(only_task(shop, "STOPPED"))["stopCode"] == "UserInitiated"


def test_refusal_is_caught_by_the_name_of_ecs(shop: Shop, machine: MakeMachine) -> None:
    run = state(shop, "end", "0", End=True)
    run["Parameters"]["Cluster"] = "none"

    said = machine({"Run": run}).run()

    assert (said["status"], said["error"]) == ("FAILED", "ECS.ClusterNotFoundException")
    assert "(Service: AmazonECS; Status Code: 400; Error Code: ClusterNotFoundException; Request ID: " in said["cause"]
