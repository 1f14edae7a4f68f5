"""How an execution of the training workflow ended, as an event or Step Functions tells it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

KIND = "Step Functions Execution Status Change"
SUCCEEDED, FAILED, ABORTED, TIMED_OUT = "SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"
ENDED = frozenset({SUCCEEDED, FAILED, ABORTED, TIMED_OUT})
UNKNOWN = "a model without a name"
LONGEST_NAME = 63
PENDING = "PendingManualApproval"
NUMBER = re.compile(r"[0-9]{1,9}")
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """One execution that has ended."""

    arn: str
    name: str
    status: str
    ended: str
    """When, in whatever AWS writes: with it an announcement can be told from the one of a redriven execution."""
    request: Mapping[str, Any]
    output: Mapping[str, Any]
    error: str
    cause: str

    @classmethod
    def read(cls, detail: Mapping[str, Any]) -> Self:
        """The detail of an event; DescribeExecution's answer has the same names."""
        return cls(
            arn=str(detail["executionArn"]),
            name=str(detail["name"]),
            status=str(detail["status"]),
            ended=str(detail.get("stopDate") or ""),
            request=_document(detail.get("input")),
            output=_document(detail.get("output")),
            error=str(detail.get("error") or ""),
            cause=str(detail.get("cause") or ""),
        )

    @property
    def model(self) -> str:
        """The model's name; whoever starts an execution may write anything for it."""
        named = self.output.get("model") or self.request.get("model")
        return " ".join(named.split())[:LONGEST_NAME] if isinstance(named, str) and named.strip() else UNKNOWN

    @property
    def version(self) -> int | None:
        """The number of the version that it registered or took; the last part of its ARN."""
        told = self.output.get("version") or str(self.output.get("package_arn") or "").rpartition("/")[2]
        return int(told) if NUMBER.fullmatch(str(told)) else None

    @property
    def waits(self) -> bool:
        """Whether it registered that version, and somebody must approve it."""
        is_new = self.output.get("path") != "version"
        return is_new and self.version is not None and self.output.get("approval") == PENDING

    @property
    def endpoint(self) -> str | None:
        """The short name of the endpoint that it should have deployed to; None where that is no name."""
        deploy = self.request.get("deploy")
        named = deploy.get("endpoint") if isinstance(deploy, Mapping) else None
        return named if isinstance(named, str) and NAME.fullmatch(named) else None


def is_whole(detail: Mapping[str, Any]) -> bool:
    """Whether the event tells everything: it leaves out an input or output that is too large.

    https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """
    parts = ("input", "output") if detail.get("status") == SUCCEEDED else ("input",)
    return all(isinstance(detail.get(part), str) for part in parts)


def _document(text: object) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
