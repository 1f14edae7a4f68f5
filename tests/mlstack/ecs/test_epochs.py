"""How far a training is, told from its log, and from nothing where that does not say it."""

import json
from datetime import datetime

import pytest

from mlstack.ecs.training import epochs
from mlstack.ecs.training.settings import Settings
from mlstack.ecs.training.watch import Watch
from mlstack.ecs.training.workflow import Workflow
from mlstack.target import Target
from mlstack.training.runs import Run as Execution
from tests.mlstack.ecs.conftest import BEGAN, ENDED, MACHINE, RUN, TRAINING, Lab, stopped, task
from training.hyperparameters import Hyperparameters

LOSS, JUDGED = "train:loss=0.9", "validation:accuracy=0.5"
Told = tuple[str, str, datetime | None]


class Noted:
    """A view that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.last = ""

    def began(self, step: str, since: datetime | None = None) -> None:
        """Keep it."""
        self.told.append(("began", step, since))

    def now(self, status: str, numbers: str) -> None:
        """Keep it."""
        self.last = "  ".join(part for part in (status, numbers) if part)

    def ended(self, *, well: bool, at: datetime | None = None) -> None:
        """Keep it."""
        self.told.append(("ended", str(well), at))


def execution(status: str = "RUNNING", **hyperparameters: str) -> Execution:
    """A run."""
    ended = None if status == "RUNNING" else ENDED
    request = {"run": RUN, "model": "sorter", "hyperparameters": hyperparameters}
    return Execution(name=RUN, arn=MACHINE, status=status, started=BEGAN, ended=ended, request=request)


def logged(lab: Lab, *lines: str) -> None:
    """Have the log say these, the last two in the same moment."""
    events = [
        {"logStreamName": "x", "timestamp": 1000 + min(place, len(lines) - 2), "eventId": str(place), "message": line}
        for place, line in enumerate(lines)
    ]
    lab.answer("DescribeLogStreams", {"logStreams": [{"logStreamName": "x"}]})
    lab.answer("FilterLogEvents", {"events": events})


@pytest.fixture
def seen() -> Noted:
    """A view."""
    return Noted()


@pytest.fixture
def watch(lab: Lab, seen: Noted) -> Watch:
    """Whoever looks on at the run."""
    workflow = Workflow(target=Target(lab.account, "sandbox"), settings=Settings.read(json.dumps(TRAINING)))
    return Watch(workflow, RUN, seen)


def test_epochs_are_told_first_and_out_of_how_many(lab: Lab, watch: Watch, seen: Noted) -> None:
    lab.tasks([task(1)])
    logged(lab, LOSS, JUDGED, LOSS, JUDGED)

    watch.look(execution(epochs="6"))

    assert seen.last == "2 of 6 epochs  validation:accuracy=0.5  train:loss=0.9"


def test_a_line_that_is_read_again_is_no_other_epoch(lab: Lab, watch: Watch, seen: Noted) -> None:
    lab.tasks([task(1)])
    logged(lab, JUDGED, LOSS)

    for _ in range(3):
        watch.look(execution(epochs="6"))
    logged(lab, JUDGED, LOSS, LOSS)
    watch.look(execution(epochs="6"))

    assert seen.last.startswith("2 of 6 epochs")


def test_an_attempt_that_went_on_tells_only_what_it_did_itself(lab: Lab, watch: Watch, seen: Noted) -> None:
    lab.tasks([task(1)])
    logged(lab, "continues from checkpoint-40", LOSS)

    watch.look(execution(epochs="6"))

    assert seen.last.startswith("1 epoch since it went on")
    assert "40" not in seen.last


def test_an_attempt_that_has_ended_says_that_before_its_epochs(lab: Lab, watch: Watch, seen: Noted) -> None:
    lab.tasks([stopped(1, 143, "interrupted")])
    logged(lab, JUDGED, LOSS)

    watch.look(execution(epochs="6"))

    assert seen.last.startswith("ended with 143: interrupted  1 of 6 epochs")


@pytest.mark.parametrize(
    ("said", "most"),
    [({"epochs": "3"}, 3), ({"epochs": "3.0"}, 3), ({}, 10), ({"epochs": "many"}, 10), (None, 10), ([], 10), ("x", 10)],
)
def test_a_run_says_how_many_it_is_to_have(said: object, most: int) -> None:
    run = Execution(name=RUN, arn=MACHINE, status="RUNNING", started=BEGAN, request={"hyperparameters": said})

    assert epochs.ordered(run) == most


def test_nobody_said_is_what_the_image_takes_then() -> None:
    assert Hyperparameters.read({}, pretrained=False).epochs == epochs.DEFAULT


def test_each_attempt_is_timed_by_itself_however_late_one_looks(lab: Lab, watch: Watch, seen: Noted) -> None:
    first, second = {**stopped(1, 143, "x"), "stoppedAt": ENDED}, {**task(2), "createdAt": ENDED}
    lab.tasks([first, second])

    watch.look(execution())

    made = first["createdAt"]
    assert seen.told == [
        ("began", "Starting", BEGAN),
        ("ended", "True", made),
        ("began", "Spot attempt 1", made),
        ("ended", "False", ENDED),
        ("began", "Spot attempt 2", ENDED),
    ]


def test_a_task_whose_times_nobody_says_is_timed_from_now(lab: Lab, watch: Watch, seen: Noted) -> None:
    lab.tasks([{key: value for key, value in task(1).items() if key != "createdAt"}])

    watch.look(execution())
    watch.look(execution("SUCCEEDED"))

    assert seen.told[2:] == [("began", "Spot attempt 1", None), ("ended", "True", None)]


def test_a_run_without_a_task_ends_when_it_says(watch: Watch, seen: Noted) -> None:
    watch.look(execution("FAILED"))

    assert seen.told == [("began", "Starting", BEGAN), ("ended", "False", ENDED)]
