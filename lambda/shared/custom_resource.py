"""A custom resource: CloudFormation asks, is answered whatever comes of it, and would else wait for long."""

import json
import logging
import urllib.request
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from shared import clock

logger = logging.getLogger(__name__)

ATTEMPTS, PAUSE_S, TIMEOUT_S = 3, 1.0, 4.0
FOR_THE_ANSWER = timedelta(seconds=30)
# An answer has 4,096 bytes at most; ids take a third of them, and JSON writes a letter as six bytes at the worst.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
LONGEST_REASON = 400

Act = Callable[[datetime], Mapping[str, str]]
"""Does what is asked before a moment, and says the resource's attributes."""


class Context(Protocol):
    """What Lambda tells of the invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may go on."""


class UnfulfilledError(Exception):
    """Says in words of its own why the request could not be met."""


class AnsweredLaterError(Exception):
    """Says that somebody else goes on with the request, and answers it."""


def fulfil(event: Mapping[str, Any], context: Context, *, called: str | None, act: Act) -> None:
    """Act, and answer CloudFormation in time; a resource that is ``called`` something new replaces the old one.

    Nothing is answered where the act raises AnsweredLaterError.
    """
    left = timedelta(milliseconds=context.get_remaining_time_in_millis()) - FOR_THE_ANSWER
    attributes: Mapping[str, str] = {}
    failure = None
    try:
        attributes = act(clock.now() + left)
    except AnsweredLaterError as later:
        logger.info("%s", later)
        return
    except UnfulfilledError as error:
        failure = str(error)
        logger.warning("%s", failure)
    except Exception as error:  # whatever it is, CloudFormation must hear of it
        failure = f"{type(error).__name__}: {error}"
        logger.exception("the request could not be met")
    send(str(event["ResponseURL"]), answer(event, called, failure, attributes))


def answer(
    event: Mapping[str, Any], called: str | None, failure: str | None, attributes: Mapping[str, str]
) -> dict[str, Any]:
    """The answer to a request; one that deletes keeps the name that CloudFormation knows."""
    known = event.get("PhysicalResourceId")
    names = (known, called) if event.get("RequestType") == "Delete" else (called, known)
    said: dict[str, Any] = {
        "Status": "SUCCESS" if failure is None else "FAILED",
        "PhysicalResourceId": next((str(name) for name in names if name), str(event["LogicalResourceId"])),
        **{name: str(event[name]) for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    if failure is not None:
        return {**said, "Reason": failure[:LONGEST_REASON]}
    return {**said, "Data": dict(attributes)} if attributes else said


def send(address: str, said: Mapping[str, Any]) -> None:
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
