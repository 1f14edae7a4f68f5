"""The function's environment, and importing without it."""

import subprocess
import sys
from pathlib import Path

import pytest

import image_labels
from image_labels.settings import Settings, settings

LAMBDA_ROOT = Path(image_labels.__file__).parents[1]
ENVIRONMENT = {
    "TABLE_NAME": "table",
    "RESULTS_BUCKET": "results",
    "RESULTS_PREFIX": "labels/",
    "DEAD_LETTER_QUEUE_URL": "https://queue",
    "MIN_CONFIDENCE": "55.5",
    "MAX_LABELS": "7",
}


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    read = settings.__wrapped__()

    assert read == Settings(
        table_name="table",
        results_bucket="results",
        results_prefix="labels/",
        dead_letter_queue_url="https://queue",
        min_confidence=55.5,
        max_labels=7,
    )


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing)

    with pytest.raises(KeyError, match=missing):
        settings.__wrapped__()


def test_handler_imports_without_any_environment() -> None:
    program = "import sys; sys.path.insert(0, sys.argv[1]); import image_labels.handler as h; print(callable(h.handle))"

    run = subprocess.run(
        [sys.executable, "-c", program, LAMBDA_ROOT], env={}, capture_output=True, text=True, check=False, timeout=60
    )

    assert (run.returncode, run.stdout.strip(), run.stderr) == (0, "True", "")
