"""What a notebook and its people may do: use the stage's data and endpoints, say that it lives, stop itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.data_access import data_access
from stacks.ml_services.execution_role import ATTACH

HEARTBEATS = "mlstack/Notebook"
"""The namespace of the metric by which a notebook says that it lives."""
LOGS = "/aws/sagemaker/NotebookInstances"
"""Where SageMaker puts every notebook's logs; the account's, not the stage's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotebookRoleProps:
    """The notebook's name, the stage's, and the buckets that it reads, or reads and writes."""

    notebook_name: str
    stage: str
    read: Sequence[s3.IBucket]
    write: Sequence[s3.IBucket]
    in_vpc: bool
    key_arn: str | None


class NotebookRole(Construct):
    """No managed policy, and nothing that starts what bills."""

    def __init__(self, scope: Construct, construct_id: str, props: NotebookRoleProps) -> None:
        super().__init__(scope, construct_id)
        self.resource = iam.Role(
            self,
            "Resource",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
            description=f"What the notebook {props.notebook_name} may do",
        )
        stack = cdk.Stack.of(self)
        instance = stack.format_arn(
            service="sagemaker", resource="notebook-instance", resource_name=props.notebook_name.lower()
        )
        self._allow([instance], "sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance")
        self._allow(
            ["*"], "cloudwatch:PutMetricData", conditions={"StringEquals": {"cloudwatch:namespace": HEARTBEATS}}
        )
        group = stack.format_arn(
            service="logs", resource="log-group", resource_name=LOGS, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
        )
        self._allow(
            [group, f"{group}:log-stream:", f"{group}:log-stream:{props.notebook_name}/*"],
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        )
        for kind in ("endpoint", "inference-component"):
            named = stack.format_arn(service="sagemaker", resource=kind, resource_name=f"mlstack-{props.stage}-*")
            self._allow([named], "sagemaker:InvokeEndpoint")
        for statement in data_access(props.read, props.write):
            self.resource.add_to_policy(statement)
        if props.in_vpc:
            self._allow(["*"], *ATTACH)
        if props.key_arn:
            self._allow(
                [props.key_arn],
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
            )
            self._allow([props.key_arn], "kms:CreateGrant", conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}})
        for finding, reason in {
            "Resource::*": "Metrics, and SageMaker's own network interfaces, have no resource to name.",
            "Resource::...mlstack-...-*": "The stage's endpoints have many names; the stage's name bounds them.",
            "Resource::...log-stream:...": "SageMaker names the streams; the notebook's name bounds them.",
            "Resource::.../*": "Objects have many names; the bucket bounds them.",
        }.items():
            acknowledge(self.resource, f"AwsSolutions-IAM5[{finding}]", reason)

    def _allow(self, resources: Sequence[str], *actions: str, conditions: dict[str, object] | None = None) -> None:
        self.resource.add_to_policy(
            iam.PolicyStatement(actions=list(actions), conditions=conditions, resources=list(resources))
        )
