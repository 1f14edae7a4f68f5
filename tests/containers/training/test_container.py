"""What the image is made of."""

import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.containers.training.training_lab import SOURCE, training_python

DOCKERFILE = (SOURCE / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
REQUIREMENTS = (SOURCE / "requirements.txt").read_text(encoding="utf-8")
ASKED = (SOURCE / "requirements.in").read_text(encoding="utf-8")
INSTRUCTIONS = [
    tuple(line.split(maxsplit=1)) for line in DOCKERFILE.splitlines() if line.strip() and not line.startswith("#")
]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ \\\n]+)", re.MULTILINE)


def given(instruction: str) -> list[str]:
    return [rest for name, rest in INSTRUCTIONS if name == instruction]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(text: str) -> dict[str, str]:
    return {plain(name): version for name, version in PINNED.findall(text)}


def test_image_installs_what_was_asked_for_and_leaves_torch_to_its_base() -> None:
    installed = pinned(REQUIREMENTS)

    assert installed == pinned(ASKED)
    assert {"transformers", "accelerate", "onnx", "onnxscript", "onnxruntime", "pillow"} <= set(installed)
    assert not [name for name in installed if name.startswith(("torch", "nvidia", "triton"))]


def test_image_installs_nothing_without_a_hash_or_from_a_named_registry() -> None:
    packages = [line for line in REQUIREMENTS.splitlines() if line and not line.startswith((" ", "#"))]

    assert all("==" in line and line.endswith("\\") for line in packages)
    assert REQUIREMENTS.count("--hash=sha256:") >= len(packages)
    assert "://" not in REQUIREMENTS
    assert "--index" not in REQUIREMENTS
    assert {"--require-hashes", "--no-deps"} <= set(" ".join(given("RUN")).split())


def test_tests_run_with_what_the_image_installs() -> None:
    program = "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()), sep='\\n')"

    out = subprocess.run([training_python(), "-c", program], capture_output=True, text=True, check=True).stdout

    there = pinned(out)
    assert {name: there.get(name) for name in pinned(REQUIREMENTS)} == pinned(REQUIREMENTS), "run `make setup`"
    assert there["torch"].startswith("2.13.")


def test_image_runs_the_training() -> None:
    assert INSTRUCTIONS[-1] == ("ENTRYPOINT", '["python", "-m", "training"]')
    assert "HF_HUB_OFFLINE=1" in " ".join(given("ENV"))
    assert f"PYTHONPATH={given('WORKDIR')[0]}" in " ".join(given("ENV"))


def test_image_has_a_folder_for_tasks_that_belongs_to_the_user_of_the_other_images() -> None:
    server = (SOURCE.parent / "inference" / "Dockerfile").read_text(encoding="utf-8")
    [user] = re.findall(r"^USER (\S+)$", server, re.MULTILINE)

    assert re.search(rf"mkdir /task\s+&& chown {user} /task", " ".join(given("RUN")))
    assert given("VOLUME") == ['["/task"]']
    assert given("USER") == []  # SageMaker's training needs root


def test_image_stands_on_what_the_builder_names_and_on_a_deep_learning_container_otherwise() -> None:
    assert given("FROM") == ["${BASE}"]
    assert given("ARG") == ["BASE=public.ecr.aws/deep-learning-containers/pytorch:2.13-cpu-amzn2023-sagemaker"]


@pytest.mark.parametrize("copied", [words.split()[0].removeprefix("./") for words in given("COPY")])
def test_image_is_built_from_what_the_dockerfile_copies_and_nothing_else(copied: str) -> None:
    lines = (SOURCE / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = [line[1:] for line in lines if line.startswith("!")]

    assert "*" in lines
    assert copied in allowed
    assert len(allowed) == len(given("COPY"))
    assert any(fnmatch("training/__pycache__", line) for line in lines[1:])
    assert Path(SOURCE / copied).exists()
