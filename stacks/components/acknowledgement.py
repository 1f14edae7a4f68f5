"""Findings of the rule packs that are accepted on purpose, each beside its resource with its reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from constructs import IConstruct

METADATA = "mlstack:acknowledgement"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """One finding accepted on the construct at ``path`` and below."""

    finding: str
    path: str

    def covers(self, finding: str, path: str) -> bool:
        """Whether this acknowledgement speaks of a finding on the construct at ``path``."""
        pattern = ".*".join(re.escape(part) for part in self.finding.split("..."))
        here = path == self.path or path.startswith(f"{self.path}/")
        return here and re.fullmatch(pattern, finding, re.DOTALL) is not None


# By construct tree. The metadata says the same in the assembly, but reading it back costs a call to Node a construct.
_MADE: WeakKeyDictionary[IConstruct, list[Acknowledgement]] = WeakKeyDictionary()


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Accept a finding on ``construct`` and below; ``...`` in the finding's id stands for any text.

    cdk-nag's own acknowledgements want the exact id, and the id of an IAM5 finding holds the text that a reference to
    another stack has only after the synthesis (docs/decisions/0004-acknowledgements.md).
    """
    construct.node.add_metadata(METADATA, {finding: reason})
    _MADE.setdefault(construct.node.root, []).append(Acknowledgement(finding, construct.node.path))


def acknowledgements(root: IConstruct) -> Sequence[Acknowledgement]:
    """Every acknowledgement made in the tree of ``root``."""
    return tuple(_MADE.get(root, ()))
