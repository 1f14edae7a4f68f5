"""What jobs, and the models that they make, may do: use the stage's datasets and models, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.ml_services.execution_role import PULL

RUNS, CHECKPOINTS = "training/", "checkpoints/"
"""Where the workflow writes in the bucket of models; lambda/shared/training_run.py says the same."""
METRICS = tuple(f"/aws/sagemaker/{kind}" for kind in ("Endpoints", "ProcessingJobs", "TrainingJobs", "TransformJobs"))
METRICS_OF_ENDPOINTS = "AWS/SageMaker"
WRITE = ("s3:AbortMultipartUpload", "s3:PutObject")


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingRoleProps:
    """Which images it pulls, what it reads and writes, and where it logs."""

    description: str
    repositories: Sequence[str]
    """ARNs."""
    datasets: s3.IBucket
    models: s3.IBucket
    writes: Sequence[str]
    """Prefixes in the bucket of models."""
    log_groups: Sequence[str]
    """Names; * at the end stands for anything."""


class TrainingRole(Construct):
    """A role for SageMaker in this account; no managed policy, no network, and nothing that starts what bills."""

    def __init__(self, scope: Construct, construct_id: str, props: TrainingRoleProps) -> None:
        super().__init__(scope, construct_id)
        self.resource = iam.Role(
            self,
            "Resource",
            # https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com").with_conditions(
                {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}}
            ),
            description=props.description,
        )
        self._allow(props.repositories, *PULL)
        self._allow(["*"], "ecr:GetAuthorizationToken")
        self._allow(
            ["*"],
            "cloudwatch:PutMetricData",
            conditions={"StringEquals": {"cloudwatch:namespace": [METRICS_OF_ENDPOINTS, *METRICS]}},
        )
        self._allow_logs(props.log_groups)
        buckets = (props.datasets, props.models)
        self._allow([bucket.bucket_arn for bucket in buckets], "s3:GetBucketLocation", "s3:ListBucket")
        self._allow([bucket.arn_for_objects("*") for bucket in buckets], "s3:GetObject")
        self._allow([props.models.arn_for_objects(f"{prefix}*") for prefix in props.writes], *WRITE)
        if CHECKPOINTS in props.writes:
            # SageMaker deletes in S3 what is deleted in the container; else a resumed job would get them all back.
            # https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
            self._allow([props.models.arn_for_objects(f"{CHECKPOINTS}*")], "s3:DeleteObject")
        for finding, reason in {
            "Resource::*": "A login to ECR, and metrics, have no resource to name.",
            "Resource::.../*": "Objects have many names; the bucket bounds them.",
            **{
                f"Resource::.../{prefix}*": "Runs have generated names; the prefix bounds them."
                for prefix in props.writes
            },
            "Resource::...:log-group:...": "SageMaker names the streams; the kind of job bounds them.",
        }.items():
            acknowledge(self.resource, f"AwsSolutions-IAM5[{finding}]", reason)

    def _allow_logs(self, names: Sequence[str]) -> None:
        stack = cdk.Stack.of(self)
        groups = [
            stack.format_arn(
                service="logs", resource="log-group", resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
            )
            for name in names
        ]
        self._allow(
            [one for group in groups for one in (group, f"{group}:log-stream:*")],
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        )

    def _allow(self, resources: Sequence[str], *actions: str, conditions: dict[str, object] | None = None) -> None:
        self.resource.add_to_policy(
            iam.PolicyStatement(actions=list(actions), conditions=conditions, resources=list(resources))
        )
