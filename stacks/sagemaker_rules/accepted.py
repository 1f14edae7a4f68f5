"""Rules that a resource breaks on purpose: named in its metadata, each with a reason."""

from collections.abc import Iterator, Sequence

from stacks.sagemaker_rules.properties import Properties
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation
from stacks.sagemaker_rules.template import Resource, Template

METADATA = "mlstack:accepted"
"""The key in a resource's metadata; under it, the reason by the rule's id."""

FOR_NOTHING = Rule(
    "accepted-for-nothing",
    "The metadata accepts {rule}, which this resource does not break: take the acceptance away.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-metadata.html",
    Evidence.OURS,
)
NO_REASON = Rule(
    "accepted-without-reason",
    "The metadata accepts {rule} and does not say why: give the reason as its value.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-metadata.html",
    Evidence.OURS,
)


def unaccepted(template: Template, found: Sequence[Violation]) -> Iterator[Violation]:
    """The violations that nobody accepted, and acceptances of none."""
    reasons = {resource.logical_id: _reasons(resource) for resource in template.resources}
    for violation in found:
        if violation.rule not in reasons.get(violation.logical_id, Properties()).values:
            yield violation
    broken = {(violation.logical_id, violation.rule) for violation in found}
    for logical_id, accepted in reasons.items():
        for rule in accepted.values:
            if (logical_id, rule) not in broken:
                yield FOR_NOTHING.on(logical_id, rule=rule)
            elif not accepted.text(rule).strip():
                yield NO_REASON.on(logical_id, rule=rule)


def _reasons(resource: Resource) -> Properties:
    metadata = resource.raw.get("Metadata")
    return Properties(metadata).at(METADATA) if isinstance(metadata, dict) else Properties()
