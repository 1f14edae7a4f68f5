"""What a stage would cost on AWS, as its stacks announce it when they are synthesized."""

import re
from collections.abc import Iterator

from mlstack.assembly import Assembly, Stack, metadata

ANNOUNCED = "aws:cdk:info"
PRICE = re.compile(r"(?P<said>.+) \[ack: mlstack:price(?::[^]]*)?\]", re.DOTALL)
"""The CDK writes behind a message by which name it can be acknowledged, which is nothing for a person here."""


def price_lines(assembly: Assembly) -> list[str]:
    """The announcements, one line each, in the order of the stacks."""
    return [line for stack in assembly.stacks for line in _of(stack)]


def _of(stack: Stack) -> Iterator[str]:
    for entries in metadata(stack).values():
        for entry in entries if isinstance(entries, list) else ():
            if not isinstance(entry, dict) or entry.get("type") != ANNOUNCED:
                continue
            found = PRICE.fullmatch(str(entry.get("data", "")))
            if found:
                yield " ".join(found["said"].split())
