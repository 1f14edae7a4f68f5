"""The agent as the unit runs it: the oldest Python, isolated, in a process of its own."""

import re
import subprocess
from pathlib import Path

import pytest

from machine_use import aws, gpus
from tests.machines.interpreter import oldest
from tests.machines.workstation.workstation import Workstation
from workstation_agent import jupyter_servers, look, tick
from workstation_agent.settings import TICK_S, Settings

AGENT = Path(__file__).resolve().parents[3] / "machines" / "workstation" / "agent.py"


def ran(workstation: Workstation, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """With no more of an environment than systemd gives."""
    environment = {
        "PATH": str(workstation.programs),
        "AGENT_ROOT": str(workstation.root),
        "AGENT_METADATA": workstation.metadata,
        "AGENT_SECOND_LOOK_S": "0",
    }
    program = [oldest(), "-I", str(AGENT), *words]
    return subprocess.run(program, capture_output=True, text=True, env=environment, cwd=cwd, timeout=60, check=False)


def test_agent_ticks_whatever_lies_in_the_folder_in_which_it_runs(workstation: Workstation, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(7)\n")

    done = ran(workstation, cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "mlstack: idle for 10.0 min (last use: start); 20 min left\n"
    assert workstation.asked() == ["put-metric-data"]


def test_second_tick_goes_on_from_the_first_and_the_last_stops(workstation: Workstation, tmp_path: Path) -> None:
    for minutes in (29, 30, 31):
        workstation.uptime(minutes * 60)
        ran(workstation, cwd=tmp_path)

    assert workstation.ran() == ["shutdown -P now", "systemctl poweroff --force"]
    assert str(workstation.last()["stop"]).startswith("it was told to shut down")


def test_check_is_said_in_a_line(workstation: Workstation, tmp_path: Path) -> None:
    done = ran(workstation, "check", cwd=tmp_path)

    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (0, 1, "")


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="needs Linux")
def test_this_machine_s_own_proc_can_be_looked_at(workstation: Workstation, tmp_path: Path) -> None:
    (workstation.root / "proc").rename(workstation.root / "other")
    (workstation.root / "proc").symlink_to("/proc")
    workstation.write("run/mlstack/installed", Path("/proc/uptime").read_text(encoding="utf-8").split()[0])

    done = ran(workstation, cwd=tmp_path)

    assert done.returncode == 0
    assert not any("processes:" in line or "network:" in line for line in done.stdout.splitlines())
    assert workstation.ran() == []


UNITS = AGENT.parent / "units"


def test_units_agree_with_the_agent() -> None:
    timer = (UNITS / "mlstack-workstation.timer").read_text(encoding="utf-8")
    service = (UNITS / "mlstack-workstation.service").read_text(encoding="utf-8")

    [interval] = re.findall(r"^OnUnitActiveSec=(\d+)s$", timer, re.MULTILINE)
    [timeout] = re.findall(r"^TimeoutStartSec=(\d+)$", service, re.MULTILINE)
    assert int(interval) == TICK_S
    longest = 2 * look.ALL_S + Settings.second_look_s + max(aws.ALL_S, 2 * tick.PROGRAM_S)
    assert longest < int(timeout)
    assert jupyter_servers.ALL_S + gpus.TIMEOUT_S < look.ALL_S
