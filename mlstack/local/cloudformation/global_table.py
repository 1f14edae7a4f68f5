"""AWS::DynamoDB::GlobalTable (the CDK's TableV2), which moto skips: a moto table set up like the local replica."""

from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

SHARED = (
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "SSESpecification",
    "StreamSpecification",
    "WarmThroughput",
)
CAPACITY = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
"""What a provisioned table gets here: the local AWS never throttles."""


class GlobalTable(CloudFormationModel):
    """A table with one replica, in the stack's own region."""

    def __init__(self, table: Table) -> None:
        self.table = table

    @property
    def physical_resource_id(self) -> str:
        """The table's name, as on AWS."""
        return str(self.table.name)

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property with the table's name."""
        return "TableName"

    @staticmethod
    def cloudformation_type() -> str:
        """The type in templates."""
        return "AWS::DynamoDB::GlobalTable"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ANN401 - moto's signature
    ) -> "GlobalTable":
        """Make the table; refuse replicas in other regions, which the local AWS does not have."""
        del kwargs
        properties = cloudformation_json["Properties"]
        replica = _replica(properties, region_name)
        wanted = {name: properties[name] for name in SHARED if name in properties}
        wanted["Tags"] = replica.get("Tags", [])
        wanted["DeletionProtectionEnabled"] = replica.get("DeletionProtectionEnabled", False)
        if properties.get("BillingMode", "PROVISIONED") != "PAY_PER_REQUEST":
            wanted["ProvisionedThroughput"] = CAPACITY
        body = {"Properties": wanted}
        table = Table.create_from_cloudformation_json(resource_name, body, account_id, region_name)
        made = cls(table)
        made.settle(properties, replica, account_id, region_name)
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "GlobalTable",
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "GlobalTable":
        """Change what needs no new table; refuse another key."""
        del new_resource_name
        properties = cloudformation_json["Properties"]
        replica = _replica(properties, region_name)
        table = original_resource.table
        if properties["KeySchema"] != table.schema:
            message = "the local AWS does not replace a table; destroy the stack and deploy it again"
            raise ValueError(message)
        table.billing_mode = properties.get("BillingMode", "PROVISIONED")
        table.deletion_protection_enabled = replica.get("DeletionProtectionEnabled", False)
        table.tags = replica.get("Tags", [])
        table.attr = properties["AttributeDefinitions"]
        backend = dynamodb_backends[account_id][region_name]
        backend.update_table_global_indexes(table, index_updates(table, properties.get("GlobalSecondaryIndexes", [])))
        original_resource.settle(properties, replica, account_id, region_name)
        return original_resource

    def settle(self, properties: dict[str, Any], replica: dict[str, Any], account_id: str, region_name: str) -> None:
        """Set what moto sets by calls of their own: expiry and continuous backups."""
        backend = dynamodb_backends[account_id][region_name]
        expiry = properties.get("TimeToLiveSpecification")
        if expiry and "AttributeName" in expiry:
            backend.update_time_to_live(self.physical_resource_id, {"Enabled": True, **expiry})
        else:
            self.table.ttl = {"TimeToLiveStatus": "DISABLED"}
        recovery = replica.get("PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": False})
        backend.update_continuous_backups(self.physical_resource_id, recovery)

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """The attributes of the type."""
        return attr in {"Arn", "StreamArn", "TableId"}

    def get_cfn_attribute(self, attribute_name: str) -> Any:  # noqa: ANN401 - moto's signature
        """An attribute; ``TableId`` is what only this type has."""
        if attribute_name == "TableId":
            return str(self.table.describe()["TableDescription"].get("TableId", self.table.name))
        return self.table.get_cfn_attribute(attribute_name)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the table; moto refuses while it is protected."""
        dynamodb_backends[account_id][region_name].delete_table(self.physical_resource_id)


def index_updates(table: Table, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What makes the table's indexes those ``wanted``; one with another key or projection is made anew."""
    known = {str(index.name): index for index in table.global_indexes}
    changed = [
        index
        for index in wanted
        if index["IndexName"] not in known
        or (known[index["IndexName"]].schema, known[index["IndexName"]].projection)
        != (index["KeySchema"], index["Projection"])
    ]
    gone = known.keys() - {index["IndexName"] for index in wanted}
    again = known.keys() & {index["IndexName"] for index in changed}
    deleted: list[dict[str, Any]] = [{"Delete": {"IndexName": name}} for name in sorted(gone | again)]
    return [*deleted, *({"Create": index} for index in changed)]


def _replica(properties: dict[str, Any], region: str) -> dict[str, Any]:
    replicas: list[dict[str, Any]] = properties.get("Replicas", [])
    others = [replica["Region"] for replica in replicas if replica["Region"] != region]
    if others or not replicas:
        message = (
            f"the local AWS has one region, {region}; replicas elsewhere: {', '.join(others) or 'no replica here'}"
        )
        raise ValueError(message)
    return replicas[0]
