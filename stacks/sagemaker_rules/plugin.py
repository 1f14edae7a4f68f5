"""The rules as a plugin of the synthesis: a template that breaks one is not written for nothing."""

import json
from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
import jsii

from stacks.sagemaker_rules.check import RULES, violations


@jsii.implements(cdk.IPolicyValidationPlugin)
class SageMakerRules:
    """Fails the synthesis where SageMaker would refuse or ignore what a template asks."""

    @property
    def name(self) -> str:
        """The plugin's name in the validation report."""
        return "mlstack-sagemaker"

    @property
    def version(self) -> str:
        """The rules' version in the validation report."""
        return "1"

    @property
    def rule_ids(self) -> list[str]:
        """The rules that the report can name."""
        return sorted(RULES)

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Check every template of the assembly."""
        found = [
            (str(path), violation)
            for path in map(Path, context.template_paths)
            for violation in violations(
                json.loads(path.read_text(encoding="utf-8")), regions(path.parent).get(path.name)
            )
        ]
        return cdk.PolicyValidationPluginReport(
            success=not found,
            violations=[
                cdk.PolicyViolation(
                    rule_name=violation.rule,
                    description=f"{violation.logical_id}: {violation.reason} ({violation.source})",
                    severity="error",
                    violating_resources=[
                        cdk.PolicyViolatingResource(
                            locations=["Properties"], resource_logical_id=violation.logical_id, template_path=path
                        )
                    ],
                )
                for path, violation in found
            ],
        )


def regions(folder: Path) -> Mapping[str, str]:
    """The region of each template that the assembly in a folder deploys to a certain one."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return {}
    artifacts = json.loads(manifest.read_text(encoding="utf-8")).get("artifacts", {})
    found = {
        artifact["properties"]["templateFile"]: artifact.get("environment", "").rpartition("/")[2]
        for artifact in artifacts.values()
        if artifact.get("type") == "aws:cloudformation:stack"
    }
    return {file: region for file, region in found.items() if region and not region.startswith("unknown")}
