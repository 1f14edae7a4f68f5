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
    """Read the step's error; whatever it is, there is an answer, or the reason would be lost."""
    failure = read(str(event.get("step") or "a step"), event.get("error"), str(event.get("job") or ""))
    if failure.tuning_job:
        one = reason_of_one(clients.sagemaker(), failure.tuning_job)
        failure = replace(failure, reason=f"{failure.reason}; one of its training jobs: {one}") if one else failure
    told = failure.told()
    logger.warning("%s: %s: %s", event.get("step"), told["error"], told["reason"])
    return told
