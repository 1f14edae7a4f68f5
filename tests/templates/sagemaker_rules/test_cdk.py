"""What the CDK renders of scaling and alarms is understood as it is meant."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from aws_cdk.assertions import Template
from constructs import Construct

from stacks.sagemaker_rules.check import violations


def metric(name: str, endpoint: sagemaker.CfnEndpoint) -> cloudwatch.Metric:
    """A metric of an endpoint, by its generated name."""
    return cloudwatch.Metric(
        namespace="AWS/SageMaker",
        metric_name=name,
        dimensions_map={"EndpointName": endpoint.attr_endpoint_name},
        period=cdk.Duration.minutes(1),
        statistic="Average",
    )


def asynchronous(scope: Construct, role: iam.IRole) -> sagemaker.CfnEndpoint:
    """An asynchronous endpoint of CfnEndpoint."""
    container = sagemaker.CfnModel.ContainerDefinitionProperty(image="image")
    model = sagemaker.CfnModel(scope, "Model", primary_container=container, execution_role_arn=role.role_arn)
    variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
        variant_name="AllTraffic",
        model_name=model.attr_model_name,
        instance_type="ml.m5.large",
        initial_instance_count=1,
    )
    output = sagemaker.CfnEndpointConfig.AsyncInferenceOutputConfigProperty(
        s3_output_path="s3://answers/", s3_failure_path="s3://failures/"
    )
    config = sagemaker.CfnEndpointConfig(
        scope,
        "Config",
        production_variants=[variant],
        async_inference_config=sagemaker.CfnEndpointConfig.AsyncInferenceConfigProperty(output_config=output),
    )
    return sagemaker.CfnEndpoint(scope, "Endpoint", endpoint_config_name=config.attr_endpoint_config_name)


def scale(scope: Construct, endpoint: sagemaker.CfnEndpoint, *, role: iam.IRole | None, wakes: bool) -> None:
    """Scale the endpoint between 0 and 3."""
    target = scaling.ScalableTarget(
        scope,
        "Target",
        min_capacity=0,
        max_capacity=3,
        resource_id=f"endpoint/{endpoint.attr_endpoint_name}/variant/AllTraffic",
        scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        service_namespace=scaling.ServiceNamespace.SAGEMAKER,
        role=role,
    )
    backlog = metric("ApproximateBacklogSizePerInstance", endpoint)
    target.scale_to_track_metric("Backlog", target_value=5, custom_metric=backlog)
    step = scaling.StepScalingAction(
        scope, "Wake", scaling_target=target, adjustment_type=scaling.AdjustmentType.CHANGE_IN_CAPACITY
    )
    step.add_adjustment(adjustment=1, lower_bound=0)
    alarm = cloudwatch.Alarm(
        scope,
        "Waiting",
        metric=metric("HasBacklogWithoutCapacity", endpoint),
        threshold=1,
        evaluation_periods=2,
    )
    if wakes:
        alarm.add_alarm_action(actions.ApplicationScalingAction(step))


def service_linked(scope: Construct) -> iam.IRole:
    """The role that Application Auto Scaling uses anyway."""
    stack = cdk.Stack.of(scope)
    path = "aws-service-role/sagemaker.application-autoscaling.amazonaws.com"
    name = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    return iam.Role.from_role_arn(scope, "Linked", f"arn:{stack.partition}:iam::{stack.account}:role/{path}/{name}")


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack")


@pytest.fixture
def role(stack: cdk.Stack) -> iam.Role:
    return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))


def broken(stack: cdk.Stack) -> set[str]:
    """The rules that a stack breaks."""
    rendered: dict[str, Any] = dict(Template.from_stack(stack).to_json())
    return {violation.rule for violation in violations(rendered)}


def test_an_endpoint_that_the_cdk_scales_to_zero_breaks_no_rule(stack: cdk.Stack, role: iam.Role) -> None:
    scale(stack, asynchronous(stack, role), role=service_linked(stack), wakes=True)

    assert broken(stack) == set()


def test_the_role_that_the_cdk_makes_for_scaling_is_found_useless(stack: cdk.Stack, role: iam.Role) -> None:
    scale(stack, asynchronous(stack, role), role=None, wakes=True)

    assert broken(stack) == {"scaling-useless-role"}


def test_an_alarm_without_its_action_wakes_nothing(stack: cdk.Stack, role: iam.Role) -> None:
    scale(stack, asynchronous(stack, role), role=service_linked(stack), wakes=False)

    assert broken(stack) == {"async-never-wakes"}


def test_the_permissions_that_the_cdk_grants_to_a_training_task_suffice_and_none_for_a_custom_state(
    stack: cdk.Stack, role: iam.Role
) -> None:
    train = tasks.SageMakerCreateTrainingJob(
        stack,
        "Train",
        integration_pattern=sfn.IntegrationPattern.RUN_JOB,
        training_job_name="train",
        role=role,
        algorithm_specification=tasks.AlgorithmSpecification(algorithm_name="algorithm"),
        input_data_config=[
            tasks.Channel(
                channel_name="train",
                data_source=tasks.DataSource(
                    s3_data_source=tasks.S3DataSource(s3_location=tasks.S3Location.from_json_expression("$.s3"))
                ),
            )
        ],
        output_data_config=tasks.OutputDataConfig(s3_output_location=tasks.S3Location.from_json_expression("$.s3")),
    )
    sfn.StateMachine(stack, "Trained", definition_body=sfn.DefinitionBody.from_chainable(train))
    other = cdk.Stack(cdk.App(), "Other")
    state = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync", "Parameters": {}}
    custom = sfn.CustomState(other, "Process", state_json=state)
    sfn.StateMachine(other, "Processed", definition_body=sfn.DefinitionBody.from_chainable(custom))

    assert broken(stack) == set()
    assert broken(other) == {"workflow-sync-permissions"}
