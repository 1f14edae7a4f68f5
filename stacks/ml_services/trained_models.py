"""What is made outside CloudFormation: groups of versions, and what runs make; taken before the roles that it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps
from stacks.ml_services.training_news import KINDS, STOPS

TIMEOUT = cdk.Duration.minutes(15)
SERVICE_TIMEOUT = cdk.Duration.minutes(20)
"""Lambda may begin late, and begins again after a minute where the function died."""
LOGGED = ("Compilation", "Processing", "Training", "Transform")
"""The jobs whose logs lie in groups of everybody in the account."""
LISTED = (
    *(f"{job}s" for job in STOPS),
    "EndpointConfigs",
    "Endpoints",
    "ModelPackageGroups",
    "ModelPackages",
    "Models",
)
GROUPED = (
    "AddTags",
    "CreateModelPackageGroup",
    "DeleteModelPackageGroup",
    "DescribeModelPackageGroup",
    "ListTags",
)
"""What is done with groups of versions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainedModelsProps:
    """Whose they are, which groups there are, and whether they stay with their versions."""

    stage: str
    groups: Sequence[str]
    """Names of the groups of versions."""
    tags: Mapping[str, str]
    """The stage's, for the groups."""
    keeps_versions: bool
    log_retention: logs.RetentionDays


class TrainedModels(Construct):
    """A custom resource, which owns the groups too.

    CloudFormation would refuse to delete a group with versions, and to make one that a durable stage has left.
    """

    def __init__(self, scope: Construct, construct_id: str, props: TrainedModelsProps) -> None:
        super().__init__(scope, construct_id)
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="trained_models",
                description="Makes the groups of versions, and deletes what the training workflow made",
                timeout=TIMEOUT,
                log_retention=props.log_retention,
            ),
        ).resource
        self._allow(function, props)
        cdk.CustomResource(
            self,
            "Resource",
            properties={
                "Stage": props.stage,
                "Groups": [*props.groups],
                "Tags": dict(props.tags),
                "EmptyGroups": "false" if props.keeps_versions else "true",
            },
            resource_type="Custom::TrainedModels",
            service_timeout=SERVICE_TIMEOUT,
            service_token=function.function_arn,
        )

    def _allow(self, function: lambda_.Function, props: TrainedModelsProps) -> None:
        stack = cdk.Stack.of(self)

        def named(kind: str, ending: str = "") -> str:
            name = f"mlstack-{props.stage}-*{ending}"
            return stack.format_arn(service="sagemaker", resource=kind, resource_name=name)

        def logged(name: str) -> str:
            return stack.format_arn(
                service="logs", resource="log-group", resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
            )

        for actions, resources in (
            ([f"sagemaker:List{what}" for what in LISTED], ["*"]),
            ([f"sagemaker:{verb}{job}" for job in STOPS for verb in ("Describe", "Stop")], [*map(named, KINDS)]),
            (
                [f"sagemaker:{verb}" for verb in ("DeleteEndpoint", "DescribeEndpoint", "ListTags")],
                [named("endpoint")],
            ),
            (
                [f"sagemaker:{verb}" for verb in ("DeleteEndpointConfig", "ListTags")],
                [named("endpoint-config")],
            ),
            (
                [f"sagemaker:{verb}" for verb in ("DeleteModel", "ListTags")],
                [named("model")],
            ),
            (
                [f"sagemaker:{action}" for action in GROUPED],
                [named("model-package-group")],
            ),
            (["sagemaker:DeleteModelPackage"], [named("model-package-group"), named("model-package", "/*")]),
            (
                ["sagemaker:DescribeEndpointConfig"],  # CloudFormation gives those of its endpoints names of its own
                [stack.format_arn(service="sagemaker", resource="endpoint-config", resource_name="*")],
            ),
            (["logs:DescribeLogGroups"], ["*"]),
            (["logs:DescribeLogStreams"], [f"{logged(f'/aws/sagemaker/{kind}Jobs')}:*" for kind in LOGGED]),
            (
                ["logs:DeleteLogStream"],
                [f"{logged(f'/aws/sagemaker/{kind}Jobs')}:log-stream:mlstack-{props.stage}-*" for kind in LOGGED],
            ),
            (
                ["logs:DeleteLogGroup", "logs:ListTagsForResource"],
                [f"{logged(f'/aws/sagemaker/Endpoints/mlstack-{props.stage}-*')}{end}" for end in ("", ":*")],
            ),
        ):
            function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=resources))
        for finding, reason in {
            "Resource::*": "Lists have no resource to name.",
            "Resource::...:log-group:/aws/sagemaker/...Jobs:*": "So IAM names a log group as a whole.",
            "Resource::...mlstack-...-*...": "What runs made has many names; the stage's name bounds them.",
            "Resource::...:endpoint-config/*": "CloudFormation gives the configurations of endpoints names of its own.",
        }.items():
            acknowledge(function.role or function, f"AwsSolutions-IAM5[{finding}]", reason)
