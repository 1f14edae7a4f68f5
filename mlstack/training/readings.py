"""The metrics of a training while it runs: the last of each that its log says."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.training.job import shown

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

GROUP = "/aws/sagemaker/TrainingJobs"
STREAMS = 100
"""At most so many can be asked for at once; each instance writes one."""
LONGEST_LINE = 2_000
"""A metric stands at the beginning of a line; what is longer is not searched."""


class Readings:
    """What the log of one training has said so far; ``prefix`` begins the names of its streams and of no other's."""

    def __init__(self, logs: "CloudWatchLogsClient", prefix: str, group: str = GROUP) -> None:
        self._logs = logs
        self._prefix = prefix
        self._group = group
        self._since = 0
        self._values: dict[str, str] = {}
        self._newest: set[str] = set()
        """The lines of the last moment."""
        self.times: Counter[str] = Counter()
        """How often each metric was said."""
        self.fault = ""
        """Why it could not be read, where it could not."""

    def latest(self, definitions: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """The last value of each metric; those known before where the log cannot be read now."""
        patterns = list(_patterns(definitions))
        if not patterns:
            return self._values
        try:
            for line in self._news():
                for name, pattern in patterns:
                    if found := pattern.search(line[:LONGEST_LINE]):
                        with suppress(IndexError, TypeError, ValueError):  # no group, or no number
                            self._values[name] = shown(float(found[1]))
                            self.times[name] += 1
            self.fault = ""
        except (BotoCoreError, ClientError) as error:
            if not _is_absent(error):
                self.fault = " ".join(str(error).split())
        return {name: self._values[name] for name, _ in patterns if name in self._values}

    def _news(self) -> Iterator[str]:
        """The lines that were not read before; those of the last moment are asked for again: more may be of it."""
        streams: Any = self._logs.describe_log_streams(logGroupName=self._group, logStreamNamePrefix=self._prefix)
        names = [one["logStreamName"] for one in streams["logStreams"]][:STREAMS]
        if not names:
            return
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=self._group, logStreamNames=names, startTime=self._since
        )
        asked = self._since
        for page in pages:
            for event in page["events"]:
                if event["timestamp"] < asked or event["eventId"] in self._newest:
                    continue
                if event["timestamp"] > self._since:
                    self._since, self._newest = event["timestamp"], set()
                if event["timestamp"] == self._since:
                    self._newest.add(event["eventId"])
                yield event["message"]


def _patterns(definitions: Sequence[tuple[str, str]]) -> Iterator[tuple[str, re.Pattern[str]]]:
    for name, expression in definitions:
        with suppress(re.error):  # AWS takes expressions that Python does not
            yield name, re.compile(expression)


def _is_absent(error: BotoCoreError | ClientError) -> bool:
    """Whether there is just no log yet."""
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    return code == "ResourceNotFoundException"
