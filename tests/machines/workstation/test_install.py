"""What a first boot leaves on the machine: units, a folder for wishes, a person's own script, and no more."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.machines.interpreter import OLDEST, oldest
from tests.machines.workstation.booting import INSTANCE, OWN, REGION, WORKSTATION, Box
from workstation_agent.keep_awake import filed

UNITS = sorted((WORKSTATION / "units").iterdir())


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A machine that EC2 has just started."""
    return Box(tmp_path / "box")


def test_whole_bundle_installs_an_agent_that_watches_this_instance(box: Box) -> None:
    box.set(region=REGION)
    box.put_whole_bundle()

    booted = box.boot()

    assert booted.returncode == 0
    assert f"mlstack watches {INSTANCE} in {REGION}\n" in booted.stdout
    assert box.agent() == f"mlstack watches {INSTANCE} in {REGION}\n"


def test_agent_finds_no_wish_and_no_fault_in_the_file_as_it_is_installed(booted: Box) -> None:
    assert filed(booted.root) == 0


PROGRAMS = sorted(WORKSTATION.glob("*.py"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_program_is_python_39_and_imports_the_standard_library_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=OLDEST)

    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    qualified = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    assert {name.partition(".")[0] for name in plain | qualified} <= {*sys.stdlib_module_names, "workstation_agent"}
    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))


def test_units_are_installed_as_they_are_and_enabled(booted: Box) -> None:
    installed = booted.root / "etc/systemd/system"
    assert all((installed / unit.name).read_bytes() == unit.read_bytes() for unit in UNITS)
    enabled = sorted(str(path.relative_to(installed)) for path in installed.glob("*.wants/*"))
    assert enabled == [
        "multi-user.target.wants/mlstack-deadman.service",
        "multi-user.target.wants/mlstack-jupyter.service",
        "multi-user.target.wants/mlstack-refresh.service",
        "timers.target.wants/mlstack-refresh.timer",
        "timers.target.wants/mlstack-workstation.timer",
    ]


def test_units_have_no_fault_to_systemd(booted: Box, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("this machine has no systemd-analyze")
    names = [unit.name for unit in UNITS] + ["mlstack-deadman.service"]
    for name in names:
        shutil.copy(booted.root / "etc/systemd/system" / name, tmp_path / name)

    told = subprocess.run(
        [analyze, "verify", *(tmp_path / name for name in names)], capture_output=True, text=True, check=False
    )

    assert [line for line in told.stderr.splitlines() if "mlstack" in line and "not executable" not in line] == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_line_of_a_unit_is_one(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()

    assert all(re.fullmatch(r"\[[A-Z][a-z]+\]|#.*|[A-Z][A-Za-z]+=\S.*", line) for line in lines)
    assert any(line.startswith("Description=") for line in lines)


def test_paths_in_units_are_those_that_the_boot_makes(booted: Box) -> None:
    commands = [line for unit in UNITS for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
    paths = [path for line in commands for path in re.findall(r"/opt/mlstack/\S+", line)]
    assert len(paths) == len(commands)
    assert all((booted.root / path.lstrip("/")).stat().st_size > 0 for path in paths)


def test_agent_looks_every_minute_from_the_boot_on() -> None:
    timer = (WORKSTATION / "units/mlstack-workstation.timer").read_text()

    assert "\nOnBootSec=30s\nOnUnitActiveSec=60s\n" in timer


def test_refresh_comes_at_each_boot_and_each_hour_but_not_beside_the_first_boot(booted: Box) -> None:
    timer = (WORKSTATION / "units/mlstack-refresh.timer").read_text()
    assert "\nOnActiveSec=1h\nOnUnitActiveSec=1h\n" in timer
    assert "OnBootSec" not in timer
    assert "WantedBy=multi-user.target\n" in (WORKSTATION / "units/mlstack-refresh.service").read_text()
    started = [line for line in booted.lines("systemctl") if line.startswith(("start", "restart"))]
    assert not any("mlstack-refresh.service" in line for line in started)


def test_no_step_ends_a_tick_of_the_agent(booted: Box) -> None:
    booted.put_bundle("two")
    booted.refresh()

    assert not [
        line for line in booted.lines("systemctl") if re.search(r"\b(re)?start.*mlstack-workstation.service", line)
    ]
    assert {line.split()[0] for line in booted.lines("systemctl")} == {"daemon-reload", "enable", "start"}


def test_every_user_may_write_the_file_of_wishes_and_nothing_beside_it(booted: Box) -> None:
    folder = booted.root / "run/mlstack"
    assert folder.stat().st_mode & 0o777 == 0o755
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "keep-awake": 0o666,
        "installed": 0o644,
        "state.json": 0o644,
    }


def test_later_boots_make_that_file_anew() -> None:
    lines = (WORKSTATION / "tmpfiles.conf").read_text().splitlines()

    assert lines[1:] == ["d /run/mlstack 0755 root root -", "f /run/mlstack/keep-awake 0666 root root - 0"]


def test_installing_again_leaves_a_wish_as_it_is(booted: Box) -> None:
    booted.write("run/mlstack/keep-awake", "1764000000\n")

    booted.refresh()

    assert booted.lines("run/mlstack/keep-awake") == ["1764000000"]


def test_command_is_one_that_everybody_can_run(booted: Box) -> None:
    command = booted.root / "usr/local/bin/keep-awake"
    assert command.stat().st_mode & 0o777 == 0o755
    assert command.read_text().startswith("#!/usr/bin/python3 -I\n")


SCRIPT = """echo "$0 $# $HOME"
cat <<'OWN'
it's "quoted" \\ `not run` $(nor this) @AGENT@ é 🙂
OWN
echo wrong >&2
exit 3
"""


@pytest.mark.parametrize("first", ["#!/bin/bash\n", "", "#!/usr/bin/env bash\n# é\n"])
def test_own_script_runs_once_as_it_is_and_may_fail(booted: Box, first: str) -> None:
    booted.set(own=OWN)
    booted.write("objects/assets/own.sh", first + SCRIPT)

    once, again = booted.refresh(), booted.refresh()

    assert (once.returncode, again.returncode) == (0, 0)
    assert (booted.root / "opt/mlstack/own").read_text() == first + SCRIPT
    log = (booted.root / "var/log/mlstack-own.log").read_text()
    assert 'it\'s "quoted" \\ `not run` $(nor this) @AGENT@ é 🙂\n' in log
    assert log.endswith("wrong\n")
    assert booted.lines("systemd-run") == [f"/usr/bin/env {booted.root}/opt/mlstack/own"]


def test_own_script_counts_as_a_persons_work() -> None:
    assert "--slice=user.slice" in (WORKSTATION / "install.sh").read_text()


def test_own_script_that_cannot_be_started_fails_no_boot(box: Box) -> None:
    box.set(own=OWN)
    box.write("objects/assets/own.sh", "echo own")
    box.program("bin/systemd-run", "#!/bin/sh\nexit 1\n")

    booted = box.boot()

    assert booted.returncode == 0
    assert "mlstack: your own script could not be started\n" in booted.stdout


def test_own_script_that_is_gone_later_harms_no_refresh(box: Box) -> None:
    box.set(own=OWN)
    own = box.write("objects/assets/own.sh", "echo own")
    box.boot()
    own.unlink()
    box.put_bundle("two")

    assert box.refresh().returncode == 0
    assert box.agent() == "checked two 30\n"


def test_no_own_script_starts_none(booted: Box) -> None:
    assert booted.lines("systemd-run") == []


def test_machine_without_gpu_is_not_asked_for_one(box: Box) -> None:
    box.set(gpu=False, python="")
    (box.root / "bin/nvidia-smi").unlink()

    booted = box.boot()

    assert booted.returncode == 0
    assert "smoke check: no GPU is expected" in booted.stdout


def test_base_image_is_asked_for_its_driver_only(box: Box) -> None:
    box.set(python="")
    (box.root / "opt/pytorch/bin/python").unlink()

    assert "smoke check passed: GPU 0: NVIDIA L4 (UUID: GPU-1)\n" in box.boot().stdout


def smoke_check(box: Box) -> subprocess.CompletedProcess[str]:
    """Do what a boot does to see whether the GPU can be used."""
    return box.run(oldest(), "-I", WORKSTATION / "smoke.py", "true", str(box.settings["python"]))


@pytest.mark.parametrize(("gpus", "code"), [("['/gpu:0']", 0), ("[]", 1)])
def test_tensorflow_is_asked_where_there_is_no_pytorch(box: Box, gpus: str, code: int) -> None:
    (box.root / "opt/pytorch/lib/torch.py").unlink()
    flow = f"__version__ = '2.18'\nclass config:\n    list_physical_devices = staticmethod(lambda kind: {gpus})\n"
    box.write("opt/pytorch/lib/tensorflow.py", flow)

    checked = smoke_check(box)

    assert checked.returncode == code
    assert ("TensorFlow 2.18 sees a GPU" if not code else "TensorFlow 2.18 sees no GPU") in (
        checked.stdout + checked.stderr
    )


def test_framework_is_asked_with_the_environment_of_its_image(box: Box) -> None:
    box.write("opt/pytorch/bin/activate", f"export LIBRARIES={box.root}/there\n")
    box.write(
        "opt/pytorch/lib/torch.py",
        "import os\n__version__ = os.environ['LIBRARIES']\nclass cuda:\n    is_available = bool\n",
    )

    assert f"{box.root}/there sees no GPU" in smoke_check(box).stderr


def test_driver_may_come_late(box: Box) -> None:
    late = f"#!/bin/bash\necho x >>{box.root}/asked\ntest $(/bin/wc -l <{box.root}/asked) = 3 && echo GPU 0: late\n"
    box.program("bin/nvidia-smi", late)

    assert "smoke check passed: GPU 0: late" in smoke_check(box).stdout


def test_jupyter_runs_as_the_machines_user_and_fails_no_boot(box: Box) -> None:
    box.set(login="ec2-user")
    box.program(
        "bin/systemctl",
        (box.root / "bin/systemctl").read_text() + 'test "$*" != "start --no-block mlstack-jupyter.service"\n',
    )

    booted = box.boot()

    assert booted.returncode == 0
    assert "JupyterLab could not be started" in booted.stdout
    drop_in = box.root / "etc/systemd/system/mlstack-jupyter.service.d/login.conf"
    assert drop_in.read_text() == "[Service]\nUser=ec2-user\n"


def test_jupyter_that_works_is_left_alone_and_switched_off_from_the_next_boot_on(booted: Box) -> None:
    booted.refresh()
    booted.set(jupyter=False)
    booted.refresh()

    jupyter = [line for line in booted.lines("systemctl") if "jupyter" in line]
    assert jupyter == [
        "enable mlstack-jupyter.service",
        "start --no-block mlstack-jupyter.service",
        "disable mlstack-jupyter.service",
    ]
    assert not (booted.root / "etc/systemd/system/multi-user.target.wants/mlstack-jupyter.service").exists()


def test_boot_writes_into_its_folders_only_and_gets_nothing_from_the_internet(booted: Box) -> None:
    assert [entry.name for entry in booted.root.parent.iterdir()] == ["box"]
    for name in ("bootstrap.sh", "install.sh", "refresh.sh"):
        assert not re.search(r"\b(curl|wget|pip|dnf|yum|apt|https?://)\b", (WORKSTATION / name).read_text())
