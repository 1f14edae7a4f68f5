"""What is said of a failed CDK command, and what is left of one that was cut off."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mlstack.local.cdk import LONGEST, cause
from mlstack.project import ROOT
from tests.local.patience import eventually

FAILED = (
    "mlstack-bad-Endpoints | 12/14 | 4:25:10 AM | CREATE_FAILED           | AWS::SageMaker::Endpoint       | "
    "A/Serverless (AServerlessDA5D926A) {}"
)
CALLED = "An error occurred (ValidationException) when calling the CreateModel operation (reached max retries: 0): {}"
CUT_OFF = """
import signal, subprocess, sys
from mlstack.local.child import ended_with_us
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell started the tests in the background
child = subprocess.Popen(
    [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"],
    stdout=subprocess.PIPE, text=True, start_new_session=True,
)
with child, ended_with_us(child):
    print(child.stdout.readline().strip(), flush=True)
    child.stdout.readline()
"""


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["fine", "❌  Alpha failed: Error: no such thing", "    at stack.js:1"], "Alpha failed: Error: no such thing"),
        (["Traceback (most recent call last):", '  File "x.py"', "ValueError: bad profile"], "ValueError: bad profile"),
        (["first", "second"], "second"),
        ([], "it said nothing"),
        (["❌ A failed: reason", "  '$fault': 'client',", "}"], "A failed: reason"),
    ],
)
def test_cause_is_the_last_complaint(lines: list[str], expected: str) -> None:
    assert cause(lines) == expected


def test_cause_of_a_synthesis_is_the_first_refusal_of_a_rule() -> None:
    lines = ["ERROR AModel: x is made to train. (rule)", "ERROR BModel: later", "Synthesis finished with errors"]

    assert cause(lines) == "AModel: x is made to train. (rule)"


@pytest.mark.parametrize("said", ["no model data at s3://b/x", CALLED.format("no model data at s3://b/x")])
def test_cause_of_a_deployment_is_the_first_resource_that_failed(said: str) -> None:
    cancelled = FAILED.format("Resource creation cancelled")
    lines = [
        "fine",
        cancelled,
        FAILED.format(said),
        FAILED.format("later"),
        "❌  mlstack-bad-Endpoints failed to deploy",
    ]

    expected = "mlstack-bad-Endpoints: A/Serverless (AWS::SageMaker::Endpoint): no model data at s3://b/x"
    assert cause(lines) == expected


def test_cause_is_cut_where_it_is_long() -> None:
    assert len(cause([FAILED.format("word " * 1000)])) <= LONGEST


def test_cause_names_the_other_cli_that_works_in_the_folder() -> None:
    said = "Other CLIs (PID=20651) are currently reading from /x/cdk.out. Invoke the CLI in sequence, or use '--output'"

    assert cause([said]) == "another CDK CLI (process 20651) works in this folder; wait for its end, or end it"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_cli_ends_with_the_command_that_started_it(number: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "cut_off.py"
    script.write_text(CUT_OFF)
    with subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as waiting:
        assert waiting.stdout is not None
        child = int(waiting.stdout.readline())

        waiting.send_signal(number)

        assert waiting.wait(timeout=20) != 0
    assert eventually(lambda: not _alive(child))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
