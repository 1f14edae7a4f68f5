"""The function's environment, and importing without it."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

import image_analysis
from image_analysis.settings import Settings, settings
from tests.functions.image_analysis.lab import DEAD_LETTERS, OPTIONS, PER_SECOND, QUEUE, RESULTS, ROUTES, environment

LAMBDA_ROOT = Path(image_analysis.__file__).parents[1]


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what the stack sets."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)


def test_settings_are_read_from_the_environment() -> None:
    assert settings.__wrapped__() == Settings(
        stage="sandbox",
        table_name="results",
        pace_table_name="pace",
        results_bucket=RESULTS,
        queue_url=QUEUE,
        dead_letter_queue_url=DEAD_LETTERS,
        keep=None,
        routes=ROUTES,
        options=OPTIONS,
        per_second=PER_SECOND,
    )


@pytest.mark.parametrize(("days", "kept"), [("0", None), ("1", timedelta(days=1)), ("3650", timedelta(days=3650))])
def test_results_are_kept_for_days_or_for_ever(
    monkeypatch: pytest.MonkeyPatch, days: str, kept: timedelta | None
) -> None:
    monkeypatch.setenv("RESULTS_DAYS", days)

    assert settings.__wrapped__().keep == kept


@pytest.mark.parametrize("missing", environment())
def test_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.delenv(missing)

    with pytest.raises(KeyError, match=missing):
        settings.__wrapped__()


def test_handler_imports_without_any_environment() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import image_analysis.handler as h; print(callable(h.handle))"
    )

    run = subprocess.run(
        [sys.executable, "-c", program, LAMBDA_ROOT], env={}, capture_output=True, text=True, check=False, timeout=60
    )

    assert (run.returncode, run.stdout.strip(), run.stderr) == (0, "True", "")
