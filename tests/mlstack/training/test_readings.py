"""The metrics of one job out of a log group that all jobs of an account share, as the local AWS has it."""

import pytest
from moto import mock_aws

from mlstack.local import log_stream
from mlstack.training.readings import GROUP, Readings
from tests.mlstack.wire import client

JOB = "mlstack-sandbox-0a1b2c3d"
ACCURACY = [("accuracy", "accuracy=([0-9.]+)")]


def write(stream: str, *lines: str) -> None:
    """Let a job log."""
    log_stream.write("123456789012", "us-east-1", GROUP, stream, lines)


@pytest.mark.parametrize(
    "other",
    [
        "mlstack-sandbox-99999999/algo-1-1790000000",
        f"{JOB}-001-0badcafe/algo-1-1790000000",
        f"{JOB}-002-0badcafe/algo-1-1790000000",
        f"another/{JOB}/algo-1-1790000000",
    ],
)
@mock_aws
def test_jobs_that_run_at_the_same_time_are_not_mixed_up(other: str) -> None:
    readings = Readings(client("logs"), f"{JOB}/")
    write(f"{JOB}/algo-1-1790000000", "accuracy=0.25")
    write(other, "accuracy=0.99")
    first = readings.latest(ACCURACY)

    write(f"{JOB}/algo-2-1790000000", "accuracy=0.5")
    write(other, "accuracy=1")
    second = readings.latest(ACCURACY)

    assert (first, second, readings.fault) == ({"accuracy": "0.25"}, {"accuracy": "0.5"}, "")


@mock_aws
def test_a_job_that_has_not_logged_yet_has_no_metrics_of_others() -> None:
    write("mlstack-sandbox-99999999/algo-1-1790000000", "accuracy=0.99")

    readings = Readings(client("logs"), f"{JOB}/")

    assert (readings.latest(ACCURACY), readings.fault) == ({}, "")
