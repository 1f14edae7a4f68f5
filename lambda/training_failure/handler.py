"""Puts a failed step into words for the state machine, which fails with them."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared import clients
from training_failure.reading import read
from training_failure.training_jobs import reason_of_one

logging.getLogger(__package__).setLevel(logging.INFO)
logger = logging.getLogger(__name__)


def handle(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Read the failure of a step, by whose name it comes; whatever it is, there is an answer, or it would be lost."""
    step, error = next(reversed((event.get("failures") or {"a step": None}).items()))
    failure = read(step, error, "")
    if failure.tuning_job:
        one = reason_of_one(clients.sagemaker(), failure.tuning_job)
        failure = replace(failure, reason=f"{failure.reason}; one of its training jobs: {one}") if one else failure
    told = failure.told()
    logger.warning("%s: %s: %s", step, told["error"], told["reason"])
    return told
