"""JupyterLab on the machine: the image's own, or one by pip; for its user, and by the loopback interface only."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.machines.interpreter import oldest
from tests.machines.workstation.booting import WORKSTATION

UNIT = (WORKSTATION / "units/mlstack-jupyter.service").read_text(encoding="utf-8")
LAB = (WORKSTATION / "lab.sh").read_text(encoding="utf-8")
# `-m venv` makes one whose Python tells what it is asked; everything else is Python's own business
MAKER = """#!/bin/sh
if test "$2" = venv; then
  echo "venv $3" >>{root}/asked
  test ! -e {root}/no-venv || {{ rm {root}/no-venv; exit 1; }}
  mkdir -p "$3/bin" && cp {root}/tool "$3/bin/python" && cp {root}/tool "$3/bin/jupyter-lab"
else
  exec {python} "$@"
fi
"""
TOOL = """#!/bin/sh
echo "$(basename "$0") $*" >>{root}/asked
echo "PATH=$PATH" >{root}/environment
pwd >>{root}/environment
test ! -e {root}/refused || ! grep -q "$(cat {root}/refused)" <<TOLD
$*
TOLD
"""


class Lab:
    """A machine in a folder on which lab.sh runs."""

    def __init__(self, root: Path) -> None:
        self.root, self.home = root, root / "home/ubuntu"
        self.home.mkdir(parents=True)
        self.framework = root / "opt/pytorch/bin/python"
        self.tool(root / "tool")
        self.tool(root / "bin/apt-get")
        self.program(root / "maker", MAKER.format(root=root, python=oldest()))
        self.settings("")

    def program(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def tool(self, path: Path) -> None:
        """Let a program be that tells what it is asked."""
        self.program(path, TOOL.format(root=self.root))

    def settings(self, python: str) -> None:
        path = self.root / "opt/mlstack/settings.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"python": python}))

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "HOME": str(self.home),
            "MLSTACK_PYTHON": str(self.root / "maker"),
            "MLSTACK_PAUSE_S": "0",
            "MLSTACK_ROOT": str(self.root),
            "PATH": f"{self.root}/bin:/usr/bin:/bin",
        }
        command = ["/bin/bash", str(WORKSTATION / "lab.sh"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    def asked(self) -> list[str]:
        path = self.root / "asked"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A base image: no Python of its own."""
    return Lab(tmp_path / "box")


def test_image_that_has_jupyterlab_runs_its_own_and_gets_nothing(lab: Lab) -> None:
    lab.settings(str(lab.framework))
    lab.tool(lab.framework)
    lab.tool(lab.framework.with_name("jupyter-lab"))

    prepared, served = lab.run("prepare"), lab.run("serve")

    assert (prepared.returncode, served.returncode) == (0, 0)
    [asked] = lab.asked()
    assert asked.startswith("jupyter-lab --no-browser --ip=127.0.0.1 --port=8888 ")
    assert f"PATH={lab.framework.parent}:" in (lab.root / "environment").read_text()


def test_other_images_get_a_pinned_one_once(lab: Lab) -> None:
    for _ in range(2):
        prepared = lab.run("prepare")

    assert prepared.returncode == 0
    making, getting = lab.asked()
    assert making == f"venv {lab.root}/opt/mlstack/jupyter"
    assert getting.startswith("python -m pip install ")
    assert getting.endswith(f" --no-deps --requirement {WORKSTATION}/lab.txt")


def test_all_of_it_is_pinned_since_pip_searches_nothing() -> None:
    pins = [line for line in (WORKSTATION / "lab.txt").read_text().splitlines() if not line.startswith("#")]

    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+( ; python_full_version [<>=].*)?", pin) for pin in pins)
    [kernel] = re.findall(r"^kernel=(\S+)", LAB, re.MULTILINE)
    assert {kernel, "tornado==6.5.10 ; python_full_version < '3.11'"} < set(pins)
    assert sum(pin.startswith("jupyterlab==") for pin in pins) == 1


def test_server_stays_on_the_loopback_interface_in_the_users_home(lab: Lab) -> None:
    lab.run("prepare")

    lab.run("serve")

    arguments = lab.asked()[-1].split()
    assert arguments == [
        "jupyter-lab",
        "--no-browser",
        "--ip=127.0.0.1",
        "--port=8888",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={lab.home}",
    ]
    assert (lab.root / "environment").read_text().splitlines()[-1] == str(lab.home)


def test_jupyters_own_token_stays() -> None:
    assert not re.search("token|password|allow[-_]root|allow[-_]origin", UNIT + re.sub("(?m)^#.*$", "", LAB))


def test_python_of_the_image_becomes_a_kernel(lab: Lab) -> None:
    lab.settings(str(lab.framework))
    lab.tool(lab.framework)

    lab.run("prepare")

    known, made = lab.asked()[2:]
    assert known == "python -c import ipykernel"
    assert made.startswith(f"python -m ipykernel install --prefix={lab.root}/opt/mlstack/jupyter --name=dlami ")
    assert made.endswith(f"--display-name=Python of the image ({lab.framework})")


def test_python_of_the_image_gets_what_a_kernel_needs(lab: Lab) -> None:
    lab.settings(str(lab.framework))
    lab.tool(lab.framework)
    (lab.root / "refused").write_text("import ipykernel")

    lab.run("prepare")

    assert re.fullmatch(r"python -m pip install .* ipykernel==\S+", lab.asked()[3])
    assert "-m ipykernel install" in lab.asked()[4]


def test_kernel_that_cannot_be_made_takes_no_server_away(lab: Lab) -> None:
    lab.settings(str(lab.framework))
    lab.tool(lab.framework)
    (lab.root / "refused").write_text("ipykernel install")

    prepared = lab.run("prepare")

    assert prepared.returncode == 0
    assert f"JupyterLab has no kernel for {lab.framework}" in prepared.stdout
    assert (lab.root / "opt/mlstack/jupyter/ready").exists()


def test_without_internet_it_fails_and_begins_anew_the_next_time(lab: Lab) -> None:
    (lab.root / "refused").write_text("pip install")
    failed = lab.run("prepare")
    (lab.root / "refused").unlink()
    half = lab.root / "opt/mlstack/jupyter/half-installed"
    half.touch()

    again = lab.run("prepare")

    assert not half.exists()
    assert (failed.returncode != 0, again.returncode) == (True, 0)
    assert [line.split()[0] for line in lab.asked()] == ["venv", "python"] * 2


def test_ubuntu_without_venv_gets_it_from_its_packages(lab: Lab) -> None:
    (lab.root / "no-venv").touch()

    prepared = lab.run("prepare")

    assert prepared.returncode == 0
    assert lab.asked()[1:3] == [
        "apt-get update --quiet",
        "apt-get -o DPkg::Lock::Timeout=300 install --quiet --yes python3-venv",
    ]
    assert [line.split()[0] for line in lab.asked()] == ["venv", "apt-get", "apt-get", "venv", "python"]


@pytest.mark.parametrize(("refused", "times"), [("update", 1), ("python3-venv", 3)])
def test_packages_are_installed_though_their_lists_stay_old_and_asked_for_three_times(
    lab: Lab, refused: str, times: int
) -> None:
    (lab.root / "no-venv").touch()
    (lab.root / "refused").write_text(refused)

    prepared = lab.run("prepare")

    assert (prepared.returncode == 0) == (refused == "update")
    assert sum("install --quiet --yes python3-venv" in line for line in lab.asked()) == times


def test_installing_a_package_asks_nobody_and_restarts_what_it_must(lab: Lab) -> None:
    (lab.root / "no-venv").touch()
    said = f'#!/bin/sh\necho "$DEBIAN_FRONTEND $NEEDRESTART_MODE" >>{lab.root}/said\n'
    lab.program(lab.root / "bin/apt-get", said)

    lab.run("prepare")

    assert (lab.root / "said").read_text().splitlines() == ["noninteractive a"] * 2


@pytest.mark.parametrize("words", [(), ("prepared",), ("rm -rf /",)])
def test_other_words_are_refused(lab: Lab, words: tuple[str, ...]) -> None:
    told = lab.run(*words)

    assert (told.returncode, told.stderr) == (2, "lab.sh: say prepare or serve\n")
    assert lab.asked() == []


def test_server_waits_for_what_it_needs_and_does_not_try_for_ever() -> None:
    assert "Requires=mlstack-lab.service\nAfter=mlstack-lab.service\n" in UNIT
    assert re.search(r"^StartLimitBurst=[1-5]$", UNIT, re.MULTILINE)
    assert "User=root" not in UNIT


def test_nothing_that_prepares_looks_like_the_server_to_the_agent(lab: Lab) -> None:
    prepare = (WORKSTATION / "units/mlstack-lab.service").read_text(encoding="utf-8")
    [command] = re.findall(r"^ExecStart=(.*)$", prepare, re.MULTILINE)
    lab.run("prepare")

    commands = [command, *(line for line in lab.asked() if not line.startswith("venv "))]
    words = [Path(word).name for each in commands for word in each.split()[:3]]
    assert words[:3] == ["bash", "lab.sh", "prepare"]
    assert not [word for word in words if word.startswith("jupyter")]
