"""cdk-nag's AwsSolutions rules on every synthesis: no finding without its acknowledgement, and none for nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

import aws_cdk as cdk
import cdk_nag
import jsii
from constructs import Construct, IConstruct

from stacks.components.acknowledgement import METADATA, covers


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken by one resource."""

    rule: str
    description: str
    path: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One finding accepted on the construct at ``path`` and below."""

    finding: str
    path: str

    def speaks_of(self, finding: Finding) -> bool:
        """Whether this acknowledgement covers the finding."""
        below = finding.path == self.path or finding.path.startswith(f"{self.path}/")
        return below and covers(self.finding, finding.rule)


def unresolved(findings: list[Finding], acknowledged: list[Acknowledged]) -> Iterator[Finding]:
    """Findings that nobody acknowledged, then acknowledgements that no finding needs."""
    yield from (found for found in findings if not any(accepted.speaks_of(found) for accepted in acknowledged))
    for accepted in acknowledged:
        if not any(accepted.speaks_of(found) for found in findings):
            yield Finding(
                accepted.finding, "is acknowledged but found nowhere: remove the acknowledgement", accepted.path
            )


@jsii.implements(cdk.IPolicyValidationPlugin)
class AwsSolutions:
    """Fails the synthesis on every unacknowledged AwsSolutions finding."""

    def __init__(self, scope: Construct) -> None:
        self._scope = scope
        self._checks = cdk_nag.AwsSolutionsChecks(scope)

    @property
    def name(self) -> str:
        """The plugin's name in the validation report."""
        return "AwsSolutions"

    @property
    def version(self) -> str:
        """The rules' version in the validation report."""
        return "1"

    @property
    def rule_ids(self) -> list[str]:
        """The rules that the report can name: all of the pack's, so none is listed."""
        return []

    def validate(self, _context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Check every construct below the scope."""
        left = list(unresolved(self._findings(), list(self._acknowledged())))
        return cdk.PolicyValidationPluginReport(
            success=not left,
            violations=[
                cdk.PolicyViolation(
                    rule_name=finding.rule,
                    description=finding.description,
                    severity="error",
                    violating_resources=[
                        cdk.PolicyViolatingResource(locations=["Properties"], construct_path=finding.path)
                    ],
                )
                for finding in left
            ],
        )

    def _findings(self) -> list[Finding]:
        report = self._checks.validate_scope(self._scope)
        return [
            Finding(violation.rule_name, violation.description, resource.construct_path or "")
            for violation in report.violations
            for resource in violation.violating_resources
        ]

    def _acknowledged(self) -> Iterator[Acknowledged]:
        stack: list[IConstruct] = [self._scope]
        while stack:
            construct = stack.pop()
            for entry in construct.node.metadata:
                if entry.type == METADATA:
                    yield from (Acknowledged(finding, construct.node.path) for finding in entry.data)
            stack += construct.node.children
