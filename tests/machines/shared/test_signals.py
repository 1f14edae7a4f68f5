"""Each signal is read as the machine tells it, and what is torn or hostile spoils no other."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from machine_use import files, gpus, jupyter, processes, terminals
from machine_use.boot import Boot, boot
from machine_use.observation import Gpu, Kernel, Observation, Process
from notebook_agent.look import look
from notebook_agent.settings import Settings
from tests.machines.conftest import Server
from tests.machines.machine import JUPYTER, PTS, SYSTEM, Machine

DATE = datetime(2026, 11, 20, 15, 27, 2, 4000, tzinfo=UTC).timestamp()
TOLD = {"id": "k", "execution_state": "busy", "last_activity": "2026-11-20T15:27:02.004000Z", "connections": 1}
BUSY = Kernel(is_busy=True, last_activity=DATE)
RESTING = Kernel(is_busy=False, last_activity=DATE)


@pytest.mark.parametrize(
    ("state", "kernel"),
    [("busy", BUSY), ("idle", RESTING), ("starting", RESTING), ("dead", RESTING), (None, RESTING), (7, RESTING)],
)
def test_only_a_kernel_that_runs_something_is_busy(server: Server, state: object, kernel: Kernel) -> None:
    server.says("/api/kernels", [{**TOLD, "execution_state": state}])

    assert jupyter.kernels(server.address) == {"k": kernel}


def test_kernels_of_sessions_are_the_same_ones(server: Server) -> None:
    server.says("/api/sessions", [{"id": "s", "path": "a.ipynb", "kernel": TOLD}, {"id": "t", "kernel": None}])

    assert jupyter.kernels_of_sessions(server.address) == {"k": BUSY}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-11-20T15:27:02.004000Z", DATE),
        ("2026-11-20T15:27:02.004000", DATE),
        ("2026-11-20T18:27:02.004000+03:00", DATE),
        ("2026-11-20T15:27:02Z", DATE - 0.004),
        ("yesterday", None),
        ("", None),
        (None, None),
        (12, None),
        ({"a": 1}, None),
    ],
)
def test_dates_are_utc_wherever_the_machine_is(
    server: Server, monkeypatch: pytest.MonkeyPatch, text: object, date: float | None
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    server.says("/api/terminals", [{"name": "1", "last_activity": text}])

    read = jupyter.terminals(server.address)

    monkeypatch.undo()
    time.tzset()
    assert read == {"1": date}


@pytest.mark.parametrize(
    "answer",
    [
        (200, "<html>log in</html>"),
        (302, ""),
        (403, "[]"),
        (500, "[]"),
        (200, '{"message": "no"}'),
        (200, '[{"a": 1}]'),
    ],
)
def test_answer_that_is_none_is_an_error_and_hides_nothing_else(
    machine: Machine, server: Server, answer: tuple[int, str]
) -> None:
    server.says("/api/sessions", [{"id": "s", "kernel": TOLD}])
    server.answers["/api/kernels"] = server.answers["/api/terminals"] = answer

    seen = look(machine.settings())

    assert seen.kernels == {"k": BUSY}
    assert seen.terminals == {}
    assert [error.partition(":")[0] for error in seen.errors] == ["kernels", "terminals"]


def test_entries_that_are_none_are_left_out(server: Server) -> None:
    server.says("/api/kernels", [TOLD, None, 3, "kernel", []])

    assert jupyter.kernels(server.address) == {"k": BUSY}


def test_kernel_without_a_date_is_reported(machine: Machine, server: Server) -> None:
    server.says("/api/kernels", [{**TOLD, "last_activity": "soon"}])

    assert look(machine.settings()).errors == ["kernel k: no date"]


def test_processes_of_people_are_told_from_the_system_s(machine: Machine) -> None:
    machine.process("kworker/0:1", group="/")
    machine.process("chronyd", group=SYSTEM)
    machine.process("getty", group="/system.slice/system-getty.slice/getty@tty1.service")
    machine.process("unknown", group="")
    machine.process("jupyter-lab", "/conda/bin/python", "/conda/bin/jupyter-lab", "--port=8443")
    kept = {
        machine.process("python", "python", "-m", "ipykernel_launcher", "-f", "/x/jupyter/runtime/k.json"),
        machine.process("bash", terminal=PTS),
        machine.process("python", uid=1000, group="/system.slice/crond.service"),
        machine.process("python", group="/system.slice/docker-0123abcd.scope"),
        machine.process("python", group="/docker/0123abcd"),
        machine.process("bash", group="/user.slice/mlstack-own-start.service"),
    }

    found = processes.processes(machine.root / "proc")

    assert set(found) == kept


def test_unit_is_jupyter_s_by_who_lives_in_it_and_not_by_its_name(machine: Machine) -> None:
    machine.process("python", "/env/bin/python", "-m", "jupyterlab", group="/system.slice/notebook.service")
    kept = machine.process("python", "python", "train.py", group="/system.slice/notebook.service")
    machine.process("python", "python", "/usr/sbin/other.py", group="/system.slice/other.service")

    assert set(processes.processes(machine.root / "proc")) == {kept}


def test_process_is_known_by_its_start_and_counts_its_children(machine: Machine) -> None:
    machine.process("jupyter-lab")
    old = machine.process("a ) (b", pid=77, start=5, cpu_s=8, terminal=PTS | 3)
    first = processes.processes(machine.root / "proc")
    machine.process("sh", pid=77, start=9, cpu_s=1)

    second = processes.processes(machine.root / "proc")

    assert first == {old: Process("a ) (b", 8.0, on_terminal=True, terminal="3")}
    assert second == {"77 9": Process("sh", 1.0, on_terminal=False)}


@pytest.mark.parametrize("kind", ["stat", "status", "cgroup", "cmdline"])
@pytest.mark.parametrize("text", [None, "", "torn", "1 (x) S 1"])
def test_process_that_ends_while_it_is_read_is_left_out(machine: Machine, kind: str, text: str | None) -> None:
    machine.process("jupyter-lab")
    kept = machine.process("bash")
    machine.process("python", pid=900, uid=1000)
    machine.write(f"proc/900/{kind}", text or "")
    if text is None:
        (machine.root / "proc/900" / kind).unlink()

    found = processes.processes(machine.root / "proc")

    assert set(found) - {"900 1"} == {kept}


def test_version_one_of_control_groups_is_read_too(machine: Machine) -> None:
    machine.process("jupyter-lab", pid=50)
    kept = machine.process("bash", pid=51)
    for pid in (50, 51):
        machine.write(f"proc/{pid}/cgroup", f"11:cpu,cpuacct:/\n1:name=systemd:{JUPYTER}\n0::/\n")

    assert set(processes.processes(machine.root / "proc")) == {kept}


def test_proc_without_processes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no process"):
        processes.processes(tmp_path)


def test_this_machine_s_own_processes_can_be_read() -> None:
    found = processes.processes(Path("/proc"))

    assert all(each.cpu_s >= 0 for each in found.values())


def test_gpus_are_read_all_of_them(machine: Machine) -> None:
    program = machine.program(
        "usr/bin/nvidia-smi", "#!/bin/sh\necho '3, 4000'\necho '98, 16000'\necho '[N/A], [N/A]'\n"
    )

    assert gpus.gpus(program) == [Gpu(3, 4000), Gpu(98, 16000), Gpu(0, 0)]


def test_machine_without_gpu_has_none(machine: Machine) -> None:
    assert gpus.gpus(machine.root / "usr/bin/nvidia-smi") == []


@pytest.mark.parametrize("script", ["echo 'driver lost' >&2; exit 9", "echo torn", "kill -9 $$", "printf '\\377'"])
def test_gpus_that_cannot_be_read_are_an_error_and_no_use(machine: Machine, script: str) -> None:
    machine.program("usr/bin/nvidia-smi", f"#!/bin/sh\n{script}\n")

    seen = look(machine.settings())

    assert seen.gpus == []
    assert [error.partition(":")[0] for error in seen.errors] == ["GPUs"]


def test_terminals_tell_when_something_was_typed(machine: Machine) -> None:
    machine.terminal(0, DATE)
    machine.terminal(12, DATE + 60)
    machine.write("dev/pts/ptmx", "")

    assert terminals.keystrokes(machine.root) == {"0": DATE, "12": DATE + 60}


def test_message_reaches_every_terminal_that_takes_it(machine: Machine) -> None:
    machine.terminal(0, DATE)
    machine.terminal(1, DATE)
    os.mkfifo(machine.root / "dev/pts/2")  # nobody reads it

    told = terminals.tell(machine.root, "Save your work")

    assert told == 2
    assert "*** Save your work ***" in (machine.root / "dev/pts/1").read_text()


def test_real_terminal_dates_what_is_typed_and_not_what_is_shown() -> None:
    primary, secondary = os.openpty()
    name = Path(os.ttyname(secondary)).name
    os.utime(secondary, (1, 1))

    os.write(secondary, b"shown\n")
    after_output = terminals.keystrokes(Path("/"))[name]
    os.write(primary, b"typed\n")
    os.read(secondary, 100)
    after_input = terminals.keystrokes(Path("/"))[name]

    os.close(primary)
    os.close(secondary)
    assert after_output == 1
    assert time.time() - after_input < 60


@pytest.mark.parametrize("name", ["a.ipynb", "deep/er/b.py", "NOTES.MD"])
def test_saving_or_deleting_a_source_changes_the_fingerprint(machine: Machine, name: str) -> None:
    before = files.fingerprint(machine.notebooks)

    path = machine.write(f"home/ec2-user/SageMaker/{name}", "1")
    made = files.fingerprint(machine.notebooks)
    os.utime(path, (DATE, DATE))
    saved = files.fingerprint(machine.notebooks)
    path.unlink()

    assert len({before, made, saved}) == 3
    assert files.fingerprint(machine.notebooks) == before


@pytest.mark.parametrize("name", ["data.csv", "model.bin", ".ipynb_checkpoints/a.ipynb", ".git/x.py", "log.txt"])
def test_what_programs_write_changes_no_fingerprint(machine: Machine, name: str) -> None:
    before = files.fingerprint(machine.notebooks)

    machine.write(f"home/ec2-user/SageMaker/{name}", "1")

    assert files.fingerprint(machine.notebooks) == before


def test_fingerprint_follows_no_link_and_ends_in_a_large_folder(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine.notebooks / "round").symlink_to(machine.notebooks)
    (machine.notebooks / "gone.py").symlink_to("nowhere")
    monkeypatch.setattr(files, "MOST", 50)
    for number in range(100):
        machine.write(f"home/ec2-user/SageMaker/d/{number:03}.py", "1")
    before = files.fingerprint(machine.notebooks)

    machine.write("home/ec2-user/SageMaker/d/099.py", "2")

    assert files.fingerprint(machine.notebooks) == before


def test_boot_tells_its_age_and_when_the_agent_came(machine: Machine) -> None:
    machine.write("run/mlstack/installed", "95.2\n")

    assert boot(machine.root) == Boot("7b1a", 600.0, 95.2)


@pytest.mark.parametrize("text", ["", "x", "-5", "700", "nan"])
def test_installation_that_cannot_be_is_the_boot(machine: Machine, text: str) -> None:
    machine.write("run/mlstack/installed", text)

    assert boot(machine.root).installed == 0


def test_boot_without_proc_has_linux_s_own_clock(tmp_path: Path) -> None:
    found = boot(tmp_path)

    assert found.uptime == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=5)
    assert (found.id, found.installed) == ("", 0)


def test_machine_of_which_nothing_can_be_read_has_an_error_for_each_signal_and_no_use(tmp_path: Path) -> None:
    seen = look(Settings(idle_s=1, longest_s=1, root=tmp_path / "nowhere", jupyter="localhost:1"))

    assert seen == Observation(clock=seen.clock, gpus=[], errors=seen.errors)
    assert [error.partition(":")[0] for error in seen.errors] == [
        "sessions",
        "kernels",
        "terminals",
        "keystrokes",
        "processes",
        "files",
    ]
