"""A whole tick on a machine in a folder: what it asks of AWS, what it remembers, and what no fault can make it do."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from machine_use import memory
from notebook_agent import tick
from notebook_agent.settings import TICK_S, Settings, read
from tests.machines.conftest import Server
from tests.machines.machine import NAME, REGION, Machine

HOUR = 3600.0


def ticks(
    machine: Machine, *, begin: float, end: float, each: Callable[[float], None] = lambda _now: None
) -> list[str]:
    """Tick every five minutes until the instance is asked to stop, or to the end; say what AWS was asked."""
    now = begin
    while now <= end and "stop-notebook-instance" not in machine.asked():
        machine.uptime(now)
        each(now)
        tick.tick(machine.settings())
        now += TICK_S
    return machine.asked()


def test_tick_puts_the_idle_minutes(machine: Machine) -> None:
    code = tick.tick(machine.settings())

    [[service, operation, *words, told]] = machine.calls()
    assert code == 0
    assert (service, operation, words) == ("cloudwatch", "put-metric-data", ["--region", REGION, "--cli-input-json"])
    assert json.loads(told) == {
        "Namespace": "mlstack/Notebook",
        "MetricData": [
            {
                "MetricName": "IdleMinutes",
                "Dimensions": [{"Name": "NotebookInstanceName", "Value": NAME}],
                "Value": 10.0,
            }
        ],
    }


def test_instance_that_nobody_uses_is_stopped_after_an_hour(machine: Machine) -> None:
    asked = ticks(machine, begin=100, end=2 * HOUR)

    assert asked == [*["put-metric-data"] * 12, "stop-notebook-instance"]
    assert json.loads(machine.calls()[-1][-1]) == {"NotebookInstanceName": NAME}


def test_training_under_nohup_is_not_stopped_until_an_hour_after_its_end(machine: Machine) -> None:
    machine.process("jupyter-lab")

    def train(now: float) -> None:
        machine.process("python", "python", "train.py", pid=500, cpu_s=min(now, HOUR) * 0.9)

    asked = ticks(machine, begin=100, end=4 * HOUR, each=train)

    assert 1.9 * HOUR <= len(asked) * TICK_S <= 2.2 * HOUR
    assert asked[-1] == "stop-notebook-instance"


def test_first_tick_looks_twice_so_that_work_shows_without_anything_remembered(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.process("jupyter-lab")
    machine.process("python", pid=500, cpu_s=9000)
    machine.uptime(3 * HOUR)

    def wait(seconds: float) -> None:
        machine.uptime(3 * HOUR + seconds)
        machine.process("python", pid=500, cpu_s=9000 + seconds)

    monkeypatch.setattr(time, "sleep", wait)
    tick.tick(machine.settings(second_look_s=20.0))

    assert machine.asked() == ["put-metric-data"]


@pytest.mark.parametrize("fault", ["corrupt", "missing", "a folder", "of another boot"])
def test_lost_memory_stops_nobody_who_works_and_keeps_nothing_that_idles(
    machine: Machine, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = machine.root / "run/mlstack/state.json"
    times = iter(range(1, 10_000))

    def wait(_seconds: float) -> None:
        machine.uptime(float((machine.root / "proc/uptime").read_text().split()[0]) + 20)
        machine.process("python", pid=500, cpu_s=next(times) * 20 if works else 1)

    def lose(now: float) -> None:
        if state.is_file():
            state.unlink()
        if fault == "a folder":
            state.mkdir(parents=True, exist_ok=True)
        elif fault == "corrupt":
            machine.write("run/mlstack/state.json", f"torn at {now}")
        elif fault == "of another boot":
            machine.write("proc/sys/kernel/random/boot_id", f"boot at {now}")

    monkeypatch.setattr(time, "sleep", wait)
    machine.process("jupyter-lab")

    works = True
    busy = ticks(machine, begin=1.2 * HOUR, end=1.8 * HOUR, each=lose)
    works = False
    idle = ticks(machine, begin=1.9 * HOUR, end=6 * HOUR, each=lose)

    assert set(busy) == {"put-metric-data"}
    assert idle[len(busy) :] == ["stop-notebook-instance"]


def test_stop_that_fails_is_tried_again_and_no_heartbeat_is_sent_meanwhile(machine: Machine) -> None:
    machine.uptime(2 * HOUR)
    machine.aws_fails()

    codes = []
    for now in (2 * HOUR, 2 * HOUR + 300, 2 * HOUR + 600):
        machine.uptime(now)
        codes.append(tick.tick(machine.settings()))
    machine.aws_fails(None)
    machine.uptime(2 * HOUR + 900)
    codes.append(tick.tick(machine.settings()))

    assert codes == [1, 1, 1, 0]
    assert set(machine.asked()) == {"stop-notebook-instance"}


def test_stop_that_did_nothing_is_tried_again_without_heartbeat(machine: Machine) -> None:
    for now in (2 * HOUR, 2 * HOUR + 300):
        machine.uptime(now)
        tick.tick(machine.settings())

    assert machine.asked() == ["stop-notebook-instance"] * 2


def test_heartbeat_that_fails_is_a_failure_of_the_tick_and_of_nothing_else(machine: Machine) -> None:
    machine.aws_fails()
    first = tick.tick(machine.settings())
    machine.aws_fails(None)
    machine.uptime(900)

    second = tick.tick(machine.settings())

    assert (first, second) == (1, 0)
    assert json.loads(machine.calls()[-1][-1])["MetricData"][0]["Value"] == 15.0


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", '{"ResourceName": "a"}', '{"ResourceName": "a", "ResourceArn": "b"}']
)
def test_machine_without_its_metadata_sends_no_heartbeat(machine: Machine, text: str | None) -> None:
    metadata = machine.root / "opt/ml/metadata/resource-metadata.json"
    metadata.unlink() if text is None else metadata.write_text(text, encoding="utf-8")

    assert tick.tick(machine.settings()) == 1
    assert machine.calls() == []


def test_decision_that_breaks_sends_no_heartbeat(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tick, "decide", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        tick.tick(machine.settings())

    assert machine.calls() == []


def test_cap_stops_what_is_busy_and_terminals_hear_of_it_before(machine: Machine, server: Server) -> None:
    server.says("/api/kernels", [{"id": "k", "execution_state": "busy", "last_activity": "2026-11-20T15:27:02Z"}])
    machine.terminal(0, 1.0)
    heard: list[tuple[float, str]] = []

    def listen(now: float) -> None:
        text = (machine.root / "dev/pts/0").read_text(encoding="utf-8")
        if not heard or heard[-1][1] != text:
            heard.append((now, text))

    asked = ticks(machine, begin=10.95 * HOUR, end=13 * HOUR, each=listen)

    assert asked[-1] == "stop-notebook-instance"
    assert 12 * HOUR - 360 <= 10.95 * HOUR + (len(asked) - 1) * TICK_S <= 12 * HOUR
    [_, (hour, first), (minutes, second)] = heard
    assert "stops in 58 minutes" in first
    assert "UTC: it may run for 12 hours at a time. Save your work" in first
    assert "stops in 8 minutes" in second
    assert 11 * HOUR <= hour <= 11.1 * HOUR + TICK_S
    assert 12 * HOUR - 720 <= minutes <= 12 * HOUR


@pytest.mark.parametrize("lost", ["dev", "proc", "home"])
def test_signals_that_cannot_be_read_stop_the_instance_and_are_reported(
    machine: Machine, capsys: pytest.CaptureFixture[str], lost: str
) -> None:
    uptime = machine.root / "proc/uptime"
    (machine.root / lost).rename(machine.root / "lost")
    machine.uptime(11.9 * HOUR)

    tick.tick(machine.settings())

    assert uptime.exists()
    assert machine.asked() == ["stop-notebook-instance"]
    assert "not readable, so no sign of use: " in capsys.readouterr().out


def test_log_of_jupyter_gets_every_line_where_there_is_one(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    tick.tick(machine.settings())
    log = machine.write("var/log/jupyter.log", "[I] Jupyter\n")
    capsys.readouterr()

    machine.uptime(900)
    tick.tick(machine.settings())

    line = "mlstack: idle for 15.0 min (last use: start)\n"
    assert log.read_text(encoding="utf-8").startswith("[I] Jupyter\n")
    assert log.read_text(encoding="utf-8").endswith(line)
    assert capsys.readouterr().out.endswith(line)


@pytest.mark.parametrize("refuses", ["run", "var/log/jupyter.log"])
def test_disk_that_takes_nothing_keeps_nobody_s_heartbeat(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, refuses: str
) -> None:
    machine.write("var/log/jupyter.log", "")
    written = Path.open

    def full(path: Path, mode: str = "r", *arguments: str, **more: str) -> object:
        if mode != "r" and path.is_relative_to(machine.root / refuses):
            raise OSError(28, "No space left on device")
        return written(path, mode, *arguments, **more)  # type: ignore[call-overload]  # a mode that is no literal

    monkeypatch.setattr(Path, "open", full)

    assert tick.tick(machine.settings()) == 0
    assert machine.asked() == ["put-metric-data"]


def test_memory_is_kept_between_ticks(machine: Machine) -> None:
    tick.tick(machine.settings())

    kept = memory.load(machine.root / "run/mlstack/state.json", "7b1a", 600.0, memory.Memory)

    assert kept is not None
    assert (kept.looked, kept.used, kept.started) == (600.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"IDLE_MINUTES": "60"},
        {"IDLE_MINUTES": "60", "MAX_HOURS": ""},
        {"IDLE_MINUTES": "sixty", "MAX_HOURS": "12"},
        {"IDLE_MINUTES": "0", "MAX_HOURS": "12"},
        {"IDLE_MINUTES": "60", "MAX_HOURS": "-1"},
        {"IDLE_MINUTES": "nan", "MAX_HOURS": "12"},
        {"IDLE_MINUTES": "60", "MAX_HOURS": "inf"},
    ],
)
def test_settings_that_would_never_stop_anything_are_refused(environment: dict[str, str]) -> None:
    with pytest.raises((KeyError, ValueError)):
        read(environment)


def test_settings_are_read_from_the_environment() -> None:
    told = read({"IDLE_MINUTES": "45", "MAX_HOURS": "8"})

    assert told == Settings(idle_s=2700, longest_s=28800)
    assert str(told.root) == "/"


def test_check_asks_nothing_of_aws(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"IDLE_MINUTES": "60", "MAX_HOURS": "12", "AGENT_ROOT": str(machine.root)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["agent.pyz", "check"])

    code = tick.main()

    assert (code, machine.calls()) == (0, [])
    assert capsys.readouterr().out == f"mlstack watches {NAME} in {REGION}\n"
