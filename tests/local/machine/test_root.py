"""What a machine tells of itself can be read by what reads real ones."""

from pathlib import Path

import pytest

from machine_use import boot, processes, terminals
from mlstack.local.machine.root import Root
from workstation_agent import network, storage


@pytest.fixture
def root(tmp_path: Path) -> Root:
    made = Root(tmp_path, "i-1")
    made.boot()
    return made


def test_the_agent_finds_the_boot_and_nobody_on_it(root: Root) -> None:
    root.show(61.5, busy=False)

    found = boot.boot(root.folder)

    assert (found.uptime, len(found.id)) == (61.5, 36)
    assert processes.processes(root.folder / "proc") == {}
    assert terminals.keystrokes(root.folder) == {}
    assert network.moved(root.folder / "proc") == 0


def test_a_busy_machine_has_a_person_who_takes_a_whole_core(root: Root) -> None:
    root.show(100.0, busy=True)
    [(key, before)] = processes.processes(root.folder / "proc").items()
    root.show(160.0, busy=True)
    [(same, after)] = processes.processes(root.folder / "proc").items()
    moved = storage.moved(root.folder / "proc", [key])
    root.show(161.0, busy=False)

    assert same == key
    assert after.cpu_s - before.cpu_s == pytest.approx(60.0)
    assert not after.on_terminal
    assert moved == {key: 0.0}
    assert processes.processes(root.folder / "proc") == {}


def test_a_boot_is_a_new_one_and_keeps_what_lies_on_the_disk(root: Root) -> None:
    before = boot.boot(root.folder).id
    (root.folder / "home/ubuntu/notes").write_text("dear")
    (root.folder / "run/state").write_text("gone")
    root.show(500.0, busy=True)

    root.boot()

    assert boot.boot(root.folder).id != before
    assert boot.boot(root.folder).uptime == 0.0
    assert (root.folder / "home/ubuntu/notes").read_text() == "dear"
    assert not (root.folder / "run/state").exists()
    assert processes.processes(root.folder / "proc") == {}


def test_a_unit_runs_stand_ins_and_files_of_the_machine_and_no_program_of_this_system(root: Root) -> None:
    (root.folder / "usr/bin/shutdown").touch()
    (root.folder / "opt/refresh").touch()

    assert list(root.here(("/sbin/shutdown", "-P", "+45"))) == [str(root.folder / "usr/bin/shutdown"), "-P", "+45"]
    assert list(root.here(("/bin/sh", "/opt/refresh", "/opt/other"))) == [
        str(root.folder / "bin/sh"),
        str(root.folder / "opt/refresh"),
        "/opt/other",
    ]
