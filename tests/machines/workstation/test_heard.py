"""A boot's last wait: for the agent to be heard, and CloudWatch to tell others. It fits into what a boot may take."""

import json
import re
import time
from pathlib import Path

import pytest

import heard
import smoke
from heard import is_heard
from tests.machines.workstation.booting import MACHINES, WORKSTATION
from tests.machines.workstation.workstation import Workstation
from workstation_agent import tick


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """What the agent remembers: nothing yet."""
    path = tmp_path / "run/mlstack/state.json"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it waited; no time passes."""
    spans: list[float] = []
    monkeypatch.setattr(time, "sleep", spans.append)
    return spans


def test_agent_that_was_heard_is_waited_for_until_others_can_read_it(
    tmp_path: Path, state: Path, waited: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    state.write_text('{"beaten": 61.5}')

    assert heard.main(tmp_path) == 0
    assert waited == [180.0]
    assert "CloudWatch hears the agent" in capsys.readouterr().out


def test_agent_that_is_heard_late_is_waited_for(
    tmp_path: Path, state: Path, waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(span: float) -> None:
        waited.append(span)
        state.write_text(json.dumps({"beaten": None if len(waited) < heard.LOOKS - 1 else 299.0}))

    monkeypatch.setattr(time, "sleep", wait)

    assert heard.main(tmp_path) == 0
    assert waited == [1.0] * (heard.LOOKS - 1) + [180.0]


def test_agent_that_stays_silent_is_given_up_after_five_minutes(
    tmp_path: Path,
    state: Path,
    waited: list[float],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    state.write_text('{"beaten": null}')
    monkeypatch.setenv("PATH", str(tmp_path))

    assert heard.main(tmp_path) == 1
    assert sum(waited) == 300
    assert capsys.readouterr().err == "mlstack: the agent could not tell CloudWatch of itself in 300 s; it says:\n"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", "{}", '{"beaten": null}', b"\xff"])
def test_memory_that_tells_of_no_heartbeat_is_none(state: Path, text: str | bytes) -> None:
    state.write_bytes(text if isinstance(text, bytes) else text.encode())

    assert not is_heard(state)


def test_agent_that_was_not_installed_is_not_heard(state: Path) -> None:
    assert not is_heard(state)


def test_agent_is_heard_once_cloudwatch_took_its_word(workstation: Workstation) -> None:
    workstation.aws_fails()
    tick.tick(workstation.told())
    before = is_heard(workstation.root / heard.STATE)
    workstation.aws_fails(None)
    workstation.uptime(660)
    tick.tick(workstation.told())

    assert (before, is_heard(workstation.root / heard.STATE)) == (False, True)


def test_dead_man_waits_longer_than_a_boot_can_and_than_cloudformation_does() -> None:
    bootstrap = (WORKSTATION / "bootstrap.sh").read_text(encoding="utf-8")
    install = (WORKSTATION / "install.sh").read_text(encoding="utf-8")
    [fetching] = map(int, re.findall(r"timeout (\d+) .*/fetch", bootstrap))
    [signalling] = map(int, re.findall(r"timeout (\d+) aws cloudformation signal-resource", bootstrap))
    [tries] = re.findall(r"for attempt in ([1-9 ]+); do\n.*signal-resource", bootstrap)
    [pause] = map(int, re.findall(r"MLSTACK_PAUSE_S:-(\d+)", bootstrap))
    [locked] = map(int, re.findall(r"flock -w (\d+)", install))
    [dead_man] = {int(minutes) * 60 for minutes in re.findall(r"shutdown -P \+(45)", bootstrap)}
    stack = MACHINES.parent.joinpath("stacks/frameworks/workstation.py").read_text(encoding="utf-8")
    [cloudformation] = map(int, re.findall(r'^BOOT_TIMEOUT = "PT(\d+)M"$', stack, re.MULTILINE))

    looking = smoke.ATTEMPTS * (smoke.DRIVER_S + smoke.PAUSE_S) + smoke.FRAMEWORK_S
    hearing = heard.LOOKS * heard.PAUSE_S + heard.VISIBLE_S + heard.JOURNAL_S
    telling = len(tries.split()) * (signalling + pause)
    assert fetching + locked + looking + hearing + telling < dead_man
    assert cloudformation * 60 < dead_man
