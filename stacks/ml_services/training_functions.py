"""The functions of the training workflow, each with exactly what it does."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps
from stacks.ml_services.training_roles import RUNS
from stacks.training_settings import Training

STEP_TIMEOUT = cdk.Duration.minutes(5)
"""How long a step waits for its function; the state machine gives it half a minute more."""

CONFIGS = {
    "Resource::...:endpoint-config/*": "CloudFormation gives the configurations of its endpoints names of its own."
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingFunctionsProps:
    """The stage's name, images, buckets and roles, and what the profile allows."""

    stage: str
    training_image: str
    inference_image: str
    datasets: s3.IBucket
    models: s3.IBucket
    job_role: iam.IRole
    groups: Sequence[str]
    """ARNs of the groups of versions."""
    tags: Mapping[str, str]
    log_retention: logs.RetentionDays
    settings: Training


class TrainingFunctions(Construct):
    """What the workflow asks: a plan, a verdict, a reason, a change of an endpoint."""

    def __init__(self, scope: Construct, construct_id: str, props: TrainingFunctionsProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._stack = cdk.Stack.of(self)
        self.request = self._request()
        self.verdict = self._verdict()
        self.failure = self._failure()
        self.endpoint = self._endpoint()

    def _request(self) -> lambda_.Function:
        props, settings = self._props, self._props.settings
        known = {
            "accelerator": settings.accelerator,
            "algorithms": settings.algorithms,
            "instance_types": settings.instance_types,
            "max_instances": settings.max_instances,
            "max_run_minutes": settings.max_run_minutes,
            "max_tuning_jobs": settings.max_tuning_jobs,
            "max_usd": settings.max_usd,
            "models": settings.models,
            "tags": props.tags,
        }
        function = self._function(
            "Request",
            "training_request",
            "Validates what is asked of the training workflow, and plans every job for it",
            {
                "DATASETS_BUCKET": props.datasets.bucket_name,
                "INFERENCE_IMAGE": props.inference_image,
                "JOB_ROLE_ARN": props.job_role.role_arn,
                "MODELS_BUCKET": props.models.bucket_name,
                "SETTINGS": json.dumps(known, sort_keys=True),
                "TRAINING_IMAGE": props.training_image,
            },
            with_catalogue=True,
        )
        self._allow(function, [props.datasets.bucket_arn, props.models.bucket_arn], "s3:ListBucket")
        self._allow(function, ["*"], "servicequotas:ListAWSDefaultServiceQuotas", "servicequotas:ListServiceQuotas")
        self._allow(
            function,
            [*props.groups, *self._named("model-package", ending="/*")],
            "sagemaker:DescribeModelPackage",
        )
        self._allow(function, ["*"], "sagemaker:ListModelPackages")
        self._allow(function, self._named("endpoint"), "sagemaker:DescribeEndpoint", "sagemaker:ListTags")
        self._allow(function, self._configs(), "sagemaker:DescribeEndpointConfig")
        self._acknowledge(
            function, CONFIGS | {"Resource::*": "Quotas, and lists of versions, have no resource to name."}
        )
        return function

    def _verdict(self) -> lambda_.Function:
        function = self._function(
            "Verdict",
            "training_verdict",
            "Judges a trained model by the metric that its request names",
            {"MODELS_BUCKET": self._props.models.bucket_name},
        )
        self._allow(function, self._named("training-job"), "sagemaker:DescribeTrainingJob")
        self._allow(function, [self._props.models.arn_for_objects(f"{RUNS}*")], "s3:GetObject")
        self._allow(function, [self._props.models.bucket_arn], "s3:ListBucket")  # or what is missing looks forbidden
        acknowledge(
            function.role or function,
            f"AwsSolutions-IAM5[Resource::.../{RUNS}*]",
            "Reports lie under the runs that wrote them, whose names are generated; the prefix bounds them.",
        )
        self._acknowledge(function, {})
        return function

    def _failure(self) -> lambda_.Function:
        function = self._function("Failure", "training_failure", "Says in one line why a step failed", {})
        self._allow(
            function,
            self._named("hyper-parameter-tuning-job"),
            "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
        )
        self._acknowledge(function, {})
        return function

    def _endpoint(self) -> lambda_.Function:
        function = self._function(
            "Endpoint", "endpoint_change", "Gives a model to an endpoint: a new one, or one that answers already", {}
        )
        self._allow(
            function,
            [*self._named("endpoint"), *self._named("endpoint-config")],
            "sagemaker:AddTags",
            "sagemaker:CreateEndpoint",
            "sagemaker:CreateEndpointConfig",
            "sagemaker:DescribeEndpoint",
            "sagemaker:ListTags",
            "sagemaker:UpdateEndpoint",
        )
        self._allow(function, self._configs(), "sagemaker:DescribeEndpointConfig", "sagemaker:ListTags")
        self._acknowledge(function, CONFIGS)
        return function

    def _function(
        self, name: str, package: str, description: str, environment: Mapping[str, str], *, with_catalogue: bool = False
    ) -> lambda_.Function:
        return Function(
            self,
            name,
            FunctionProps(
                package=package,
                description=description,
                timeout=STEP_TIMEOUT,
                log_retention=self._props.log_retention,
                environment={"STAGE": self._props.stage, **environment},
                with_catalogue=with_catalogue,
            ),
        ).resource

    def _named(self, kind: str, *, ending: str = "") -> list[str]:
        name = f"mlstack-{self._props.stage}-*{ending}"
        return [self._stack.format_arn(service="sagemaker", resource=kind, resource_name=name)]

    def _configs(self) -> list[str]:
        """Every configuration: CloudFormation gives those of its endpoints names of its own."""
        return [self._stack.format_arn(service="sagemaker", resource="endpoint-config", resource_name="*")]

    @staticmethod
    def _allow(function: lambda_.Function, resources: Sequence[str], *actions: str) -> None:
        function.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=list(resources)))

    @staticmethod
    def _acknowledge(function: lambda_.Function, more: Mapping[str, str]) -> None:
        named = {"Resource::...mlstack-...-*...": "Runs and versions have many names; the stage's name bounds them."}
        for finding, reason in (named | dict(more)).items():
            acknowledge(function.role or function, f"AwsSolutions-IAM5[{finding}]", reason)
