"""cdk-nag's AwsSolutions rules on every synthesis: no finding without its acknowledgement, and none for nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
import cdk_nag
import jsii
from constructs import Construct

from stacks.components.acknowledgement import Acknowledgement, acknowledgements


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken by one resource."""

    rule: str
    description: str
    path: str


def unresolved(findings: Sequence[Finding], accepted: Sequence[Acknowledgement]) -> Iterator[Finding]:
    """Findings that nobody acknowledged, then acknowledgements that no finding needs."""
    for found in findings:
        if not any(one.covers(found.rule, found.path) for one in accepted):
            yield found
    for one in accepted:
        if not any(one.covers(found.rule, found.path) for found in findings):
            yield Finding(one.finding, "is acknowledged but found nowhere: remove the acknowledgement", one.path)


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
        left = list(unresolved(self._findings(), acknowledgements(self._scope.node.root)))
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
