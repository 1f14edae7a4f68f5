"""Where layer 1 keeps what it found, and where its functions agree on their pace."""

from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from stacks.components.retention import Retention, declare_transient
from stacks.components.table import RequestTable, RequestTableProps


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultsTablesProps:
    """Whether results outlive the stage, and whether they end by themselves."""

    retention: Retention
    expire: bool


class ResultsTables(Construct):
    """``results``: by object, and by name through an index; ``pace``: the next free slot of each API."""

    def __init__(self, scope: Construct, construct_id: str, props: ResultsTablesProps) -> None:
        super().__init__(scope, construct_id)
        by_name = dynamodb.GlobalSecondaryIndexPropsV2(
            index_name="findings",
            partition_key=dynamodb.Attribute(name="finding", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="rank", type=dynamodb.AttributeType.NUMBER),
        )
        self.results = RequestTable(
            self,
            "Results",
            RequestTableProps(
                partition_key="object",
                sort_key="entry",
                retention=props.retention,
                indexes=[by_name],
                expires_at="expires_at" if props.expire else None,
            ),
        ).resource
        self.pace = RequestTable(
            self, "Pace", RequestTableProps(partition_key="api", retention=Retention.EPHEMERAL)
        ).resource
        declare_transient(self.pace, "the time of the next call and the jobs in flight")
