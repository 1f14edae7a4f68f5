"""A first boot: it installs the agent before all else, and ends by itself and says so where anything fails."""

import ast
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.shell import Script, lint
from tests.machines.interpreter import OLDEST
from tests.machines.workstation.booting import INSTANCE, OWN, PROGRAMS, REGION, WORKSTATION, Box, user_data

LONGEST = 16_384
"""Bytes of user data that EC2 takes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html."""


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A machine that EC2 has just started."""
    return Box(tmp_path / "box")


@pytest.mark.parametrize("name", sorted(path.name for path in WORKSTATION.glob("*.sh")))
def test_script_has_no_fault(name: str) -> None:
    assert lint([Script(name, (WORKSTATION / name).read_text(encoding="utf-8"))]) == []


def test_user_data_has_no_fault_no_placeholder_and_is_short_enough() -> None:
    script = user_data()

    assert lint([Script("user data", script)]) == []
    assert script.startswith("#!/bin/bash\n")
    assert not re.search(r"@[A-Z]+@", script)
    assert len(script.encode()) < LONGEST / 2


def test_user_data_carries_a_program_for_the_oldest_python() -> None:
    [program] = re.findall(r"<<'PYTHON'\n(.*?)\nPYTHON\n", user_data(), re.DOTALL)

    tree = ast.parse(program, feature_version=OLDEST)

    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))


def test_user_data_lists_the_programs_that_it_needs() -> None:
    head = user_data().partition("set -E")[0]

    told = head.partition("# Programs, ")[2]
    assert {"aws", "shutdown", "systemctl", "journalctl", "nvidia-smi", "systemd-run"} <= set(
        re.findall(r"[a-z-]+", told)
    )
    assert set(PROGRAMS) <= set(re.findall(r"[a-z-]+", told))


def test_boot_installs_the_agent_signals_success_and_goes_on(booted: Box) -> None:
    log = (booted.root / "var/log/mlstack-boot.log").read_text()
    assert booted.agent() == "checked one 30\n"
    assert booted.signals() == ["SUCCESS"]
    assert booted.lines("shutdown") == ["-P +45", "-c"]
    assert "smoke check passed: GPU 0: NVIDIA L4 (UUID: GPU-1); PyTorch 2.14.0 sees a GPU\n" in log
    assert log.endswith("mlstack: the boot is done\n")


def test_nobody_hears_of_success_before_the_agent_is_heard(booted: Box) -> None:
    log = (booted.root / "var/log/mlstack-boot.log").read_text()

    assert log.index("smoke check passed") < log.index("CloudWatch hears the agent") < log.index("the boot is done")


def test_dead_mans_shutdown_comes_before_anything_that_could_hang(box: Box) -> None:
    for name in ("aws", "systemctl"):
        box.program(
            f"bin/{name}", f'#!/bin/sh\ntest -s {box.root}/shutdown || echo "{name} first" >>{box.root}/early\n'
        )

    box.boot()

    assert box.lines("early") == []
    assert box.lines("shutdown") == ["-P +45", "-P +10"]


def test_agent_runs_before_anything_slow(box: Box) -> None:
    for name in ("nvidia-smi", "systemd-run"):
        box.program(f"bin/{name}", f"#!/bin/sh\necho {name} >>{box.root}/systemctl\necho GPU 0\n")
    box.set(own=OWN)
    box.write("objects/assets/own.sh", "echo own")

    box.boot()

    order = box.lines("systemctl")
    started = order.index("start mlstack-workstation.timer mlstack-refresh.timer")
    slow = ["nvidia-smi", "start --no-block mlstack-jupyter.service", "systemd-run"]
    assert [order.index(each) > started for each in slow] == [True] * 3


def test_boot_a_second_time_changes_nothing_that_works(box: Box) -> None:
    box.set(own=OWN)
    box.write("objects/assets/own.sh", "echo once")
    box.boot()
    box.write("proc/uptime", "500.00 99.99\n")
    box.program("bin/nvidia-smi", "#!/bin/sh\nexit 1\n")
    box.write("mute", "")
    (box.root / "run/mlstack/state.json").unlink()

    again = box.boot()

    assert again.returncode == 0
    assert box.signals() == ["SUCCESS"]
    assert box.lines("shutdown") == ["-P +45", "-c"] * 2
    assert box.lines("var/log/mlstack-own.log") == ["once"]
    assert box.lines("run/mlstack/installed") == ["95.25"]
    assert box.agent() == "checked one 30\n"


def test_boot_a_second_time_that_fails_ends_no_machine_that_works(booted: Box) -> None:
    booted.fails("get-parameter")

    again = booted.boot()

    assert again.returncode != 0
    assert "it goes on" in again.stdout
    assert booted.signals() == ["SUCCESS"]
    assert booted.lines("shutdown") == ["-P +45", "-c"] * 2
    assert booted.agent() == "checked one 30\n"


def test_machine_made_of_anothers_image_boots_as_a_new_one(booted: Box) -> None:
    booted.write("opt/mlstack/done/instance", "i-another\n")

    booted.boot()

    assert booted.signals() == ["SUCCESS"] * 2
    assert booted.lines("opt/mlstack/done/instance") == [INSTANCE]


def no_file(path: str) -> Callable[[Box], object]:
    return lambda box: (box.root / path).unlink()


def nobody_hears(box: Box) -> None:
    box.write("mute", "")
    box.program("bin/journalctl", "#!/bin/sh\necho mlstack: no heartbeat: CallError: AccessDenied\n")


FAULTS: dict[str, Callable[[Box], object]] = {
    "no settings": lambda box: box.fails("get-parameter"),
    "no bundle": lambda box: box.fails("get-object"),
    "no own script": lambda box: box.set(own=OWN),
    "torn settings": lambda box: box.write("parameter", '{"bundle": '),
    "settings that are a list": lambda box: box.write("parameter", "[]"),
    "settings without a bundle": lambda box: box.set(bundle=None),
    "torn bundle": lambda box: box.write(
        "objects/assets/b.zip", (box.root / "objects/assets/b.zip").read_bytes()[:900]
    ),
    "bundle that is none": lambda box: box.write("objects/assets/b.zip", "<html>"),
    "bundle without agent": lambda box: box.put_bundle("one", without=["workstation/agent.py"]),
    "bundle without install.sh": lambda box: box.put_bundle("one", without=["workstation/install.sh"]),
    "bundle with an empty agent": lambda box: box.put_bundle("one", {"workstation/agent.py": ""}),
    "bundle that leaves its folder": lambda box: box.put_bundle("one", {"workstation/../../../../out": "x"}),
    "bundle from the root": lambda box: box.put_bundle("one", {"/out/of/it": "x"}),
    "agent that fails its check": lambda box: box.set(idle_minutes="broken"),
    "login with a newline": lambda box: box.set(login="ubuntu\nUser=root"),
    "login with a quote": lambda box: box.set(login="u'$(touch /tmp/x)"),
    "login that is none": lambda box: box.set(login=None),
    "Python with a newline": lambda box: box.set(python="/opt/x\nfalse\nfalse"),
    "Python with a command": lambda box: box.set(python="/opt/$(reboot)"),
    "GPU that is a text": lambda box: box.set(gpu="true\ntrue"),
    "no uptime": no_file("proc/uptime"),
    "no units": lambda box: box.write("refused", "enable"),
    "no reload": lambda box: box.write("refused", "daemon-reload"),
    "no timer": lambda box: box.write("refused", "start"),
    "no nvidia-smi": no_file("bin/nvidia-smi"),
    "no GPU": lambda box: box.program("bin/nvidia-smi", "#!/bin/sh\necho No devices were found\n"),
    "PyTorch without GPU": lambda box: box.framework(sees=False),
    "Python of the image gone": no_file("opt/pytorch/bin/python"),
    "no framework": no_file("opt/pytorch/lib/torch.py"),
    "agent that nobody hears": nobody_hears,
    "home that is a file": lambda box: box.write("opt/mlstack", ""),
    "no dead man": lambda box: box.program(
        "bin/shutdown", f'#!/bin/sh\necho "$@" >>{box.root}/shutdown\ntest "$2" != +45\n'
    ),
}


REASONS = {
    "no settings": "ssm get-parameter: An error occurred (AccessDenied)",
    "torn bundle": "BadZipFile",
    "bundle that leaves its folder": "the bundle holds 'workstation/../../../../out'",
    "login with a newline": r'login is "ubuntu\nUser=root", which it cannot be; correct the profile',
    "no GPU": "smoke check failed: nvidia-smi lists no GPU: 'No devices were found'",
    "PyTorch without GPU": "PyTorch 2.14.0 sees no GPU",
    "no framework": "has neither PyTorch nor TensorFlow",
    "agent that fails its check": "the agent cannot work",
    "agent that nobody hears": "mlstack: no heartbeat: CallError: AccessDenied\n",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_boot_that_fails_signals_failure_says_why_and_ends_in_ten_minutes(box: Box, fault: str) -> None:
    FAULTS[fault](box)

    booted = box.boot()

    assert booted.returncode != 0
    assert box.signals() == ["FAILURE"]
    assert box.lines("shutdown") == ["-P +45", "-P +10"]
    log = (box.root / "var/log/mlstack-boot.log").read_text()
    assert re.search(r"the boot failed at line \d+: ", log)
    assert REASONS.get(fault, "") in log
    assert f"aws ec2 get-console-output --latest --region {REGION} --instance-id {INSTANCE} --output text\n" in log
    assert not (box.root.parent / "out").exists()
    assert not Path("/out").exists()


def test_machine_without_aws_command_ends_though_nobody_can_be_told(box: Box) -> None:
    (box.root / "bin/aws").unlink()

    booted = box.boot()

    assert booted.returncode != 0
    assert box.lines("shutdown") == ["-P +45", "-P +10"]
    assert "No such file or directory: 'aws'" in booted.stdout
    assert "CloudFormation could not be told" in booted.stdout


@pytest.mark.parametrize("python", ["/no/such/python", "/bin/false"])
def test_machine_without_a_python_ends(box: Box, python: str) -> None:
    booted = box.boot(python)

    assert booted.returncode != 0
    assert box.signals() == ["FAILURE"]
    assert box.lines("shutdown") == ["-P +45", "-P +10"]


def test_machine_that_cannot_even_shut_down_in_time_powers_off(box: Box) -> None:
    box.program("bin/shutdown", "#!/bin/sh\nexit 1\n")

    booted = box.boot()

    assert booted.returncode != 0
    assert "poweroff" in box.lines("systemctl")


@pytest.mark.parametrize("operation", ["get-parameter", "get-object", "signal-resource"])
def test_boot_outlasts_a_network_that_comes_late(box: Box, operation: str) -> None:
    box.fails(operation, times=4)

    booted = box.boot()

    assert booted.returncode == 0
    assert set(box.signals()) == {"SUCCESS"}
    assert box.lines("shutdown") == ["-P +45", "-c"]
    assert len(box.taken()) == 1


def test_machine_whose_success_nobody_heard_ends(box: Box) -> None:
    box.fails("signal-resource")

    box.boot()

    assert box.signals() == ["SUCCESS"] * 5 + ["FAILURE"] * 5
    assert box.lines("shutdown") == ["-P +45", "-P +10"]


def test_machine_whose_first_boot_failed_ends_at_each_later_one_too(box: Box) -> None:
    box.fails("get-parameter")

    box.boot()

    unit = (box.root / "etc/systemd/system/mlstack-deadman.service").read_text()
    [condition] = re.findall(r"^ConditionPathExists=!(.*)$", unit, re.MULTILINE)
    assert "ExecStart=/sbin/shutdown -P +45\n" in unit
    assert (box.root / "etc/systemd/system/multi-user.target.wants/mlstack-deadman.service").is_symlink()
    assert not (box.root / condition.lstrip("/")).exists()
    box.fails("get-parameter", 0)
    box.boot()
    assert (box.root / condition.lstrip("/")).is_symlink()


def test_what_stands_on_the_machine_belongs_to_root_alone(booted: Box) -> None:
    home = booted.root / "opt/mlstack"
    written = [path for path in home.rglob("*") if not path.is_symlink()]
    assert len(written) > len(PROGRAMS)
    assert [path for path in written if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)] == []
    assert all(path.stat().st_mode & stat.S_IROTH for path in written)


def test_settings_that_quote_and_break_lines_are_carried_as_they_are(box: Box) -> None:
    hostile = 'it\'s "quoted" \\ `not run` $(nor this)\n@REGION@ é 🙂'
    box.set(workstation=hostile)

    booted = box.boot()

    assert booted.returncode == 0
    assert (box.root / "opt/mlstack/settings.json").read_text() == (box.root / "parameter").read_text()
