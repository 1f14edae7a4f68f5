"""Findings of the rule packs that are accepted on purpose, each beside its resource with its reason."""

import re

from constructs import IConstruct

METADATA = "mlstack:acknowledgement"


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Accept a finding on ``construct`` and below; ``...`` in the finding's id stands for any text.

    cdk-nag's own acknowledgements want the exact id, and the id of an IAM5 finding holds the text that a reference to
    another stack has only after the synthesis (see docs/decisions/0004-acknowledgements.md).
    """
    construct.node.add_metadata(METADATA, {finding: reason})


def covers(acknowledged: str, finding: str) -> bool:
    """Whether an acknowledgement speaks of this finding."""
    pattern = ".*".join(re.escape(part) for part in acknowledged.split("..."))
    return re.fullmatch(pattern, finding, re.DOTALL) is not None
