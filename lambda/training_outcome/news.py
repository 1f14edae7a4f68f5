"""What is told: a subject and a paragraph for people, and a document for programs."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE = "mlstack.training"
# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: ASCII, less than 100 characters, no line break, and it
# begins with a letter, a number or a punctuation mark.
LONGEST_SUBJECT = 99
LONGEST_PART = 1000
UNPRINTABLE = re.compile(r"[^ -~]")


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """One announcement."""

    key: str
    """The same wherever the same thing is told again: AWS delivers events twice now and then."""
    kind: str
    """The event's detail-type."""
    subject: str
    text: str
    detail: Mapping[str, Any]

    @property
    def headline(self) -> str:
        """The subject as SNS takes it."""
        line = " ".join(UNPRINTABLE.sub("?", line_of(self.subject)).split())
        return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 3]}..."

    @property
    def entry(self) -> "PutEventsRequestEntryTypeDef":
        """The event as EventBridge takes it."""
        detail = {"key": self.key, **self.detail}
        return {"Source": SOURCE, "DetailType": self.kind, "Detail": json.dumps(detail)}


def line_of(text: str) -> str:
    """The text in one line that a person reads to its end."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_PART else f"{line[: LONGEST_PART - 3]}..."
