"""Looking on at a run on ECS: its attempts, its task's state, its metrics, and every fault on the way."""

import json

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from mlstack.ecs.training.attempts import Attempt, titles
from mlstack.ecs.training.settings import MARKETS, Settings
from tests.mlstack.ecs.conftest import (
    BEGAN,
    MODELS,
    RUN,
    TRAINING,
    Answer,
    Lab,
    Run,
    execution,
    put,
    refused,
    stopped,
    task,
)
from tests.mlstack.wire import Clock

FOLLOW = ("run", "follow", RUN)
DOWN = EndpointConnectionError(endpoint_url="https://x")
TOLD = ("Starting", "Spot attempt 1", "waiting for an instance", "pulling the image", "running")
SPOT = "mlstack-sandbox-training-spot"
ON_DEMAND = "mlstack-sandbox-training-on-demand"


@pytest.fixture(autouse=True)
def deployed(lab: Lab) -> Lab:
    """A stage with a training, whose run goes on for four looks."""
    lab.training()
    lab.answer("DescribeExecution", *[execution("RUNNING")] * 5, execution())
    return lab


def logged(*lines: str) -> dict[str, object]:
    """What FilterLogEvents answers."""
    return {
        "events": [
            {"logStreamName": "x", "timestamp": 1000 + place, "eventId": str(place), "message": line}
            for place, line in enumerate(lines)
        ]
    }


def lines(errors: str) -> list[str]:
    """What was told, line by line."""
    return [line.strip() for line in errors.splitlines()]


def test_a_task_is_told_from_its_instance_to_its_metrics(lab: Lab, run: Run) -> None:
    lab.tasks([], [task(1, "PROVISIONING")], [task(1, "PENDING")], [task(1)], [task(1)], [stopped(1, 0, "done")])
    lab.answer("DescribeLogStreams", {"logStreams": [{"logStreamName": f"training/training/{1:032x}"}]})
    lab.answer("FilterLogEvents", logged("validation:accuracy=0.75"))

    code, _, errors = run(*FOLLOW)

    told = lines(errors)
    assert code == 0
    assert told[: len(TOLD)] == [*TOLD[:4], "running  validation:accuracy=0.75"]
    assert "failed" not in told
    assert lab.calls("DescribeLogStreams")[0]["logStreamNamePrefix"] == f"training/training/{1:032x}"


def test_the_last_attempt_of_a_run_that_fails_has_failed(lab: Lab, run: Run) -> None:
    lab.answer("DescribeExecution", execution("RUNNING"), execution("RUNNING"), execution("FAILED", cause="no room"))
    lab.tasks([task(1)])

    _, _, errors = run(*FOLLOW)

    assert lines(errors)[-2:] == ["failed", f"{RUN} is failed: no room"]


def test_a_run_that_never_had_a_task_has_failed_to_start(lab: Lab, run: Run) -> None:
    lab.answer("DescribeExecution", execution("RUNNING"), execution("FAILED", error="TrainingNotStarted"))

    _, _, errors = run(*FOLLOW)

    assert lines(errors) == ["Starting", "failed", f"{RUN} is failed: TrainingNotStarted"]


def test_an_interrupted_attempt_is_followed_by_the_next(lab: Lab, run: Run) -> None:
    first = stopped(1, 143, "Your Spot Task was interrupted.", capacityProviderName=SPOT)
    third = task(3, capacityProviderName=ON_DEMAND)
    lab.tasks([task(1)], [first], [first, task(2)], [task(2, "STOPPED"), third], [third])

    _, _, errors = run(*FOLLOW)

    told = lines(errors)
    assert "ended with 143: Your Spot Task was interrupted." in told
    assert [line for line in told if line in {"Spot attempt 1", "Spot attempt 2", "On-demand", "failed"}] == [
        "Spot attempt 1",
        "failed",
        "Spot attempt 2",
        "failed",
        "On-demand",
    ]


def test_attempts_that_came_between_two_looks_are_all_told(lab: Lab, run: Run) -> None:
    lab.tasks([stopped(2, 1, "x"), stopped(1, 143, "y")])

    _, _, errors = run(*FOLLOW)

    assert [line for line in lines(errors) if line.startswith("Spot")] == ["Spot attempt 1", "Spot attempt 2"]


def test_fargate_is_waited_for_by_its_name(lab: Lab, run: Run) -> None:
    lab.training(accelerator="cpu", instance_types=[])
    lab.tasks([task(1, "PROVISIONING", capacityProviderName="FARGATE_SPOT")])

    _, _, errors = run(*FOLLOW)

    assert {"Spot attempt 1", "waiting for Fargate"} <= set(lines(errors))


def test_tasks_of_others_are_described_once(lab: Lab, run: Run) -> None:
    lab.tasks([task(1, of="another"), task(2)])

    run(*FOLLOW)

    asked = [one["tasks"] for one in lab.calls("DescribeTasks")]
    looked_on, looked_up = asked[:-1], asked[-1]  # what it is worth is looked up anew
    assert [len(one) for one in looked_on] == [2, 1, 1, 1, 1]
    assert len(looked_up) == 2


def test_ecs_is_asked_about_as_many_tasks_at_once_as_it_takes(lab: Lab, run: Run) -> None:
    lab.tasks([task(number, of="another") for number in range(101)])

    run(*FOLLOW)

    assert [len(one["tasks"]) for one in lab.calls("DescribeTasks")][:2] == [100, 1]


def test_a_task_that_has_ended_is_not_asked_for_again(lab: Lab, run: Run) -> None:
    lab.tasks([stopped(1, 0, "done")])

    run(*FOLLOW)

    assert len(lab.calls("DescribeTasks")) == 2  # once while looking on, and once for what it is worth


@pytest.mark.parametrize("operation", ["ListTasks", "DescribeTasks"])
@pytest.mark.parametrize("fault", [refused("ThrottlingException"), refused("AccessDeniedException"), DOWN])
def test_a_task_that_cannot_be_seen_does_not_end_the_look(lab: Lab, run: Run, operation: str, fault: Answer) -> None:
    lab.tasks([task(1)])
    lab.answer(operation, fault)

    code, _, errors = run(*FOLLOW)

    assert code == 0
    assert "cannot be seen: " in errors


def test_a_log_that_cannot_be_read_is_said_once(lab: Lab, run: Run) -> None:
    lab.tasks([task(1)])
    lab.answer("DescribeLogStreams", refused("AccessDeniedException"))

    code, _, errors = run(*FOLLOW)

    assert code == 0
    assert errors.count("the metrics cannot be read now") == 1


def test_a_run_out_of_sight_says_that_it_may_go_on(lab: Lab, run: Run) -> None:
    lab.answer("DescribeExecution", execution("RUNNING"), DOWN)

    code, _, errors = run(*FOLLOW)

    assert code == 2
    assert f"{RUN} is out of sight" in errors
    assert "see `mlstack run list --aws`" in errors


def test_an_interrupt_says_how_to_look_on_again(lab: Lab, run: Run) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    lab.happenings.append(interrupt)

    code, _, errors = run(*FOLLOW)

    assert code == 130
    assert f"{RUN} goes on; `mlstack run follow {RUN} --aws` looks on again, and `mlstack run stop {RUN}" in errors


def test_what_is_far_away_is_not_asked_all_the_time(clock: Clock, run: Run) -> None:
    run(*FOLLOW)

    assert set(clock.slept) == {3.0}


def test_a_stopped_run_is_no_failure_of_the_training(lab: Lab, run: Run) -> None:
    cause = "somebody stopped it with `mlstack run stop`"
    lab.answer("DescribeExecution", execution("ABORTED", cause=cause))

    code, _, errors = run(*FOLLOW)

    assert code == 1
    assert f"{RUN} is stopped: {cause}" in errors.splitlines()


def test_what_an_interrupted_training_says_of_its_folder_is_no_reason(lab: Lab, run: Run) -> None:
    lab.answer("DescribeExecution", execution("FAILED", error="TrainingFailed"))
    lab.tasks([stopped(1, 143, "")])
    last = ["validation:loss=0.4", "stopped; checkpoints/sorter is where to continue from"]
    lab.answer("GetLogEvents", {"events": [{"message": line} for line in last]})

    _, _, errors = run(*FOLLOW)

    assert errors.splitlines() == [f"{RUN} is failed: TrainingFailed; its last line: validation:loss=0.4"]


def test_a_run_is_stopped_with_its_task(lab: Lab, run: Run) -> None:
    lab.answer("StopExecution", {"stopDate": BEGAN})

    code, _, errors = run("run", "stop", RUN)

    assert code == 0
    assert lab.calls("StopExecution")[0]["cause"] == "somebody stopped it with `mlstack run stop`"
    assert f"stopped {RUN}; its task saves what it has and ends within two minutes" in errors


def test_a_run_that_has_ended_is_not_stopped(lab: Lab, run: Run) -> None:
    lab.answer("DescribeExecution", execution())

    code, _, errors = run("run", "stop", RUN)

    assert code == 2
    assert "has succeeded already; see `mlstack run list --aws`" in errors
    assert not lab.calls("StopExecution")


def test_a_run_that_is_stopped_already_is_as_it_was_wished(lab: Lab, run: Run) -> None:
    lab.answer("DescribeExecution", execution("ABORTED"))

    code, _, errors = run("run", "stop", RUN)

    assert (code, errors) == (0, f"{RUN} is stopped already\n")
    assert not lab.calls("StopExecution")


@pytest.mark.parametrize("name", ["nope", "a b", "", "../../x", "x" * 81, "\x1b[31m"])
@pytest.mark.parametrize("verb", ["follow", "stop"])
def test_a_run_that_is_not_there_names_the_list(lab: Lab, run: Run, name: str, verb: str) -> None:
    lab.answer("DescribeExecution", refused("ExecutionDoesNotExist"))
    lab.answer("ListExecutions", {"executions": [_listed(RUN)]})

    code, _, errors = run("run", verb, name)

    assert code == 2
    assert "see `mlstack run list --aws`" in errors
    assert "\x1b" not in errors
    assert len(errors.splitlines()) == 1


def test_runs_are_listed_with_what_came_of_them(lab: Lab, run: Run) -> None:
    cause = json.dumps({"StoppedReason": "no room", "Containers": [{"Name": "training"}]})
    lab.answer("ListExecutions", {"executions": [_listed(RUN), _listed("other-1")]})
    lab.answer("DescribeExecution", execution(), execution("FAILED", name="other-1", cause=cause))

    code, output, _ = run("run", "list")

    assert code == 0
    assert "model.tar.gz" in output
    assert "no room; `mlstack run follow other-1 --aws` says more" in output
    assert "StoppedReason" not in output


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_failed_run_is_listed_with_what_its_training_wrote(lab: Lab, run: Run, options: tuple[str, ...]) -> None:
    put(MODELS, f"ecs/runs/{RUN}/failure", "channel train: a has one picture only\n")
    lab.answer("ListExecutions", {"executions": [_listed(RUN)]})
    lab.answer("DescribeExecution", execution("FAILED", error="TrainingFailed", cause="the log says why"))

    _, output, _ = run("run", "list", *options)

    assert "channel train: a has one picture only" in output
    assert "says more" not in output


@pytest.mark.parametrize("fault", [refused("AccessDenied"), DOWN])
def test_a_reason_that_cannot_be_read_does_not_hide_the_list(lab: Lab, run: Run, fault: Answer) -> None:
    lab.answer("ListExecutions", {"executions": [_listed(RUN)]})
    lab.answer("DescribeExecution", execution("FAILED", error="TrainingFailed"))
    lab.answer("GetObject", fault)

    code, output, _ = run("run", "list")

    assert code == 0
    assert f"TrainingFailed; `mlstack run follow {RUN} --aws` says more" in output


def test_a_stopped_run_is_listed_without_a_look_for_more(lab: Lab, run: Run) -> None:
    lab.answer("ListExecutions", {"executions": [_listed(RUN)]})
    lab.answer("DescribeExecution", execution("ABORTED", cause="somebody stopped it"))

    _, output, _ = run("run", "list")

    assert "somebody stopped it" in output
    assert "says more" not in output
    assert not lab.calls("GetObject")


def test_runs_are_listed_for_machines_too(lab: Lab, run: Run) -> None:
    lab.answer("ListExecutions", {"executions": [_listed(RUN)]})

    _, output, _ = run("run", "list", "--json")

    said = [(one["run"], one["execution"], one["model"], one["does"]) for one in json.loads(output)]
    assert said == [(RUN, RUN, "sorter", "train")]


def test_a_list_for_machines_holds_what_each_model_is_worth(lab: Lab, run: Run) -> None:
    put(MODELS, f"ecs/runs/{RUN}/evaluation.json", json.dumps({"metrics": {"accuracy": 0.9375}}))
    lab.answer("ListExecutions", {"executions": [_listed(RUN), _listed("other-1")]})
    lab.answer("DescribeExecution", execution(), execution("FAILED", name="other-1"))

    _, output, _ = run("run", "list", "--json")

    assert [one["metrics"] for one in json.loads(output)] == [{"accuracy": 0.9375}, None]
    assert not lab.calls("GetLogEvents")


def test_a_stage_without_runs_says_how_to_start_one(lab: Lab, run: Run) -> None:
    lab.answer("ListExecutions", {"executions": []})

    code, _, errors = run("run", "list")

    assert code == 0
    assert "has had no run on ECS; `mlstack run training MODEL --on ecs --data FOLDER --aws` starts one" in errors


def _listed(name: str) -> dict[str, object]:
    machine = execution()["stateMachineArn"]
    return {
        "name": name,
        "executionArn": f"{machine}:{name}",
        "stateMachineArn": machine,
        "status": "SUCCEEDED",
        "startDate": BEGAN,
    }


@given(st.lists(st.sampled_from(MARKETS), max_size=12))
def test_each_attempt_has_a_title_of_its_own_that_says_its_market(markets: list[str]) -> None:
    found = titles(
        [
            Attempt(arn=str(place), market=market, status="RUNNING", created=BEGAN, on_instances=True)
            for place, market in enumerate(markets)
        ]
    )

    assert len(set(found)) == len(markets)
    assert [title.startswith("Spot") for title in found] == [market == "spot" for market in markets]


@pytest.mark.parametrize(
    "told",
    [
        {"lastStatus": "STRANGE\x1b"},
        {"containers": None},
        {"createdAt": None, "capacityProviderName": None},
        {"containers": [{"name": "sidecar", "exitCode": 9}]},
    ],
)
def test_whatever_ecs_says_of_a_task_can_be_shown(told: dict[str, object]) -> None:
    found = Attempt.read({**task(1), **told}, Settings.read(json.dumps(TRAINING)))

    assert found.shown.isprintable()
    assert found.exit_code is None


@pytest.mark.parametrize(
    ("provider", "market"),
    [
        ("FARGATE_SPOT", "spot"),
        ("FARGATE", "on-demand"),
        ("mlstack-sandbox-spot", "spot"),
        ("mlstack-spot-on-demand", "on-demand"),
        ("", "on-demand"),
    ],
)
def test_a_capacity_provider_tells_the_market_by_its_end(provider: str, market: str) -> None:
    told = {**task(1), "capacityProviderName": provider}

    assert Attempt.read(told, Settings.read(json.dumps(TRAINING))).market == market
