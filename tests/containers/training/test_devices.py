"""A GPU that is paid for is used, or the job fails."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.containers.training import training_lab
from training import devices
from training.job import Job
from training.problem import ProblemError

NVRM = (
    "NVRM version: NVIDIA UNIX{kind} x86_64 Kernel Module  {version}  Release Build  (builder)  Wed Jan 1 2025\n"
    "GCC version:  gcc version 11.5.0\n"
)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    given = {"SM_CHANNEL_TRAIN": "/nowhere", "SAGEMAKER_BASE_DIR": str(tmp_path)}
    (tmp_path / "input" / "config").mkdir(parents=True)
    training_lab.Job(tmp_path).tell("resourceconfig", {"current_instance_type": "ml.g5.xlarge"})
    return Job.read(given)


def torch_with(monkeypatch: pytest.MonkeyPatch, gpus: int, cuda: str | None) -> None:
    seen = SimpleNamespace(is_available=lambda: bool(gpus), device_count=lambda: gpus)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=seen, version=SimpleNamespace(cuda=cuda)))


def test_gpus_are_counted(monkeypatch: pytest.MonkeyPatch, job: Job) -> None:
    torch_with(monkeypatch, 4, "13.3")

    assert devices.count(job, {}) == 4


def test_job_fails_on_a_gpu_that_its_image_is_not_made_for(monkeypatch: pytest.MonkeyPatch, job: Job) -> None:
    torch_with(monkeypatch, 0, None)

    with pytest.raises(ProblemError) as refused:
        devices.count(job, {})

    assert str(refused.value) == (
        'ml.g5.xlarge has a GPU, which this image cannot use: set accelerator = "gpu" in the profile\'s training and '
        "deploy, or use an instance type without one, such as ml.m5.xlarge"
    )


def test_job_fails_on_a_gpu_whose_driver_is_too_old(monkeypatch: pytest.MonkeyPatch, job: Job) -> None:
    torch_with(monkeypatch, 0, "13.3")
    monkeypatch.setattr(devices, "driver", lambda: "550.163.01")

    with pytest.raises(ProblemError, match=r"may be too old for this image's CUDA 13\.3; its driver is 550\.163\.01;"):
        devices.count(job, {})


def test_gpu_may_be_kept_from_a_job_on_purpose(monkeypatch: pytest.MonkeyPatch, job: Job) -> None:
    torch_with(monkeypatch, 0, None)

    assert devices.count(job, {"CUDA_VISIBLE_DEVICES": ""}) == 0


def test_instance_without_a_gpu_needs_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    torch_with(monkeypatch, 0, "13.3")
    job = Job.read({"SM_CHANNEL_TRAIN": "/nowhere", "SAGEMAKER_BASE_DIR": str(tmp_path)})

    assert devices.count(job, {}) == 0


@pytest.mark.parametrize(
    ("cuda", "reason"),
    [
        (None, "the task has a GPU, which this image cannot use: build the training image on the GPU's base"),
        ("13.3", "the task has a GPU, which torch does not see: the instance's driver may be too old for this image's"),
    ],
)
def test_task_that_has_reserved_a_gpu_fails_without_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cuda: str | None, reason: str
) -> None:
    torch_with(monkeypatch, 0, cuda)
    job = Job.read({"SM_CHANNEL_TRAIN": "/nowhere", "SAGEMAKER_BASE_DIR": str(tmp_path)})

    with pytest.raises(ProblemError, match=reason):
        devices.count(job, {"TASK_ACCELERATOR": "gpu"})

    assert devices.count(job, {"TASK_ACCELERATOR": "gpu", "CUDA_VISIBLE_DEVICES": ""}) == 0
    assert devices.count(job, {"TASK_ACCELERATOR": "cpu"}) == 0


def test_training_says_what_to_do_about_a_gpu_that_torch_does_not_see(tmp_path: Path) -> None:
    job = training_lab.Job.make(tmp_path / "ml", epochs="1", processes="1")
    job.tell("resourceconfig", {"current_host": "a", "hosts": ["a"], "current_instance_type": "ml.p3.2xlarge"})

    ended = job.run()

    assert ended.code == 1
    assert (job.base / "output" / "failure").read_text(encoding="utf-8").startswith("ml.p3.2xlarge has a GPU, which ")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (NVRM.format(kind="", version="550.163.01"), "550.163.01"),
        (NVRM.format(kind=" Open", version="580.95.05").replace("Module", "Module for x86_64"), "580.95.05"),
        ("something else", ""),
        ("", ""),
    ],
)
def test_driver_tells_its_version(tmp_path: Path, text: str, version: str) -> None:
    (tmp_path / "version").write_text(text)

    assert devices.driver(tmp_path / "version") == version
    assert devices.driver(tmp_path / "none") == ""
