"""A DynamoDB table that bills by request and follows the retention mode."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.components.retention import Retention


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestTableProps:
    """The table's keys, all of them strings, its indexes, and whether what it holds is data."""

    partition_key: str
    sort_key: str | None = None
    retention: Retention
    indexes: Sequence[dynamodb.GlobalSecondaryIndexPropsV2] = ()
    expires_at: str | None = None
    """The attribute that says when an item goes."""


class RequestTable(Construct):
    """Costs nothing while nobody asks; encrypted; restorable to any second where data is kept."""

    def __init__(self, scope: Construct, construct_id: str, props: RequestTableProps) -> None:
        super().__init__(scope, construct_id)
        self.resource = dynamodb.TableV2(
            self,
            "Resource",
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.dynamo_owned_key(),
            global_secondary_indexes=list(props.indexes),
            partition_key=_key(props.partition_key),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=props.retention.keeps_data
            ),
            removal_policy=props.retention.removal_policy,
            sort_key=_key(props.sort_key) if props.sort_key else None,
            time_to_live_attribute=props.expires_at,
        )


def _key(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def allow_items(function: lambda_.Function, table: dynamodb.ITableV2, *actions: str) -> None:
    """Let a function do so with the table's items; the L2 grants would add all of its indexes."""
    function.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=[table.table_arn]))
