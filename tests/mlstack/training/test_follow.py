"""Looking on at a run: its steps, what its jobs reach, and every fault on the way."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from mlstack import account
from mlstack.console import err, out
from mlstack.target import Target
from mlstack.training import launch
from mlstack.training.history import Work
from mlstack.training.stage import Stage
from mlstack.training.view import Spoken as SpokenView
from shared.training_run import job_name
from tests.mlstack.training.conftest import MACHINE, Run, asked, bodies, execution, history
from tests.mlstack.wire import Spoken, Wire, refused, said

NAME = "waste-sorter-20261122-093000-3fa9"
JOB = job_name("sandbox", NAME)
ACCURACY = {"Name": "validation:accuracy", "Regex": "validation:accuracy=([0-9.]+)"}
LOSS = {"Name": "train:loss", "Regex": "train:loss=([0-9.]+)"}
DOWN = EndpointConnectionError(endpoint_url="https://x")
FOLLOW = ("models", "follow", NAME)


def training(status: str = "Training", **more: object) -> Spoken:
    """What DescribeTrainingJob answers."""
    return said(
        TrainingJobStatus="InProgress",
        SecondaryStatus=status,
        AlgorithmSpecification={"TrainingInputMode": "File", "MetricDefinitions": [ACCURACY, LOSS]},
        **more,
    )


def logged(*lines: str, first: int = 0) -> Spoken:
    """What FilterLogEvents answers."""
    events = [
        {"logStreamName": f"{JOB}/algo-1-1", "timestamp": 1000 + first + n, "eventId": str(first + n), "message": line}
        for n, line in enumerate(lines)
    ]
    return said(events=events)


@pytest.fixture
def going(wire: Wire) -> Wire:
    """A run that trains for two looks, and has succeeded at the third."""
    wire.answer("DescribeExecution", execution("RUNNING"), execution("RUNNING"), execution("RUNNING"), execution())
    wire.answer(
        "GetExecutionHistory",
        history(("Plan", None), ("Train", "createTrainingJob.sync")),
        said(events=[]),
        history(("Judge", "invoke"), first=4),
    )
    wire.answer("DescribeTrainingJob", training())
    wire.answer("DescribeLogStreams", said(logStreams=[{"logStreamName": f"{JOB}/algo-1-1"}]))
    wire.answer(
        "FilterLogEvents",
        logged("train:loss=0.9", "validation:accuracy=0.5"),
        logged("validation:accuracy=0.5", "validation:accuracy=0.75000001", first=1),
    )
    return wire


def test_steps_and_metrics_are_told_as_they_come(going: Wire, run: Run) -> None:
    going.answer("DescribeTrainingJob", training("Downloading"), training(), training("Completed"))

    code, _, errors = run(*FOLLOW)

    assert code == 0
    assert [line.strip() for line in errors.splitlines()][:5] == [
        "Plan",
        "Train",
        "Downloading  validation:accuracy=0.5  train:loss=0.9",
        "Training  validation:accuracy=0.75  train:loss=0.9",
        "Completed  validation:accuracy=0.75  train:loss=0.9",
    ]
    assert "Judge" in errors


def test_the_first_numbers_are_told_at_once(going: Wire, run: Run) -> None:
    going.answer("FilterLogEvents", said(events=[]), logged("train:loss=0.9"), logged("train:loss=0.8"))

    _, _, errors = run(*FOLLOW)

    assert [line.strip() for line in errors.splitlines()][2:4] == ["Training", "Training  train:loss=0.9"]
    assert "train:loss=0.8" not in errors


@pytest.mark.usefixtures("going")
def test_numbers_alone_do_not_fill_the_screen(run: Run) -> None:
    _, _, errors = run(*FOLLOW)

    assert errors.count("validation:accuracy") == 1


def test_the_log_of_exactly_this_job_is_read(going: Wire, run: Run) -> None:
    run(*FOLLOW)

    [streams, *_] = bodies(going, "DescribeLogStreams")
    [first, second, *_] = bodies(going, "FilterLogEvents")
    assert streams == {"logGroupName": "/aws/sagemaker/TrainingJobs", "logStreamNamePrefix": f"{JOB}/"}
    assert (first["startTime"], second["startTime"]) == (0, 1001)
    assert first["logStreamNames"] == [f"{JOB}/algo-1-1"]


@pytest.mark.parametrize(
    ("operation", "answers"),
    [
        ("DescribeLogStreams", [refused("ResourceNotFoundException")]),
        ("DescribeLogStreams", [said(logStreams=[])]),
        ("DescribeTrainingJob", [refused("ResourceNotFound"), training("Starting"), training()]),
        ("FilterLogEvents", [logged("train:loss=much", "validation:accuracy=", "\x00" * 5_000)]),
    ],
)
def test_what_is_not_there_yet_is_no_fault(
    going: Wire, run: Run, operation: str, answers: list[Spoken | Exception]
) -> None:
    going.answer(operation, *answers)

    code, _, errors = run(*FOLLOW)

    assert code == 0
    assert "cannot" not in errors


@pytest.mark.parametrize("operation", ["DescribeLogStreams", "FilterLogEvents"])
@pytest.mark.parametrize("fault", [refused("AccessDeniedException", "not you"), DOWN])
def test_metrics_that_cannot_be_read_are_said_once_and_end_nothing(
    going: Wire, run: Run, operation: str, fault: Spoken | Exception
) -> None:
    going.answer(operation, fault)

    code, _, errors = run(*FOLLOW)

    assert code == 0
    assert errors.count("the metrics cannot be read now") == 1


@pytest.mark.parametrize("fault", [refused("AccessDeniedException", "not you"), DOWN])
def test_a_job_that_cannot_be_seen_ends_nothing(going: Wire, run: Run, fault: Spoken | Exception) -> None:
    going.answer("DescribeTrainingJob", fault)

    code, _, errors = run(*FOLLOW)

    assert code == 0
    assert "cannot be seen" in errors


@pytest.mark.parametrize("regex", ["(", "validation:accuracy", "validation:(accuracy)"])
def test_an_expression_that_finds_no_number_is_passed_over(going: Wire, run: Run, regex: str) -> None:
    definitions = [{"Name": "odd", "Regex": regex}, LOSS]
    algorithm = {"TrainingInputMode": "File", "MetricDefinitions": definitions}
    going.answer("DescribeTrainingJob", said(TrainingJobStatus="InProgress", AlgorithmSpecification=algorithm))

    _, _, errors = run(*FOLLOW)

    assert "InProgress  train:loss=0.9" in errors
    assert "odd" not in errors


@pytest.mark.parametrize("operation", ["DescribeExecution", "GetExecutionHistory"])
def test_a_fault_of_a_moment_does_not_end_the_look(going: Wire, run: Run, operation: str) -> None:
    first, *rest = going.answers[operation]
    going.answer(operation, first, DOWN, refused("ThrottlingException"), *rest)

    assert run(*FOLLOW)[0] == 0


def test_faults_that_pass_each_time_never_end_the_look(going: Wire, run: Run) -> None:
    looks: list[Spoken | Exception] = [execution("RUNNING"), DOWN]
    going.answer("DescribeExecution", *looks * 10, execution())

    assert run(*FOLLOW)[0] == 0


def test_a_run_out_of_sight_says_so_and_where_to_look(going: Wire, run: Run, slept: list[float]) -> None:
    going.answer("DescribeExecution", execution("RUNNING"), DOWN)

    code, _, errors = run(*FOLLOW)

    assert (code, len(slept)) == (2, 5)
    assert f"{NAME} is out of sight (Could not connect" in errors
    assert "may go on; see `mlstack models runs`" in errors


@pytest.mark.parametrize(
    ("resource", "operation", "answer", "told"),
    [
        (
            "createHyperParameterTuningJob.sync",
            "DescribeHyperParameterTuningJob",
            {
                "HyperParameterTuningJobConfig": {"ResourceLimits": {"MaxNumberOfTrainingJobs": 6}},
                "TrainingJobStatusCounters": {"Completed": 3, "InProgress": 2, "NonRetryableError": 1},
                "BestTrainingJob": {
                    "FinalHyperParameterTuningJobObjectiveMetric": {"MetricName": "validation:accuracy", "Value": 0.93},
                    "TunedHyperParameters": {"learning_rate": "0.01"},
                },
            },
            "3 of 6 jobs, 2 running, 1 failed  best validation:accuracy=0.93  by learning_rate=0.01",
        ),
        ("createHyperParameterTuningJob.sync", "DescribeHyperParameterTuningJob", {}, "0 jobs, 0 running"),
        ("createProcessingJob.sync", "DescribeProcessingJob", {"ProcessingJobStatus": "InProgress"}, "InProgress"),
        ("describeCompilationJob", "DescribeCompilationJob", {"CompilationJobStatus": "STARTING"}, "STARTING"),
        ("createTransformJob.sync", "DescribeTransformJob", {"TransformJobStatus": "InProgress"}, "InProgress"),
    ],
)
def test_every_kind_of_job_is_looked_at(  # noqa: PLR0913, PLR0917 (a row of the table)
    wire: Wire, run: Run, resource: str, operation: str, answer: dict[str, Any], told: str
) -> None:
    wire.answer("DescribeExecution", execution("RUNNING"), execution("RUNNING"), execution())
    wire.answer("GetExecutionHistory", history(("Work", resource)))
    wire.answer(operation, said(**answer))

    code, _, errors = run(*FOLLOW)

    assert code == 0
    assert errors.splitlines()[:2] == ["Work", f"  {told}"]
    assert JOB in asked(wire, operation).values()


def test_a_step_that_comes_round_again_is_told_once(wire: Wire, run: Run) -> None:
    rounds = [("Compile", "createCompilationJob")] + [("LookAtCompilation", "describeCompilationJob")] * 20
    wire.answer("DescribeExecution", execution("RUNNING"), execution("RUNNING"), execution())
    wire.answer("GetExecutionHistory", history(*rounds))
    wire.answer("DescribeCompilationJob", said(CompilationJobStatus="INPROGRESS"))

    _, _, errors = run(*FOLLOW)

    assert [line for line in errors.splitlines() if "ompil" in line] == ["Compile", "Look at compilation"]


def test_a_step_that_failed_is_marked_unless_it_was_tried_again(wire: Wire, run: Run) -> None:
    wire.answer("DescribeExecution", *[execution("RUNNING")] * 3, execution("FAILED", error="X"))
    train, explain = history(("Train", "invoke")), history(("Explain", None), first=9)
    failed = {"id": 3, "timestamp": 1, "type": "TaskFailed", "taskFailedEventDetails": {"resource": "invoke"}}
    retried = {**json.loads(train.body)["events"][0], "id": 4}
    failed_again = {**failed, "id": 5}

    wire.answer("GetExecutionHistory", train, said(events=[failed_again, retried, failed]), explain)
    for_good = run(*FOLLOW)
    wire.answer("DescribeExecution", *[execution("RUNNING")] * 3, execution())
    wire.answer("GetExecutionHistory", train, said(events=[retried, failed]), explain)
    once = run(*FOLLOW)

    assert (for_good[0], for_good[2].splitlines()[:4]) == (1, ["Train", "  failed", "Explain", "  failed"])
    assert (once[0], once[2].splitlines()[:3]) == (
        0,
        ["Train", "Explain", "next: `mlstack predict waste-sorter PHOTO.jpg`"],
    )


@pytest.mark.parametrize(("status", "mark"), [("SUCCEEDED", "✓"), ("ABORTED", "✗")])
def test_a_terminal_marks_how_each_step_ended(
    wire: Wire, run: Run, monkeypatch: pytest.MonkeyPatch, status: str, mark: str
) -> None:
    monkeypatch.setattr(err, "_force_terminal", True)
    wire.answer("DescribeExecution", execution("RUNNING"), execution("RUNNING"), execution(status))

    assert f"{mark} Train" in run(*FOLLOW)[2]


def test_steps_that_take_turns_are_told_once_each(wire: Wire, run: Run) -> None:
    wire.answer("DescribeExecution", execution("RUNNING"), execution("RUNNING"), execution())
    wire.answer("GetExecutionHistory", history(("Ask", None), ("Answer", None), ("Ask", None), ("Answer", None)))

    assert run(*FOLLOW)[2].splitlines()[:3] == ["Ask", "Answer", "next: `mlstack predict waste-sorter PHOTO.jpg`"]


def test_a_run_can_be_followed_by_a_program(wire: Wire) -> None:
    told: list[str] = []
    wire.answer("DescribeExecution", execution("RUNNING"), execution("FAILED", error="GateNotPassed"))
    wire.answer("GetExecutionHistory", history(("Evaluate", "createProcessingJob.sync")))
    wire.answer("DescribeProcessingJob", said(ProcessingJobStatus="InProgress"))
    stage = Stage.find(Target(account.choose("local"), "sandbox"))

    ended = launch.run(stage, {"model": "waste-sorter", "train": {}}, SpokenView(told.append))

    assert (ended.status, ended.error, ended.output) == ("FAILED", "GateNotPassed", None)
    assert told == ["Evaluate", *["Evaluate  InProgress"] * 2, "Evaluate  failed"]
    assert wire.calls("Invoke", "StartExecution") == ["Invoke", "StartExecution"]


def test_a_long_history_is_read_page_by_page_from_its_end(wire: Wire, run: Run) -> None:
    new = history(("Train", None), first=150)
    old = history(("Plan", None))
    page = json.loads(new.body) | {"nextToken": "more"}
    wire.answer("DescribeExecution", execution("RUNNING"), execution("RUNNING"), execution())
    wire.answer("GetExecutionHistory", said(**page), old, said(**page))

    _, _, errors = run(*FOLLOW)

    assert errors.splitlines()[:2] == ["Plan", "Train"]
    pages = bodies(wire, "GetExecutionHistory")
    assert [one.get("nextToken") for one in pages] == [None, "more", None]
    assert pages[0]["reverseOrder"]


def test_a_run_that_has_ended_is_just_shown(wire: Wire, run: Run) -> None:
    code, output, _ = run(*FOLLOW)

    assert (code, wire.calls("GetExecutionHistory")) == (0, [])
    assert "3, approved" in output


def test_an_unknown_run_names_the_list(wire: Wire, run: Run) -> None:
    wire.answer("DescribeExecution", refused("ExecutionDoesNotExist"))

    code, _, errors = run("models", "follow", "nope")

    assert (code, errors) == (2, "mlstack: stage sandbox on the lab has no run nope; see `mlstack models runs`\n")


@pytest.mark.parametrize("verb", ["follow", "stop"])
@pytest.mark.parametrize("name", ["../x", "a b", "x" * 81, "a\nb", "a:1"])
def test_what_can_be_no_name_is_not_asked_for(wire: Wire, run: Run, verb: str, name: str) -> None:
    code, _, errors = run("models", verb, name)

    assert (code, wire.calls()) == (2, [])
    assert "is no name of a run" in errors


def test_a_terminal_shows_each_step_in_a_line_of_its_own(
    going: Wire, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(err, "_force_terminal", True)
    going.answer("DescribeTrainingJob", training("[red]odd\x1b[2J"))

    code, _, errors = run(*FOLLOW)

    assert code == 0
    assert all(text in errors for text in ("Plan", "Train", "Judge", "validation:accuracy=0.75", "[red]odd"))
    assert "\x1b[2J" not in errors


def test_stop_ends_a_run_and_names_its_job(wire: Wire, run: Run) -> None:
    wire.answer("DescribeExecution", execution("RUNNING"))
    wire.answer("StopExecution", said(stopDate=1))

    code, _, errors = run("models", "stop", NAME)

    assert code == 0
    assert asked(wire, "StopExecution")["executionArn"].startswith(MACHINE.replace(":stateMachine:", ":execution:"))
    assert f"its job {JOB} stops within minutes" in errors


def test_what_has_ended_cannot_be_stopped(wire: Wire, run: Run) -> None:
    code, _, errors = run("models", "stop", NAME)

    assert (code, wire.calls("StopExecution")) == (2, [])
    assert f"{NAME} is succeeded already" in errors


def test_runs_are_listed_with_what_came_of_each(wire: Wire, run: Run) -> None:
    listed = [{"executionArn": "a", "stateMachineArn": MACHINE, "name": "x", "status": "FAILED", "startDate": 1}] * 3
    wire.answer("ListExecutions", said(executions=listed))
    failed = execution("FAILED", name="bad", error="GateNotPassed", cause="accuracy 0.61 is not at least 0.8")
    by_hand = execution("TIMED_OUT", name="by-hand", input="[]")
    wire.answer("DescribeExecution", execution(), failed, by_hand)

    code, output, _ = run("models", "runs")

    assert code == 0
    rows = [" ".join(line.split()) for line in output.splitlines()]
    assert f"{NAME} succeeded train 2026-09-21 14:13 UTC 6 min 0 s version 3, accuracy=0.9375" in rows
    assert any("GateNotPassed: accuracy 0.61 is not at least 0.8" in row for row in rows)
    assert any(row.startswith("by-hand timed out") for row in rows)


@pytest.mark.parametrize("width", [60, 40])
def test_a_narrow_terminal_lists_runs_in_a_few_lines_each(
    wire: Wire, run: Run, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(out, "_force_terminal", True)
    monkeypatch.setattr(out, "_width", width)
    listed = [{"executionArn": "a", "stateMachineArn": MACHINE, "name": "x", "status": "FAILED", "startDate": 1}]
    wire.answer("ListExecutions", said(executions=listed))
    wire.answer(
        "DescribeExecution", execution("FAILED", error="GateNotPassed", cause="accuracy 0.61 is not at least 0.8")
    )

    code, output, _ = run("models", "runs")

    lines = output.splitlines()
    assert (code, max(map(len, lines)) <= width) == (0, True)
    assert any("GateNotPassed: " in line for line in lines)
    if width == 60:
        assert sum("│" in line for line in lines) == 3
        assert any(f" {NAME}  failed " in line for line in lines)


def test_runs_for_scripts_have_every_field(wire: Wire, run: Run) -> None:
    one = {"executionArn": "a", "stateMachineArn": MACHINE, "name": "x", "status": "SUCCEEDED", "startDate": 1}
    wire.answer("ListExecutions", said(executions=[one]))

    [told] = json.loads(run("models", "runs", "--json")[1])

    assert (told["execution"], told["model"], told["does"], told["status"]) == (
        NAME,
        "waste-sorter",
        "train",
        "succeeded",
    )
    assert told["outcome"]["version"] == 3
    assert (told["started"], told["ended"]) == ("2026-09-21T14:13:20+00:00", "2026-09-21T14:19:20+00:00")


def test_a_stage_without_runs_says_how_to_start_one(wire: Wire, run: Run) -> None:
    wire.answer("ListExecutions", said(executions=[]))

    assert "has had no run; see `mlstack train --help`" in run("models", "runs")[2]


@pytest.mark.parametrize(
    ("resource", "work"),
    [
        ("createTrainingJob.sync", Work.TRAINING),
        ("createTrainingJob", Work.TRAINING),
        ("describeCompilationJob", Work.COMPILATION),
        ("createModelPackage", None),
        ("invoke", None),
        ("", None),
    ],
)
def test_the_operation_says_which_job_a_step_waits_for(resource: str, work: Work | None) -> None:
    assert Work.of(resource) is work
