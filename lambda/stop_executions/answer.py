"""What CloudFormation is told at the end of a request, and how."""

import json
import logging
import urllib.request
from collections.abc import Mapping
from typing import Any

from shared import clock

logger = logging.getLogger(__name__)

ATTEMPTS, PAUSE_S, TIMEOUT_S = 3, 1.0, 4.0
# An answer has 4,096 bytes at most; ids take a third of them, and JSON writes a letter as six bytes at the worst.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
LONGEST_REASON = 400


def answer(event: Mapping[str, Any], failure: str | None) -> dict[str, str]:
    """The answer to a request; the resource is called like its state machine, so that a new one replaces it."""
    machine = event.get("ResourceProperties", {}).get("StateMachineArn")
    known = event.get("PhysicalResourceId")
    names = (known, machine) if event.get("RequestType") == "Delete" else (machine, known)
    said = {
        "Status": "SUCCESS" if failure is None else "FAILED",
        "PhysicalResourceId": next((str(name) for name in names if name), "StopExecutions"),
        **{name: str(event[name]) for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    return said if failure is None else {**said, "Reason": failure[:LONGEST_REASON]}


def send(address: str, said: Mapping[str, str]) -> None:
    """Put an answer where CloudFormation waits for it; where it cannot be put, raise, and Lambda begins again."""
    body = json.dumps(said, ensure_ascii=False).encode(errors="replace")
    # The address is signed for a request without a content type, and urllib would add one.
    request = urllib.request.Request(address, data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310 (CloudFormation's address)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310 (as above)
                return
        except OSError as error:
            if attempt == ATTEMPTS:
                raise
            logger.warning("CloudFormation's address did not take the answer: %s", error)
            clock.sleep(PAUSE_S)
