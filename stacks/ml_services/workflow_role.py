"""What the training workflow itself may do: run and stop jobs of its stage, on the machines of its profile alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.ml_services.training_roles import RUNS

JOBS = {
    "HyperParameterTuningJob": "hyper-parameter-tuning-job",
    "ProcessingJob": "processing-job",
    "TrainingJob": "training-job",
    "TransformJob": "transform-job",
}
"""What Step Functions waits for, and what SageMaker calls it in an ARN."""
# https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html
WATCHES = ("Training", "Transform", "Tuning", "Processing")


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowRoleProps:
    """Whose workflow it is, which functions it asks, which roles it hands on, and what jobs may run on."""

    stage: str
    functions: Sequence[lambda_.IFunction]
    roles: Sequence[iam.IRole]
    groups: Sequence[str]
    """ARNs of the groups that it registers versions in."""
    instance_types: Sequence[str]
    models: s3.IBucket
    repositories: Sequence[str]
    """ARNs of the images that versions name."""


class WorkflowRole(Construct):
    """A role of one state machine; Step Functions grants nothing to states that are written by hand."""

    def __init__(self, scope: Construct, construct_id: str, props: WorkflowRoleProps) -> None:
        super().__init__(scope, construct_id)
        self._stack = cdk.Stack.of(self)
        self._stage = props.stage
        self.resource = iam.Role(
            self,
            "Resource",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            description=f"What the training workflow of stage {props.stage} may do",
        )
        self._allow([function.function_arn for function in props.functions], "lambda:InvokeFunction")
        self._allow_jobs(props.instance_types)
        self._allow(
            self._named("compilation-job"), "sagemaker:CreateCompilationJob", "sagemaker:DescribeCompilationJob"
        )
        self._allow(self._named("model"), "sagemaker:CreateModel")
        self._allow(self._named("endpoint"), "sagemaker:DescribeEndpoint")
        self._allow(
            [*props.groups, *self._named("model-package", ending="/*")],
            "sagemaker:CreateModelPackage",
        )
        # SageMaker looks at a version's files and image with the permissions of whoever registers it; AWS's own
        # policy for that, AmazonSageMakerModelRegistryFullAccess, has the same actions.
        self._allow([props.models.arn_for_objects(f"{RUNS}*")], "s3:GetObject")
        self._allow([props.models.bucket_arn], "s3:ListBucket")
        self._allow(props.repositories, "ecr:BatchGetImage", "ecr:DescribeImages")
        kinds = (*JOBS.values(), "compilation-job", "model")
        self._allow([arn for kind in kinds for arn in self._named(kind)], "sagemaker:AddTags", "sagemaker:ListTags")
        self._allow(
            [role.role_arn for role in props.roles],
            "iam:PassRole",
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        )
        self._allow(
            [
                self._stack.format_arn(
                    service="events",
                    resource="rule",
                    resource_name=f"StepFunctionsGetEventsForSageMaker{watch}JobsRule",
                )
                for watch in WATCHES
            ],
            "events:DescribeRule",
            "events:PutRule",
            "events:PutTargets",
        )
        for finding, reason in {
            "Resource::*": "Log delivery has no resource to name; every logging machine is granted it.",
            f"Resource::.../{RUNS}*": "Runs have generated names; the prefix bounds them.",
            "Resource::...mlstack-...-*...": "Each run has names of its own; the stage's name bounds them.",
        }.items():
            acknowledge(self.resource, f"AwsSolutions-IAM5[{finding}]", reason)

    def _allow_jobs(self, instance_types: Sequence[str]) -> None:
        """Start jobs on these machines alone, whatever a request says; look at them and stop them."""
        everything = {kind: self._named(name) for kind, name in JOBS.items()}
        for kind, arns in everything.items():
            self._allow(
                arns,
                f"sagemaker:Create{kind}",
                conditions={
                    "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": list(instance_types)},
                    "Null": {"sagemaker:InstanceTypes": "false"},
                },
            )
            self._allow(arns, f"sagemaker:Describe{kind}", f"sagemaker:Stop{kind}")

    def _named(self, kind: str, *, ending: str = "") -> list[str]:
        return [
            self._stack.format_arn(service="sagemaker", resource=kind, resource_name=f"mlstack-{self._stage}-*{ending}")
        ]

    def _allow(self, resources: Sequence[str], *actions: str, conditions: dict[str, object] | None = None) -> None:
        self.resource.add_to_policy(
            iam.PolicyStatement(actions=list(actions), conditions=conditions, resources=list(resources))
        )
