"""The retention mode, checked on every template: nothing ephemeral stays, no durable data goes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii

from stacks.components.retention import TRANSIENT, Retention

DATA_TYPES = frozenset(
    {
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::ECR::Repository",
        "AWS::Rekognition::Collection",
        "AWS::S3::Bucket",
    }
)
GUARDS = frozenset({"AWS::S3::BucketPolicy"})  # a kept bucket without its policy would take plain HTTP
EMPTIED = {"Key": "aws-cdk:auto-delete-objects", "Value": "true"}
KEPT = frozenset({"Retain", "RetainExceptOnCreate", "Snapshot"})


def kept_disks(resource: dict[str, Any]) -> list[bool]:
    """Whether each disk of the instances that a launch template makes outlives its instance: EC2's own choice is no."""
    data = resource.get("Properties", {}).get("LaunchTemplateData", {})
    disks = [disk["Ebs"] for disk in data.get("BlockDeviceMappings", ()) if "Ebs" in disk]
    return [disk.get("DeleteOnTermination", True) is False for disk in disks]


def violations(template: dict[str, Any], retention: Retention) -> Iterator[tuple[str, str]]:
    """The logical id of each resource that breaks the mode, and why."""
    for logical_id, resource in template.get("Resources", {}).items():
        holds_data = resource["Type"] in DATA_TYPES | GUARDS and TRANSIENT not in resource.get("Metadata", {})
        if resource["Type"] == "AWS::EC2::LaunchTemplate":
            transient = TRANSIENT in resource.get("Metadata", {})
            if any(kept_disks(resource)) and not retention.keeps_data:
                yield logical_id, "makes disks that would outlive an ephemeral stage"
            if not all(kept_disks(resource)) and retention.keeps_data and not transient:
                yield logical_id, "makes disks that would be deleted with a durable stage"
        policies = {resource.get(name, "Delete") for name in ("DeletionPolicy", "UpdateReplacePolicy")}
        if retention.keeps_data:
            if holds_data and policies - {"Retain"}:
                yield logical_id, "holds or guards data and would be deleted with a durable stage"
        elif policies & KEPT:
            yield logical_id, "would outlive an ephemeral stage"
        elif resource["Type"] == "AWS::S3::Bucket" and EMPTIED not in resource["Properties"].get("Tags", ()):
            yield logical_id, "is not emptied on delete, so an ephemeral stage could not be deleted"


@jsii.implements(cdk.IPolicyValidationPlugin)
class RetentionRule:
    """Fails the synthesis where a template breaks the stage's retention mode."""

    def __init__(self, retention: Retention) -> None:
        self._retention = retention

    @property
    def name(self) -> str:
        """The plugin's name in the validation report."""
        return "mlstack-retention"

    @property
    def version(self) -> str:
        """The rule's version in the validation report."""
        return "1"

    @property
    def rule_ids(self) -> list[str]:
        """The rules that the report can name."""
        return ["retention-mode"]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Check every template of the assembly."""
        found = [
            (path, logical_id, reason)
            for path in context.template_paths
            for logical_id, reason in violations(json.loads(Path(path).read_text()), self._retention)
        ]
        return cdk.PolicyValidationPluginReport(
            success=not found,
            violations=[
                cdk.PolicyViolation(
                    rule_name="retention-mode",
                    description=f"{logical_id} {reason}",
                    severity="error",
                    violating_resources=[
                        cdk.PolicyViolatingResource(
                            locations=["DeletionPolicy"], resource_logical_id=logical_id, template_path=path
                        )
                    ],
                )
                for path, logical_id, reason in found
            ],
        )
