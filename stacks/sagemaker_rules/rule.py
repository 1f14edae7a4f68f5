"""What a rule is, and what breaking one looks like."""

from dataclasses import dataclass
from enum import StrEnum


class Evidence(StrEnum):
    """How it is known that AWS does what the rule says."""

    DOCUMENTED = "documented"
    """AWS's documentation, or the constraints that its API and CloudFormation publish, say so."""
    REPORTED = "reported"
    """Somebody published AWS's answer to the very request."""
    KNOWN = "known"
    """General knowledge of the service; no source says it in as many words."""
    OURS = "ours"
    """AWS allows it; this project does not, for the reason given."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule broken by one resource."""

    rule: str
    logical_id: str
    reason: str
    """What AWS does, and what to do instead."""
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that AWS refuses, or takes and silently ignores."""

    id: str
    reason: str
    """A sentence with room for details in braces."""
    source: str
    evidence: Evidence = Evidence.DOCUMENTED

    def on(self, logical_id: str, **details: object) -> Violation:
        """The violation of this rule by the resource ``logical_id``."""
        return Violation(self.id, logical_id, self.reason.format(**details), self.source)


def guide(page: str) -> str:
    """The address of a page of SageMaker's developer guide."""
    return f"https://docs.aws.amazon.com/sagemaker/latest/dg/{page}.html"


def api(page: str) -> str:
    """The address of a page of SageMaker's API reference."""
    return f"https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_{page}.html"
