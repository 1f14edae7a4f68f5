"""Resource types that nobody provides: said and counted, with a name that shows wherever it is used."""

from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.core.common_models import CloudFormationModel

from mlstack.local import runtime
from mlstack.local.report import Gap

HARMLESS = frozenset({"AWS::CDK::Metadata"})
"""Types that do nothing on AWS either."""


class Skipped(CloudFormationModel):
    """Stands where a resource of an unsupported type would be."""

    def __init__(self, stack: str, logical_id: str, resource_type: str) -> None:
        self.stack = stack
        self.logical_id = logical_id
        self.resource_type = resource_type

    @property
    def physical_resource_id(self) -> str:
        """What ``Ref`` gives: it names itself where it turns up."""
        return f"skipped-by-the-local-aws-{self.logical_id}"

    @staticmethod
    def cloudformation_type() -> str:
        """No type: it is chosen where there is no other class."""
        return "mlstack::Skipped"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ANN401 - moto's signature
    ) -> "Skipped":
        """Make nothing, and say so."""
        del resource_name, cloudformation_json, account_id, region_name
        stack = kwargs["StackId"].split("/")[1]
        made = cls(stack, kwargs["LogicalId"], kwargs["ResourceType"])
        if made.resource_type not in HARMLESS:
            gap = Gap(stack=stack, logical_id=made.logical_id, type=made.resource_type, reason="not in the local AWS")
            with runtime.running().report.writing() as facts:
                facts["skipped"].append(gap)
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "Skipped",
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "Skipped":
        """Change nothing."""
        del new_resource_name, cloudformation_json, account_id, region_name
        return original_resource

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """There is none: what depends on it fails with the reason."""
        message = f"{self.logical_id} ({self.resource_type}) is skipped by the local AWS; it has no {attribute_name}"
        raise ValidationError(message=message)

    def delete(self, account_id: str, region_name: str) -> None:
        """Nothing to delete; it is no longer counted."""
        del account_id, region_name
        runtime.running().report.forget(self.stack, self.logical_id)
