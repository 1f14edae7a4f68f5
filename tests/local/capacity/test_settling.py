"""One look at everything: a step that breaks down keeps no other from being taken."""

from threading import Event, Lock
from types import SimpleNamespace

import pytest

from mlstack.local import runtime
from mlstack.local.capacity.settling import Settling


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    report = SimpleNamespace(fault=said.append)
    monkeypatch.setattr(runtime, "running", lambda: SimpleNamespace(report=report))
    return said


def broken() -> None:
    message = "no"
    raise ValueError(message)


def test_step_that_breaks_down_is_reported_and_the_next_one_taken(faults: list[str]) -> None:
    made, taken = Settling(), list[str]()
    made.follow(lambda: taken.append("first"), broken, lambda: taken.append("last"))

    made.look()

    assert (taken, faults) == (["first", "last"], ["capacity: ValueError('no')"])


def test_whoever_pokes_is_not_kept_waiting_and_is_heard_during_a_look() -> None:
    made, began, go_on, again = Settling(), Event(), Event(), Event()
    looks: list[int] = []

    def step() -> None:
        looks.append(len(looks))
        if len(looks) == 1:
            began.set()
            go_on.wait(5)
        else:
            again.set()

    made.follow(step)
    made.poke()
    assert began.wait(5)

    made.poke()  # returns although a look is under way
    go_on.set()

    assert again.wait(5)
    assert looks[:2] == [0, 1]


def test_looks_do_not_overlap() -> None:
    made, alone, seen = Settling(), Lock(), Event()
    overlaps: list[bool] = []

    def step() -> None:
        overlaps.append(not alone.acquire(blocking=False))
        seen.set()
        if not overlaps[-1]:
            alone.release()

    made.follow(step)
    made.poke()
    made.look()

    assert seen.wait(5)
    assert not any(overlaps)
