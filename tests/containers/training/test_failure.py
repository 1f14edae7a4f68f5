"""The one line that SageMaker shows of a failure."""

from pathlib import Path

import pytest

from training import failure
from training.problem import ProblemError

SECRETS = {"AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI", "HF_TOKEN": "hf_abcdef", "HOME": "/root"}


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_mistake_of_a_person_is_told_as_it_is() -> None:
    assert failure.line(ProblemError("epochs: a whole\n number"), {}) == "epochs: a whole number"


def test_crash_is_told_with_its_kind_and_place() -> None:
    line = failure.line(raised(ValueError("first\nsecond")), {})

    assert line.startswith("ValueError at test_failure.py:")
    assert line.endswith(": first second; the job's log has the rest")


@pytest.mark.parametrize("error", [ProblemError("no hf_abcdef here"), RuntimeError("wJalrXUtnFEMI and hf_abcdef")])
def test_failure_tells_no_secret(error: Exception) -> None:
    line = failure.line(raised(error), SECRETS)

    assert "***" in line
    assert not any(secret in line for secret in ("wJalrXUtnFEMI", "hf_abcdef"))


def test_lack_of_memory_is_told_with_what_to_do() -> None:
    gpu = type("OutOfMemoryError", (RuntimeError,), {})

    lines = [failure.line(error, {}) for error in (MemoryError(), gpu("CUDA out of memory"))]

    assert all("use a smaller batch_size or image_size" in line for line in lines)


def test_failure_is_no_longer_than_what_sagemaker_shows() -> None:
    assert len(failure.line(ProblemError("long " * 1000), {})) <= 1024


def test_first_failure_is_kept(tmp_path: Path) -> None:
    failure.write(tmp_path / "output", "the first")
    failure.write(tmp_path / "output", "the second")

    assert (tmp_path / "output" / "failure").read_text(encoding="utf-8") == "the first"
    assert (tmp_path / "output" / "message").read_text(encoding="utf-8") == "the first"
