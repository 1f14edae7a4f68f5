"""A container that is asked to end: once, and ended when its time is over."""

from typing import Any, cast

import pytest

from mlstack.local.container.process import Process
from mlstack.local.ecs.container import Container


class _Process:
    """A process that ends only when it is made to."""

    code: int | None = None
    alive = True

    def __init__(self) -> None:
        self.asked = 0

    def terminate(self) -> None:
        self.asked += 1

    def stop(self, _grace_s: float) -> None:
        self.code, self.alive = 137, False


@pytest.fixture
def process() -> _Process:
    return _Process()


@pytest.fixture
def container(process: _Process, monkeypatch: pytest.MonkeyPatch) -> Container:
    made = Container({"name": "one", "image": "image", "stopTimeout": 60}, "arn:container", "arn:task")
    made.process = cast("Process", process)
    made.began = 0.0
    _at(monkeypatch, 1000.0)
    return made


def _at(monkeypatch: pytest.MonkeyPatch, moment: float) -> None:
    monkeypatch.setattr("mlstack.local.ecs.container.time.monotonic", lambda: moment)


def _told(container: Container) -> dict[str, Any]:
    return container.told(stopped=False, address=None)


def test_container_is_asked_once_and_has_its_time(
    container: Container, process: _Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    container.wind_down(float("inf"))
    _at(monkeypatch, 1059.0)
    container.wind_down(float("inf"))

    assert (process.asked, container.ended, _told(container)["lastStatus"]) == (1, False, "RUNNING")


def test_container_is_ended_when_its_time_is_over(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    container.wind_down(float("inf"))
    _at(monkeypatch, 1060.0)
    container.wind_down(float("inf"))

    assert (container.ended, container.code) == (True, 137)
    assert (_told(container)["lastStatus"], _told(container)["exitCode"]) == ("STOPPED", 137)


def test_container_is_ended_when_its_task_has_no_time_left(container: Container) -> None:
    container.wind_down(120.0)
    container.wind_down(0.0)

    assert container.ended


def test_container_that_was_never_started_has_no_exit_code() -> None:
    made = Container({"name": "one", "image": "image"}, "arn:container", "arn:task")

    made.wind_down(0.0)

    told = made.told(stopped=True, address=None)
    assert told["lastStatus"] == "STOPPED"
    assert "exitCode" not in told
