"""After a fault the model proves itself before the server is called healthy again."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from inference import health
from inference.gate import Gate
from inference.health import Health


def states(watched: Health, times: int) -> list[str]:
    async def look() -> list[str]:
        return [await watched.state() for _ in range(times)]

    return asyncio.run(look())


def proof(*results: Exception | None) -> tuple[Callable[[], None], list[str]]:
    """A proof with these results one after the other, and the threads that asked for it."""
    asked: list[str] = []

    def prove() -> None:
        asked.append(threading.current_thread().name)
        result = results[len(asked) - 1]
        if result:
            raise result

    return prove, asked


def test_health_is_ready_without_asking_the_model() -> None:
    prove, asked = proof()

    assert states(Health(Gate(1), prove), 3) == ["ready"] * 3
    assert asked == []


def test_health_in_doubt_asks_the_model_until_it_answers() -> None:
    prove, asked = proof(RuntimeError(), RuntimeError(), None)
    watched = Health(Gate(1), prove)

    watched.doubt()

    assert states(watched, 5) == ["failing", "failing", "ready", "ready", "ready"]
    assert len(asked) == 3
    assert threading.current_thread().name not in asked


def test_health_does_not_wait_for_a_model_that_hangs_nor_ask_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    released, asked = threading.Event(), list[int]()
    monkeypatch.setattr(health, "PATIENCE_S", 0.01)

    def prove() -> None:
        asked.append(1)
        released.wait(10)

    async def look() -> list[str]:
        watched = Health(Gate(1), prove)
        watched.doubt()
        early = [await watched.state() for _ in range(3)]
        released.set()
        monkeypatch.setattr(health, "PATIENCE_S", 10)
        return [*early, await watched.state()]

    assert asyncio.run(look()) == ["failing", "failing", "failing", "ready"]
    assert asked == [1]


def test_health_says_that_it_drains_whatever_the_model_does() -> None:
    gate = Gate(1)
    watched = Health(gate, proof(None)[0])

    watched.doubt()
    gate.closed = True

    assert states(watched, 1) == ["draining"]
