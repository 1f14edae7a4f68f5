"""Who waits for an instance, and who is on which."""

from collections.abc import Callable
from dataclasses import replace
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local import runtime
from mlstack.local.capacity import board
from mlstack.local.capacity.board import Board, Candidate, Place, Wish
from mlstack.local.capacity.resources import Resources
from mlstack.local.clock import Clock
from tests.local.patience import eventually


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(board, "CLOCK", made)
    return made


def wish(name: str, *, provider: str = "spot", **more: int) -> Wish:
    wanted = {"gpus": 1, "cpu_units": 1024, "memory_mib": 4096, **more}
    return Wish(account="1", region="r", cluster="c", task_arn=name, provider=provider, group="family:f", **wanted)


def host(name: str, *, provider: str = "spot", cluster: str = "c", **more: int) -> Candidate:
    whole = {"gpus": 1, "cpu_units": 4096, "memory_mib": 15000, **more}
    place = Place(container_instance_arn=f"arn/{name}", instance_id=name)
    return Candidate(place=place, cluster=cluster, providers=frozenset({provider}), whole=Resources(**whole))


def nowhere(_place: Place) -> None:
    pytest.fail("it was placed")


def test_task_is_placed_once_and_told_in_another_thread() -> None:
    made, told = Board(), list[Place]()
    made.add(wish("t"), told.append, None)

    made.match([host("i")])
    made.match([host("i")])

    eventually(lambda: told)
    assert ([one.instance_id for one in told], made.waiting()) == (["i"], [])
    assert [one.task_arn for one in made.on("arn/i")] == ["t"]


@pytest.mark.parametrize(
    "candidate",
    [
        host("i", provider="on-demand"),
        host("i", cluster="another"),
        host("i", gpus=0),
        host("i", cpu_units=1023),
        host("i", memory_mib=4095),
    ],
)
def test_task_waits_where_no_instance_suits_it(candidate: Candidate) -> None:
    made = Board()
    made.add(wish("t"), nowhere, None)

    made.match([candidate])

    assert [one.task_arn for one in made.waiting()] == ["t"]


def test_task_of_no_provider_takes_any_instance_of_its_cluster() -> None:
    made, told = Board(), list[Place]()
    made.add(wish("t", provider=""), told.append, None)

    made.match([host("i", provider="whatever")])

    eventually(lambda: told)


def test_fullest_instance_with_room_is_taken() -> None:
    made, told = Board(), list[Place]()
    made.add(wish("t"), told.append, None)

    made.match([host("large", gpus=4), host("small", gpus=1)])

    assert eventually(lambda: told)[0].instance_id == "small"


def test_room_comes_back_when_a_task_is_released() -> None:
    made = Board()
    for name in ("first", "second"):
        made.add(wish(name), lambda _: None, None)
    made.match([host("i")])
    assert [one.task_arn for one in made.waiting()] == ["second"]

    made.drop("first")
    made.match([host("i")])

    assert [one.task_arn for one in made.on("arn/i")] == ["second"]
    assert made.uses("spot")
    made.drop("second")
    made.drop("unknown")
    assert not made.uses("spot")


@pytest.mark.parametrize(("is_empty", "why"), [(True, "EMPTY CAPACITY PROVIDER"), (False, "RESOURCE:GPU")])
def test_task_that_waits_for_a_quarter_of_an_hour_fails(is_empty: bool, why: str, clock: Clock) -> None:  # noqa: FBT001 - drawn
    made, told = Board(), list[tuple[str, str]]()
    made.add(wish("t"), nowhere, lambda code, reason: told.append((code, reason)))
    clock.pass_time(890)
    made.give_up(lambda _: is_empty)
    assert made.waiting()

    clock.pass_time(10)
    made.give_up(lambda _: is_empty)

    assert eventually(lambda: told) == [("TaskFailedToStart", f"TaskFailedToStart: {why}")]
    assert made.waiting() == []


def test_task_whose_owner_hears_of_no_failure_goes_on_waiting(clock: Clock) -> None:
    made = Board()
    made.add(wish("t"), nowhere, None)

    clock.pass_time(3600)
    made.give_up(lambda _: True)

    assert made.waiting()


def test_what_is_lacking_is_named() -> None:
    made = Board()

    assert made.lacks(wish("t"), []) == "EMPTY CAPACITY PROVIDER"
    assert made.lacks(wish("t"), [host("i", gpus=0)]) == "RESOURCE:GPU"
    assert made.lacks(wish("t", cpu_units=9999), [host("i")]) == "RESOURCE:CPU"
    assert made.lacks(wish("t", memory_mib=99999), [host("i")]) == "RESOURCE:MEMORY"
    assert made.lacks(wish("t"), [host("i", gpus=0), host("j")]) == ""


def test_listener_that_breaks_down_is_reported_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    made, told, faults = Board(), Event(), list[str]()
    report: Callable[[str], None] = faults.append
    fake = type("Running", (), {"report": type("Report", (), {"fault": staticmethod(report)})})
    monkeypatch.setattr(runtime, "running", lambda: fake)

    def broken(_place: Place) -> None:
        message = "no"
        raise ValueError(message)

    made.add(wish("bad"), broken, None)
    made.add(wish("good"), lambda _: told.set(), None)

    made.match([host("i"), host("j")])

    assert told.wait(5)
    assert eventually(lambda: faults) == ["placement: ValueError('no')"]


SIZES = st.tuples(st.integers(0, 3), st.integers(0, 4096), st.integers(1, 15000))
Size = tuple[int, int, int]


@given(st.lists(SIZES, max_size=10), st.lists(SIZES, max_size=4))
def test_no_instance_is_ever_given_more_than_it_has(tasks: list[Size], hosts: list[Size]) -> None:
    made = Board()
    wholes = [Resources(gpus=gpus, cpu_units=cpu_units, memory_mib=memory_mib) for gpus, cpu_units, memory_mib in hosts]
    there = [replace(host(f"i{number}"), whole=whole) for number, whole in enumerate(wholes)]
    for number, size in enumerate(tasks):
        gpus, cpu_units, memory_mib = size
        one = replace(wish(f"t{number}"), gpus=gpus, cpu_units=cpu_units, memory_mib=memory_mib)
        made.add(one, lambda _: None, None)

    made.match(there)

    assert all(not made.left(one).lacks(Resources()) for one in there)
    assert all(made.lacks(left, there) for left in made.waiting())
