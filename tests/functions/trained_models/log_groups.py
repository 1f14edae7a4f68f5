"""CloudWatch Logs in memory: groups with tags and streams, page by page, in AWS's words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from tests.functions.shared.memory import refuse

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:"
PAGE = 2
GONE = "ResourceNotFoundException"
Json = dict[str, Any]
OPERATIONS = {
    "DescribeLogGroups": "groups",
    "DescribeLogStreams": "streams",
    "ListTagsForResource": "tags",
    "DeleteLogGroup": "delete",
    "DeleteLogStream": "delete_stream",
}
"""What is asked for, and who answers."""


@dataclass
class LogGroup:
    """A group's tags and the names of its streams."""

    tags: Mapping[str, str]
    streams: list[str]


@dataclass
class LogGroups:
    """What is there, by name."""

    kept: dict[str, LogGroup] = field(default_factory=dict)

    def add(self, name: str, *streams: str, **tags: str) -> None:
        """Put a group there."""
        self.kept[name] = LogGroup(tags, [*streams])

    def logged(self, name: str) -> list[str]:
        """The streams of a group."""
        return self.kept[name].streams

    def answer(self, operation: str, asked: Mapping[str, Any]) -> Json:
        """One call."""
        answer: Callable[[Mapping[str, Any]], Json] = getattr(self, OPERATIONS[operation])
        return answer(asked)

    def groups(self, asked: Mapping[str, Any]) -> Json:
        """AWS tells two ARNs of each; tags are asked for by the one without the asterisk."""
        names = [name for name in sorted(self.kept) if name.startswith(asked["logGroupNamePrefix"])]
        told = [{"logGroupName": name, "arn": f"{ARN}{name}:*", "logGroupArn": f"{ARN}{name}"} for name in names]
        return _page("logGroups", told, asked)

    def streams(self, asked: Mapping[str, Any]) -> Json:
        """The streams of a group whose names begin so."""
        found = sorted(self._get(asked["logGroupName"]).streams)
        told = [{"logStreamName": name} for name in found if name.startswith(asked["logStreamNamePrefix"])]
        return _page("logStreams", told, asked)

    def tags(self, asked: Mapping[str, Any]) -> Json:
        """The tags of a group."""
        return {"tags": dict(self._get(asked["resourceArn"].removeprefix(ARN)).tags)}

    def delete(self, asked: Mapping[str, Any]) -> Json:
        """A group goes with all its streams."""
        self._get(asked["logGroupName"])
        del self.kept[asked["logGroupName"]]
        return {}

    def delete_stream(self, asked: Mapping[str, Any]) -> Json:
        """One stream goes."""
        streams, name = self._get(asked["logGroupName"]).streams, asked["logStreamName"]
        if name not in streams:
            _miss("stream")
        streams.remove(name)
        return {}

    def _get(self, name: str) -> LogGroup:
        if name not in self.kept:
            _miss("group")
        return self.kept[name]


def _page(key: str, told: Sequence[Json], asked: Mapping[str, Any]) -> Json:
    start = int(asked.get("nextToken", 0))
    more = {"nextToken": str(start + PAGE)} if len(told) > start + PAGE else {}
    return {key: told[start : start + PAGE], **more}


def _miss(what: str) -> NoReturn:
    said = {"Code": GONE, "Message": f"The specified log {what} does not exist."}
    refuse(GONE, Error=said)
