"""The programs that a machine finds in place of the real ones."""

import json
import subprocess
from pathlib import Path

import pytest

from mlstack.local.aws import LocalAws
from mlstack.local.environment import Place
from mlstack.local.environment import aws as credentials
from mlstack.local.machine import path
from mlstack.local.machine.programs import shutdown, systemctl

T4 = ("T4",)
DANGEROUS = ("systemctl", "shutdown", "poweroff", "reboot", "halt", "apt-get", "dnf", "sudo", "mount", "dd", "curl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A machine's folder, an hour after its boot."""
    for name in ("proc", "etc/systemd/system", "opt/pytorch/bin"):
        (tmp_path / "root" / name).mkdir(parents=True)
    (tmp_path / "root/proc/uptime").write_text("3600.00 1.00\n")
    (tmp_path / "root/etc/systemd/system/a.timer").write_text("[Install]\nWantedBy=timers.target\n")
    (tmp_path / "root/etc/systemd/system/a.service").write_text("[Service]\nExecStart=/bin/true\n")
    return tmp_path


def plan(folder: Path) -> float:
    """The uptime at which the machine ends."""
    return float(json.loads((folder / shutdown.FILE).read_text())["at"])


@pytest.mark.parametrize(
    ("arguments", "at"), [(["-P", "now"], 3600), (["-P", "+45"], 6300), (["-h", "10"], 4200), ([], 3660)]
)
def test_shutdown_plans_the_end_by_the_clock_of_the_machine(folder: Path, arguments: list[str], at: float) -> None:
    assert shutdown.main(folder, arguments) == 0
    assert plan(folder) == at


def test_the_last_shutdown_holds_and_can_be_taken_back(folder: Path) -> None:
    shutdown.main(folder, ["-P", "+45"])
    shutdown.main(folder, ["-P", "+10"])
    last = plan(folder)

    taken_back = shutdown.main(folder, ["-c"]), shutdown.main(folder, ["-c"])

    assert last == 4200
    assert taken_back == (0, 0)
    assert not (folder / shutdown.FILE).exists()


@pytest.mark.parametrize("arguments", [["-r", "now"], ["-P", "tomorrow"], ["-P", "22:00"]])
def test_shutdown_refuses_what_it_does_not_know(folder: Path, arguments: list[str]) -> None:
    assert shutdown.main(folder, arguments) == 1
    assert not (folder / shutdown.FILE).exists()


@pytest.mark.parametrize("arguments", [["poweroff"], ["poweroff", "--force"]])
def test_systemctl_ends_the_machine_at_once(folder: Path, arguments: list[str]) -> None:
    assert systemctl.main(folder, arguments) == 0
    assert plan(folder) == 0


def test_systemctl_enables_by_a_link_and_starts_by_a_note(folder: Path) -> None:
    link = folder / "root/etc/systemd/system/timers.target.wants/a.timer"

    codes = [
        systemctl.main(folder, words.split())
        for words in ("is-enabled a.timer", "enable --now a.timer", "is-enabled a.timer", "is-active a.timer")
    ]
    enabled = link.is_symlink() and link.exists()
    gone = [systemctl.main(folder, words.split()) for words in ("disable --now a.timer", "is-active a.timer")]

    assert (codes, enabled) == ([1, 0, 0, 0], True)
    assert gone == [0, 3]
    assert not link.is_symlink()


def test_a_timer_that_is_started_twice_counts_from_the_first_time(folder: Path) -> None:
    systemctl.main(folder, ["start", "a.timer"])
    (folder / "root/proc/uptime").write_text("7200.00 1.00\n")
    systemctl.main(folder, ["start", "a.timer"])

    assert (folder / systemctl.ACTIVE / "a.timer").read_text() == "3600.00"


def test_a_service_is_asked_for_by_either_name(folder: Path) -> None:
    assert systemctl.main(folder, ["start", "--no-block", "a"]) == 0
    assert (folder / systemctl.ASKED / "a.service").exists()


@pytest.mark.parametrize("words", ["frobnicate a.timer", "", "--now"])
def test_systemctl_refuses_what_it_does_not_know(folder: Path, words: str) -> None:
    assert systemctl.main(folder, words.split()) == 1


def test_systemctl_knows_no_unit_that_is_not_there(folder: Path) -> None:
    assert systemctl.main(folder, ["enable", "nothing.service"]) == 5


def run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program by what a machine finds on its PATH, and by nothing else."""
    environment = {"PATH": str(folder / "root/usr/bin"), **more}
    program = [str(folder / "root/usr/bin" / words[0]), *words[1:]]
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("name", DANGEROUS)
def test_no_program_that_could_harm_this_system_is_found(folder: Path, name: str) -> None:
    path.install(folder, T4, "")

    found = run(folder, "sh", "-c", f"command -v {name} || echo nothing").stdout.strip()

    assert found in {"nothing", str(folder / "root/usr/bin" / name)}
    assert not (folder / "root/usr/bin" / name).is_symlink()


def test_a_machine_has_as_many_gpus_as_its_type(folder: Path) -> None:
    path.install(folder, ("V100", "V100"), "")

    listed, queried = run(folder, "nvidia-smi", "-L"), run(folder, "nvidia-smi", "--query-gpu=a,b", "--format=csv")

    assert [line[:12] for line in listed.stdout.splitlines()] == ["GPU 0: V100 ", "GPU 1: V100 "]
    assert queried.stdout == "0, 3\n0, 3\n"


def test_a_machine_without_a_gpu_has_no_driver(folder: Path) -> None:
    path.install(folder, (), "")

    assert not (folder / "root/usr/bin/nvidia-smi").exists()


def test_a_login_shell_takes_the_python_of_the_image_from_the_folder_of_the_machine(folder: Path) -> None:
    path.install(folder, T4, "/opt/pytorch/bin/python")

    said = run(folder, "bash", "-lc", 'exec "$0" "$@"', "/opt/pytorch/bin/python", "cuda.py")

    assert (said.returncode, said.stdout) == (
        0,
        "the image's Python would look for its GPU here: the local AWS has neither\n",
    )


def test_the_python_of_a_machine_has_the_standard_library_and_nothing_else(folder: Path) -> None:
    path.install(folder, T4, "")

    assert run(folder, "python3", "-I", "-c", "import json, zipfile").returncode == 0
    assert "No module named 'boto3'" in run(folder, "python3", "-I", "-c", "import boto3").stderr


def test_a_persons_script_is_named_and_not_run(folder: Path) -> None:
    path.install(folder, T4, "")

    said = run(folder, "systemd-run", "--unit=own", "/bin/sh", "-c", f"touch {folder}/ran")

    assert said.stdout.startswith("the local AWS runs no script of a person's own: --unit=own")
    assert not (folder / "ran").exists()


@pytest.fixture(scope="module")
def calling(apart: LocalAws) -> dict[str, str]:
    """The variables of a machine's `aws`."""
    return credentials(Place(port=apart.place.port))


def test_aws_calls_in_the_one_form_and_answers_in_json(folder: Path, calling: dict[str, str], apart: LocalAws) -> None:
    path.install(folder, T4, "")
    apart.client("ssm").put_parameter(Name="/a", Type="String", Value="ä", Overwrite=True)
    asked = ("--region", "us-east-1", "--cli-input-json", '{"Name": "/a"}', "--output", "json")

    said = run(folder, "aws", "ssm", "get-parameter", *asked, **calling)

    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["Parameter"]["Value"] == "ä"


def test_aws_brings_an_object_into_a_file(folder: Path, calling: dict[str, str], apart: LocalAws) -> None:
    path.install(folder, T4, "")
    s3 = apart.client("s3")
    s3.create_bucket(Bucket="somebodys")
    s3.put_object(Bucket="somebodys", Key="k/ä", Body=b"\0\1")
    told = ("--region", "us-east-1", "--cli-input-json", json.dumps({"Bucket": "somebodys", "Key": "k/ä"}))

    said = run(folder, "aws", "s3api", "get-object", *told, str(folder / "out"), **calling)

    assert said.returncode == 0, said.stderr
    assert (folder / "out").read_bytes() == b"\0\1"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ("ssm", "get-parameter", "--region", "us-east-1", "--cli-input-json", '{"Name": "/no"}'),
            254,
            "ParameterNotFound",
        ),
        (("ssm", "get-parameter", "--region", "us-east-1", "--cli-input-json", "{"), 252, "one form"),
        (("ssm", "get-parameter", "--cli-input-json", "{}"), 252, "one form"),
        (("ssm", "fly", "--region", "us-east-1", "--cli-input-json", "{}"), 252, "one form"),
        (("ec2", "describe-instances", "--region", "us-east-1", "--cli-input-json", "{}", "--query", "a"), 252, "form"),
    ],
    ids=["refused", "no json", "no region", "no operation", "other form"],
)
def test_aws_ends_as_the_real_one_where_something_is_wrong(
    folder: Path, calling: dict[str, str], words: tuple[str, ...], code: int, said: str
) -> None:
    path.install(folder, T4, "")

    found = run(folder, "aws", *words, **calling)

    assert found.returncode == code
    assert said in found.stderr
    assert found.stdout == ""


def test_what_this_system_lacks_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "flock").write_text("#!/bin/sh\n")
    (tmp_path / "flock").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert sorted(path.missing()) == sorted({*path.NEEDED} - {"flock"})
