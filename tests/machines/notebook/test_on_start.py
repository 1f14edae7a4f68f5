"""The rendered scripts on a machine in a folder: they install what works, and leave no instance without its agent."""

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stacks.ml_services.lifecycle_script import on_create, on_start
from tests.machines.conftest import Server
from tests.machines.interpreter import oldest
from tests.machines.machine import NAME, REGION, Machine

SYSTEMCTL = """#!/bin/sh
echo "$@" >>{root}/systemctl
test "$1" != "$(cat {root}/refused 2>/dev/null)"
"""
# As systemd does it: opens the file for both outputs and runs the command; without waiting for it
SYSTEMD_RUN = """#!/bin/bash
for argument; do
  case $argument in
    --property=StandardOutput=append:*) log=${{argument#*append:}} ;;
    --*) ;;
    *) break ;;
  esac
  echo "$argument" >>{root}/systemd-run
  shift
done
"$@" >>"$log" 2>&1
true
"""


@pytest.fixture
def booted(machine: Machine) -> Machine:
    """A machine on which SageMaker is about to run the scripts."""
    machine.uptime(95.25)
    machine.program("bin/systemctl", SYSTEMCTL.format(root=machine.root))
    machine.program("bin/systemd-run", SYSTEMD_RUN.format(root=machine.root))
    return machine


def run(machine: Machine, script: str, python: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script as SageMaker does, but into the folder."""
    environment = {
        "MLSTACK_PYTHON": python or oldest(),
        "MLSTACK_ROOT": str(machine.root),
        "PATH": f"{machine.root}/bin:/sbin:/bin:/usr/sbin:/usr/bin",
    }
    path = machine.program("script.sh", script)
    return subprocess.run([path], capture_output=True, text=True, check=False, env=environment, timeout=60)


def tick(machine: Machine) -> subprocess.CompletedProcess[str]:
    """Do what the timer does: start the unit's command in the unit's environment."""
    unit = (machine.root / "etc/systemd/system/mlstack-notebook.service").read_text(encoding="utf-8")
    [command] = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    [variables] = re.findall(r"^Environment=(.*)$", unit, re.MULTILINE)
    environment = dict(each.split("=") for each in variables.split())
    test = {"AGENT_ROOT": str(machine.root), "AGENT_JUPYTER": machine.jupyter, "AGENT_SECOND_LOOK_S": "0"}
    return subprocess.run(
        shlex.split(command), capture_output=True, text=True, check=False, env={**environment, **test}, timeout=60
    )


def test_start_installs_an_agent_that_beats_and_then_stops_the_instance(booted: Machine) -> None:
    started = run(booted, on_start(idle_minutes=60, max_hours=12))
    ticks = []
    for uptime in (160, 3700):
        booted.uptime(uptime)
        ticks.append(tick(booted))

    assert (started.returncode, started.stderr) == (0, "")
    assert started.stdout == f"mlstack watches {NAME} in {REGION}\n"
    assert [(each.returncode, each.stderr) for each in ticks] == [(0, "")] * 2
    assert booted.asked() == ["put-metric-data", "stop-notebook-instance"]
    assert "nobody has used it for 60 min (last use: start)" in ticks[-1].stdout
    assert (booted.root / "systemctl").read_text().splitlines() == [
        "daemon-reload",
        "enable mlstack-notebook.timer",
        "restart mlstack-notebook.timer",
    ]


def test_installed_agent_sees_jupyter_and_programs(booted: Machine, server: Server) -> None:
    run(booted, on_start(idle_minutes=60, max_hours=12))
    booted.process("jupyter-lab")
    booted.process("python", pid=500, cpu_s=100)
    tick(booted)

    booted.uptime(3700)
    booted.process("python", pid=500, cpu_s=900)
    worked = tick(booted)
    booted.uptime(8000)
    server.says("/api/kernels", [{"id": "k", "execution_state": "busy", "last_activity": "2026-11-20T15:27:02Z"}])
    ran = tick(booted)

    assert "(last use: process python works)" in worked.stdout
    assert "(last use: a kernel is busy)" in ran.stdout
    assert set(booted.asked()) == {"put-metric-data"}


def test_settings_of_the_profile_reach_the_installed_agent(booted: Machine) -> None:
    run(booted, on_start(idle_minutes=30, max_hours=1))

    booted.uptime(95 + 1801)
    idle = tick(booted)
    booted.uptime(95 + 3500)
    old = tick(booted)

    assert "nobody has used it for 30 min" in idle.stdout
    assert "it has run for 1.0 h, and may for 1 h" in old.stdout


def test_start_a_second_time_changes_nothing_but_settings(booted: Machine) -> None:
    run(booted, on_start(idle_minutes=60, max_hours=12, own="echo once"))
    booted.uptime(500)

    again = run(booted, on_start(idle_minutes=30, max_hours=12))

    assert again.returncode == 0
    assert (booted.root / "run/mlstack/installed").read_text() == "95.25\n"
    assert (booted.root / "var/log/mlstack-own-start.log").read_text() == "once\n"
    booted.uptime(95 + 1801)
    assert "nobody has used it for 30 min" in tick(booted).stdout


def without(machine: Machine, path: str) -> None:
    (machine.root / path).unlink()


FAULTS: dict[str, Callable[[Machine], object]] = {
    "metadata": lambda machine: without(machine, "opt/ml/metadata/resource-metadata.json"),
    "uptime": lambda machine: without(machine, "proc/uptime"),
    "folder": lambda machine: machine.write("opt/mlstack", "no folder"),
    "units": lambda machine: machine.write("etc/systemd", "no folder"),
    "daemon-reload": lambda machine: machine.write("refused", "daemon-reload"),
    "enable": lambda machine: machine.write("refused", "enable"),
    "restart": lambda machine: machine.write("refused", "restart"),
    "systemd": lambda machine: machine.program("bin/systemctl", "#!/no/such/shell\n"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_instance_whose_agent_cannot_be_installed_does_not_start(booted: Machine, fault: str) -> None:
    FAULTS[fault](booted)

    started = run(booted, on_start(idle_minutes=60, max_hours=12, own="echo own"))

    assert started.returncode != 0
    assert "failed: no start, as nothing would stop the instance" in started.stderr
    assert not (booted.root / "var/log/mlstack-own-start.log").exists()


@pytest.mark.parametrize("python", ["/no/such/python", "/bin/false", "/bin/sh"])
def test_instance_without_a_python_does_not_start(booted: Machine, python: str) -> None:
    started = run(booted, on_start(idle_minutes=60, max_hours=12), python)

    assert started.returncode != 0
    assert "nothing would stop the instance" in started.stderr


def test_settings_that_would_never_stop_anything_do_not_start(booted: Machine) -> None:
    started = run(booted, on_start(idle_minutes=0, max_hours=12))

    assert started.returncode != 0
    assert "IDLE_MINUTES must be a positive number" in started.stderr


OWN = """echo "$0 $# $HOME"
cat <<'AGENT'
it's "quoted" \\ `not run` $(nor this) @AGENT@ é 🙂
AGENT
PYTHON
echo wrong >&2
exit 3
"""


@pytest.mark.parametrize("first", ["#!/bin/bash\n", "", "#!/usr/bin/env bash\n# é\n"])
def test_own_script_runs_as_it_is_and_may_fail(booted: Machine, first: str) -> None:
    own = first + OWN

    started = run(booted, on_start(idle_minutes=60, max_hours=12, own=own))
    created = run(booted, on_create(own=own))

    assert (started.returncode, created.returncode) == (0, 0)
    assert (booted.root / "opt/mlstack/own_start").read_bytes() == own.encode()
    assert (booted.root / "opt/mlstack/own_create").read_bytes() == own.encode()
    for moment in ("start", "create"):
        log = (booted.root / f"var/log/mlstack-own-{moment}.log").read_text(encoding="utf-8")
        assert 'it\'s "quoted" \\ `not run` $(nor this) @AGENT@ é 🙂\n' in log
        assert log.endswith("wrong\n")
    told = (booted.root / "systemd-run").read_text().splitlines()
    assert {"--slice=user.slice", "--unit=mlstack-own-start", "--unit=mlstack-own-create"} <= set(told)


def test_own_script_that_cannot_be_started_stops_no_start(booted: Machine) -> None:
    booted.program("bin/systemd-run", "#!/bin/sh\nexit 1\n")

    started = run(booted, on_start(idle_minutes=60, max_hours=12, own="echo own"))
    created = run(booted, on_create(own="echo own"))

    for each in (started, created):
        assert (each.returncode, each.stderr) == (0, "mlstack: your own script could not be started\n")


def test_no_own_script_starts_none(booted: Machine) -> None:
    run(booted, on_start(idle_minutes=60, max_hours=12))

    assert not (booted.root / "systemd-run").exists()


def test_units_are_units_to_systemd(booted: Machine) -> None:
    run(booted, on_start(idle_minutes=60, max_hours=12))
    units = sorted((booted.root / "etc/systemd/system").iterdir())

    assert [unit.name for unit in units] == ["mlstack-notebook.service", "mlstack-notebook.timer"]
    for unit in units:
        lines = unit.read_text(encoding="utf-8").splitlines()
        assert all(re.fullmatch(r"\[[A-Z][a-z]+\]|[A-Z][A-Za-z]+=\S.*", line) for line in lines)


def test_start_writes_into_its_folders_only_and_downloads_nothing(booted: Machine, tmp_path: Path) -> None:
    script = on_start(idle_minutes=60, max_hours=12)

    run(booted, script)

    assert not re.search(r"\b(curl|wget|pip|dnf|yum|https?://)\b", script)
    assert [entry.name for entry in tmp_path.iterdir()] == [booted.root.name]
