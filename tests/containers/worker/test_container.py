"""What the image is made of."""

import re
import shlex
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.containers.worker.worker_lab import ROOT, SOURCE

DOCKERFILE = (SOURCE / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
REQUIREMENTS = (SOURCE / "requirements.txt").read_text(encoding="utf-8")
INSTRUCTIONS = [
    tuple(line.split(maxsplit=1)) for line in DOCKERFILE.splitlines() if line.strip() and not line.startswith("#")
]


def given(instruction: str) -> list[str]:
    return [rest for name, rest in INSTRUCTIONS if name == instruction]


def test_image_installs_what_the_lock_file_says() -> None:
    comment, _, requirements = REQUIREMENTS.partition("\n")
    command, _, target = comment.removeprefix("# Written by: ").partition(" > ")

    exported = subprocess.run(
        [*shlex.split(command), "--offline", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert requirements == exported, f"run: {command} > {target}"
    assert ROOT / target == SOURCE / "requirements.txt"


def test_image_installs_nothing_without_a_hash_or_from_a_named_registry() -> None:
    packages = [line for line in REQUIREMENTS.splitlines() if line and not line.startswith((" ", "#"))]

    assert [line.partition("==")[0] for line in packages][:2] == ["boto3", "botocore"]
    assert all("==" in line and line.endswith("\\") for line in packages)
    assert REQUIREMENTS.count("--hash=sha256:") >= len(packages)
    assert "://" not in REQUIREMENTS
    assert "--index" not in REQUIREMENTS
    assert "--require-hashes" in " ".join(given("RUN"))


def test_image_runs_the_worker_as_the_user_that_the_volume_belongs_to() -> None:
    (user,) = given("USER")

    assert all(part.isdecimal() and int(part) > 0 for part in user.split(":"))
    assert re.search(rf"mkdir /model\s+&& chown {user} /model", " ".join(given("RUN")))
    assert INSTRUCTIONS[-3:] == [
        ("VOLUME", '["/model"]'),
        ("USER", user),
        ("ENTRYPOINT", '["python", "-m", "worker"]'),
    ]


def test_worker_and_server_are_the_same_user_so_that_one_reads_what_the_other_wrote() -> None:
    server = (ROOT / "containers" / "inference" / "Dockerfile").read_text(encoding="utf-8")

    assert f"USER {given('USER')[0]}\n" in server


def test_image_stands_on_what_the_builder_names_and_on_a_public_one_otherwise() -> None:
    assert given("FROM") == ["${BASE}"]
    assert given("ARG") == ["BASE=public.ecr.aws/docker/library/python:3.13-slim"]


@pytest.mark.parametrize("copied", [words.split()[0].removeprefix("./") for words in given("COPY")])
def test_image_is_built_from_what_the_dockerfile_copies_and_nothing_else(copied: str) -> None:
    lines = (SOURCE / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = [line[1:] for line in lines if line.startswith("!")]

    assert "*" in lines
    assert copied in allowed
    assert len(allowed) == len(given("COPY"))
    assert any(fnmatch("worker/__pycache__", line) for line in lines[1:])
    assert Path(SOURCE / copied).exists()
