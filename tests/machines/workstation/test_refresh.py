"""Each hour settings and bundle are taken anew: swapped in whole where they work, and left as they are where not."""

import json
from collections.abc import Callable

import pytest

from tests.machines.workstation.booting import Box
from tests.machines.workstation.test_bootstrap import FAULTS


@pytest.fixture
def box(booted: Box) -> Box:
    """A machine that has booted."""
    return booted


def test_new_settings_reach_the_agent(box: Box) -> None:
    box.set(idle_minutes=90)

    refreshed = box.refresh()

    assert (refreshed.returncode, refreshed.stderr) == (0, "")
    assert box.agent() == "checked one 90\n"


def test_new_bundle_reaches_the_agent_the_units_and_the_refresh_itself(box: Box) -> None:
    refresh = (box.root / "opt/mlstack/refresh").read_text()
    unit = "[Unit]\nDescription=new\n"
    more = {"workstation/units/mlstack-workstation.timer": unit, "workstation/refresh.sh": f"{refresh}# new\n"}
    box.put_bundle("two", more)

    box.refresh()

    assert box.agent() == "checked two 30\n"
    assert (box.root / "etc/systemd/system/mlstack-workstation.timer").read_text() == unit
    assert (box.root / "opt/mlstack/refresh").read_text().endswith("# new\n")


def test_second_refresh_with_nothing_new_changes_nothing(box: Box) -> None:
    box.refresh()

    again = box.refresh()

    assert again.returncode == 0
    assert box.agent() == "checked one 30\n"
    assert box.signals() == ["SUCCESS"]
    assert box.lines("shutdown") == ["-P +45", "-c"]


def test_only_the_bundle_in_use_and_the_one_before_are_kept(box: Box) -> None:
    before = box.taken()
    for version in ("two", "three", "four"):
        box.put_bundle(version)
        last = box.taken()
        box.refresh()

    kept = box.taken()
    current = (box.root / "opt/mlstack/bundle").resolve().parent
    assert len(kept) == len([current, "the one before"])
    assert current in kept
    assert set(kept) & set(last)
    assert not set(kept) & set(before)


def test_agent_that_runs_meanwhile_keeps_its_own_files(box: Box) -> None:
    running = (box.root / "opt/mlstack/bundle/workstation/agent.py").resolve()
    box.put_bundle("two")

    box.refresh()

    assert "checked', 'one" in running.read_text().replace('"', "'")
    assert "two" in (box.root / "opt/mlstack/bundle/workstation/agent.py").read_text()


BEFORE_THE_SWAP = (
    *("no settings", "no bundle", "torn settings", "settings that are a list", "torn bundle", "bundle without agent"),
    *("bundle that leaves its folder", "agent that fails its check", "login with a newline", "Python with a newline"),
)
AFTER_THE_SWAP = ("no units", "no reload", "no timer")
ABOUT_THE_GPU = ("no nvidia-smi", "PyTorch without GPU")


@pytest.mark.parametrize("fault", BEFORE_THE_SWAP)
def test_refresh_that_fails_keeps_what_works(box: Box, fault: str) -> None:
    settings, taken, calls = (box.root / "opt/mlstack/settings.json").read_text(), box.taken(), box.lines("systemctl")
    FAULTS[fault](box)

    refreshed = box.refresh()

    assert refreshed.returncode == 1
    assert refreshed.stderr.splitlines()[-1].startswith("mlstack: settings and bundle stay as they are: ")
    assert box.agent() == "checked one 30\n"
    assert (box.root / "opt/mlstack/settings.json").read_text() == settings
    assert box.taken() == taken
    assert box.lines("systemctl") == calls


@pytest.mark.parametrize("fault", AFTER_THE_SWAP)
def test_new_agent_is_in_use_even_where_systemd_fails(box: Box, fault: str) -> None:
    box.put_bundle("two")
    FAULTS[fault](box)

    refreshed = box.refresh()

    assert refreshed.returncode == 1
    assert "in use, but not all of them could be installed" in refreshed.stderr
    assert box.agent() == "checked two 30\n"


@pytest.mark.parametrize("fault", ABOUT_THE_GPU)
def test_gpu_is_not_checked_again(box: Box, fault: str) -> None:
    box.set(gpu=True)
    FAULTS[fault](box)

    assert box.refresh().returncode == 0


def test_no_aws_command_keeps_what_works(box: Box) -> None:
    (box.root / "bin/aws").unlink()

    refreshed = box.refresh()

    assert refreshed.returncode == 1
    assert "No such file or directory: 'aws'" in refreshed.stderr
    assert box.agent() == "checked one 30\n"


def damage_agent(box: Box) -> None:
    (box.root / "opt/mlstack/bundle/workstation/agent.py").write_text("")


def damage_bundle(box: Box) -> None:
    (box.root / "opt/mlstack/bundle").unlink()


def damage_settings(box: Box) -> None:
    (box.root / "opt/mlstack/settings.json").write_text("{")


@pytest.mark.parametrize("damage", [damage_agent, damage_bundle, damage_settings])
def test_damaged_bundle_is_healed_by_the_next_refresh(box: Box, damage: Callable[[Box], None]) -> None:
    damage(box)

    refreshed = box.refresh()

    assert refreshed.returncode == 0
    assert box.agent() == "checked one 30\n"
    assert json.loads((box.root / "opt/mlstack/settings.json").read_text())["idle_minutes"] == 30


def test_later_boot_finds_its_runtime_folder_empty(box: Box) -> None:
    for path in (box.root / "run/mlstack").iterdir():
        path.unlink()
    (box.root / "run/mlstack").rmdir()
    box.write("proc/uptime", "20.00 1.00\n")

    box.refresh()

    assert (box.root / "run/mlstack/keep-awake").stat().st_mode & 0o777 == 0o666
    assert not (box.root / "run/mlstack/installed").exists()
