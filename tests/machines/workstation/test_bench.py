"""The bench of the agent measures a tick, and stops nothing."""

import pytest

from bench import agent


def test_tick_is_measured_on_this_machine_without_any_harm() -> None:
    found = agent.measure(1)

    assert found.cpu_s > 0
    assert found.peak_mib > 5


def test_agent_that_fails_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "TICKED", "something else")

    with pytest.raises(RuntimeError, match="the agent ended with 0"):
        agent.measure(1)
