"""A function whose code is one folder of lambda/."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge

LAMBDA_ROOT = Path(__file__).resolve().parents[2] / "lambda"


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionProps:
    """What a function runs, with how much, for how long, and how long its logs stay."""

    package: str
    description: str
    timeout: cdk.Duration
    log_retention: logs.RetentionDays
    memory_mib: int = 256
    environment: Mapping[str, str] = field(default_factory=dict)
    with_catalogue: bool = False
    """Whether lambda/catalogue, what AWS offers as data, is zipped with it."""


class Function(Construct):
    """A Python 3.13 function on arm64 with a role and a log group of its own."""

    def __init__(self, scope: Construct, construct_id: str, props: FunctionProps) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.LogGroup(self, "Logs", retention=props.log_retention, removal_policy=cdk.RemovalPolicy.DESTROY)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"What {props.package} may do",
        )
        log_group.grant_write(role)
        self.resource = lambda_.Function(
            self,
            "Resource",
            architecture=lambda_.Architecture.ARM_64,
            code=code(props.package, *(["catalogue"] if props.with_catalogue else [])),
            description=props.description,
            environment=dict(props.environment),
            handler=f"{props.package}.handler.handle",
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            memory_size=props.memory_mib,
            role=role,
            runtime=lambda_.Runtime.PYTHON_3_13,
            timeout=props.timeout,
        )
        acknowledge(
            self.resource,
            "AwsSolutions-L1",
            "Every function runs on Python 3.13 until all of them are raised at once.",
        )


def code(*packages: str) -> lambda_.Code:
    """Zip folders of lambda/ with shared/ and nothing else, so that a sibling's edit redeploys nothing."""
    return lambda_.Code.from_asset(
        str(LAMBDA_ROOT),
        ignore_mode=cdk.IgnoreMode.GIT,
        exclude=["/*", *(f"!/{name}" for name in (*packages, "shared")), "__pycache__", "*.pyc"],
    )
