"""What the agent sees on a workstation in a folder, and that one signal which fails hides no other."""

import os
import threading
import time
from pathlib import Path

import pytest

from machine_use.observation import Gpu, Process
from tests.machines.machine import PTS
from tests.machines.workstation.workstation import Workstation
from workstation_agent import logins, network, storage
from workstation_agent import look as look_module
from workstation_agent.decision import decide
from workstation_agent.look import look
from workstation_agent.memory import at_start

SESSIONS = "/system.slice/snap.amazon-ssm-agent.amazon-ssm-agent.service"


def test_everything_is_read(workstation: Workstation) -> None:
    key = workstation.process("python", uid=1000, group="/user.slice/session-1.scope", cpu_s=8, terminal=PTS | 3)
    workstation.moves(key, 500)
    workstation.traffic(7000, 3000, inside=99)
    workstation.shown(3, typed=1_795_000_000, written=1_795_000_100)
    workstation.program("bin/nvidia-smi", "#!/bin/sh\necho '3, 4000'\necho '98, 16000'\n")

    seen = look(workstation.told())

    assert seen.errors == []
    assert seen.processes == {key: Process("python", 8.0, on_terminal=True, terminal="3")}
    assert seen.storage_bytes == {key: 1000.0}
    assert seen.network_bytes == 10_000.0
    assert (seen.keystrokes, seen.output) == ({"3": 1_795_000_000}, {"3": 1_795_000_100})
    assert seen.gpus == [Gpu(3, 4000), Gpu(98, 16000)]
    assert (seen.kept_until, seen.tagged_until) == (0, 0)
    assert abs(seen.clock - time.time()) < 60


def test_what_lives_in_session_manager_s_unit_is_a_person_s_but_not_its_own_programs(workstation: Workstation) -> None:
    workstation.process("amazon-ssm-agen", "/snap/amazon-ssm-agent/1/amazon-ssm-agent", group=SESSIONS)
    workstation.process("ssm-document-wo", "/snap/amazon-ssm-agent/1/ssm-document-worker", "b-1", group=SESSIONS)
    shell = workstation.process("sh", uid=1001, group=SESSIONS, terminal=PTS)
    training = workstation.process("python", "python", "train.py", group=SESSIONS)

    seen = look(workstation.told())

    assert set(seen.processes or {}) == {shell, training}


def test_services_are_nobody_s_whatever_user_systemd_gives_them(workstation: Workstation) -> None:
    workstation.process("unattended-upgr", group="/system.slice/apt-daily-upgrade.service")
    workstation.process("fwupdmgr", uid=64_123, group="/system.slice/fwupd-refresh.service")
    workstation.process("dnsmasq", uid=65_534, group="/system.slice/dnsmasq.service")
    workstation.process("dockerd", group="/system.slice/docker.service")
    inside = workstation.process("python", group="/system.slice/docker-0123.scope")
    rootless = workstation.process("python", uid=165_536, group="/user.slice/user-1000.slice/user@1000.service/x.scope")

    seen = look(workstation.told())

    assert set(seen.processes or {}) == {inside, rootless}


@pytest.mark.parametrize("name", ["sshd", "sshd-session"])
def test_session_of_ssh_is_seen_and_neither_its_server_nor_who_has_not_logged_in(
    workstation: Workstation, name: str
) -> None:
    scope, unit = "/user.slice/user-1000.slice/session-7.scope", "/system.slice/ssh.service"
    workstation.process("sshd", "sshd: /usr/sbin/sshd -D [listener] 1 of 10-100 startups", group=unit)
    workstation.process(name, "sshd: [accepted]", group=unit)
    workstation.process(name, "sshd: [net]", group=unit, uid=105)
    root = workstation.process(name, "sshd: ubuntu [priv]", group=scope)
    person = workstation.process(name, "sshd: ubuntu@notty", group=scope, uid=1000)
    workstation.process("node", group=scope, uid=1000)

    seen = look(workstation.told())

    assert set(logins.sessions(seen.processes or {})) == {root, person}


def test_session_of_session_manager_is_seen_and_not_its_agent(workstation: Workstation) -> None:
    place = "/snap/amazon-ssm-agent/1"
    workstation.process("amazon-ssm-agen", f"{place}/amazon-ssm-agent", group=SESSIONS)
    workstation.process("ssm-agent-worke", f"{place}/ssm-agent-worker", group=SESSIONS)
    workstation.process("ssm-document-wo", f"{place}/ssm-document-worker", "b-1", group=SESSIONS)
    worker = workstation.process("ssm-session-wor", f"{place}/ssm-session-worker", "anna-0123", group=SESSIONS)
    workstation.process("sh", uid=1001, group=SESSIONS, terminal=PTS)

    seen = look(workstation.told())

    assert logins.sessions(seen.processes or {}) == [worker]


def test_login_on_a_machine_in_a_folder_is_a_use_and_its_open_session_none(workstation: Workstation) -> None:
    told, scope = workstation.told(), "/user.slice/user-1000.slice/session-7.scope"
    first = decide(at_start("7b1a", 0.0, 600.0), look(told), told, 600.0).memory
    workstation.process("sshd", "sshd: ubuntu@notty", group=scope, uid=1000)

    arrived = decide(first, look(told), told, 660.0).memory
    later = decide(arrived, look(told), told, 720.0).memory

    assert [(each.used, each.use) for each in (first, arrived, later)] == [
        *[(0.0, "start"), (660.0, "somebody logged in"), (660.0, "somebody logged in")],
    ]


@pytest.mark.parametrize("number", [0, 3, 255, 256, 300, 4095])
def test_program_s_terminal_is_known_by_its_device_whatever_its_number(workstation: Workstation, number: int) -> None:
    device = PTS | number & 0xFF | (number & ~0xFF) << 12
    key = workstation.process("python", uid=1000, terminal=device)

    seen = look(workstation.told())

    assert seen.processes == {key: Process("python", 0.0, on_terminal=True, terminal=str(number))}


def test_faults_hide_nothing_else(workstation: Workstation) -> None:
    key = workstation.process("python", uid=1000)
    (workstation.root / "proc/net/dev").unlink()
    (workstation.root / "dev/pts").rmdir()
    workstation.program("bin/nvidia-smi", "#!/bin/sh\necho 'driver lost' >&2\nexit 9\n")

    seen = look(workstation.told(metadata="http://127.0.0.1:1"))

    assert set(seen.processes or {}) == {key}
    assert sorted(error.partition(":")[0] for error in seen.errors) == [
        *("GPUs", "keystrokes", "network", "output", "storage", "tag"),
    ]
    assert (seen.network_bytes, seen.storage_bytes, seen.tagged_until, seen.gpus) == (None, None, None, [])


def test_machine_without_processes_cannot_be_read(workstation: Workstation) -> None:
    (workstation.root / "proc").rename(workstation.root / "gone")

    seen = look(workstation.told())

    assert (seen.processes, seen.storage_bytes) == (None, None)
    assert [error.partition(":")[0] for error in seen.errors] == ["processes", "network"]


@pytest.mark.parametrize("text", ["", "torn", "read_bytes: 5\n", "read_bytes: x\nwrite_bytes: 1\n", "\udcff"])
def test_process_whose_disks_cannot_be_read_is_left_out(workstation: Workstation, text: str) -> None:
    workstation.moves("41 1", 500)
    (workstation.root / "proc/42").mkdir()
    (workstation.root / "proc/42/io").write_text(text, errors="surrogateescape")

    assert storage.moved(workstation.root / "proc", ["41 1", "42 1", "43 1"]) == {"41 1": 1000.0}


def test_machine_on_which_no_process_tells_of_disks_is_an_error(workstation: Workstation) -> None:
    with pytest.raises(ValueError, match="tells of no process"):
        storage.moved(workstation.root / "proc", ["41 1"])


def test_machine_without_people_moves_nothing(workstation: Workstation) -> None:
    assert storage.moved(workstation.root / "proc", []) == {}


@pytest.mark.parametrize("text", ["Inter-|\n face |\n  ens5: 1\n", "a\nb\nens5: x 1 1 1 1 1 1 1 1\n"])
def test_network_that_tells_nonsense_is_an_error(workstation: Workstation, text: str) -> None:
    workstation.write("proc/net/dev", text)

    assert look(workstation.told()).network_bytes is None


def test_this_machine_s_own_counters_can_be_read() -> None:
    assert network.moved(Path("/proc")) >= 0
    assert storage.moved(Path("/proc"), [f"{os.getpid()} 1"])[f"{os.getpid()} 1"] >= 0


@pytest.mark.parametrize("path", ["home/ubuntu/train.py", "home/anna/a/b/notes.md", "root/own.sh"])
def test_saved_file_in_any_home_is_seen(workstation: Workstation, path: str) -> None:
    place = workstation.write(path, "1\n")
    before = look(workstation.told()).files

    os.utime(place, (1, 1))

    assert before
    assert look(workstation.told()).files != before


@pytest.mark.parametrize("path", ["home/ubuntu/.cache/x.py", "home/ubuntu/train.log", "opt/x.py"])
def test_what_nobody_edits_is_not(workstation: Workstation, path: str) -> None:
    place = workstation.write(path, "1\n")
    before = look(workstation.told()).files

    os.utime(place, (1, 1))

    assert look(workstation.told()).files == before


def test_what_is_mounted_in_a_home_is_not_searched(workstation: Workstation, monkeypatch: pytest.MonkeyPatch) -> None:
    place = workstation.write("home/ubuntu/s3/data.py", "1\n")
    monkeypatch.setattr(os.path, "ismount", lambda path: str(path) == str(place.parent))
    before = look(workstation.told()).files

    os.utime(place, (1, 1))

    assert look(workstation.told()).files == before


def test_signal_that_hangs_is_given_up_and_hides_nothing_before_it(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = workstation.process("python", uid=1000)
    released = threading.Event()
    monkeypatch.setattr(look_module, "ALL_S", 0.15)
    monkeypatch.setattr(network, "moved", lambda _proc: released.wait(10))

    seen = look(workstation.told())
    released.set()

    assert set(seen.processes or {}) == {key}
    assert seen.network_bytes is None
    assert "network: TimeoutError: no answer in time" in seen.errors
