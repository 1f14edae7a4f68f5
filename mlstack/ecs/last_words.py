"""The end of a container's log: why its task has ended, in its own words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from mlstack.ecs.trouble import code
from mlstack.text import printable

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

TAIL = 20
"""How many of a log's last lines are looked at."""
LONGEST = 1000
NO_LOG = "ResourceNotFoundException"


def last_lines(logs: "CloudWatchLogsClient", group: str, stream: str) -> list[str]:
    """The last lines of a stream; nothing where there is none, or no more."""
    try:
        answer = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=TAIL, startFromHead=False)
    except ClientError as error:
        if code(error) != NO_LOG:
            raise
        return []
    return [event.get("message", "") for event in answer["events"]]


def last_word(lines: Sequence[str]) -> str:
    """The last of them that says something, for people; empty where none does."""
    last = next((line for line in reversed(lines) if line.strip()), "")
    return printable(" ".join(last.split()))[:LONGEST]
