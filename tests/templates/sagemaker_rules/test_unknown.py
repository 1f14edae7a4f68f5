"""What only the deployment, another template or a newer AWS knows is skipped, never guessed."""

from collections.abc import Mapping
from typing import Any

import pytest

from stacks.sagemaker_rules.check import violations
from tests.templates.sagemaker_rules.breaking import ABSENT, Case
from tests.templates.sagemaker_rules.good import (
    Make,
    asynchronous,
    classic,
    components,
    event_rule,
    model,
    notebook,
    pipeline,
    rolling,
    serverless,
    shadow,
    workflow,
)

VARIANT = "Config/Properties/ProductionVariants/0"
CONTAINER = "Model/Properties/PrimaryContainer"
PARAMETER = {"Ref": "Parameter"}
PERHAPS = {"Fn::If": ["Condition", {"Subnets": ["subnet-1"]}, {"Ref": "AWS::NoValue"}]}
ALARM = "Errors/Properties"
FOLLOW = "Follow/Properties"
ELSEWHERE = "an-endpoint-of-another-stack"
SCRIPT = "Lifecycle/Properties/OnStart/0/Content"
DEFINITION = "Machine/Properties/DefinitionString"

UNKNOWN: Mapping[str, tuple[Make, Mapping[str, Any]]] = {
    "a network that is perhaps there": (serverless, {"Model/Properties/VpcConfig": PERHAPS}),
    "a configuration of another stack": (classic, {"Endpoint/Properties/EndpointConfigName": ELSEWHERE}),
    "a configuration of a parameter": (rolling, {"Endpoint/Properties/EndpointConfigName": PARAMETER}),
    "a model of another stack": (serverless, {f"{VARIANT}/ModelName": ELSEWHERE}),
    "a shadow of a model of another stack": (shadow, {f"{VARIANT}/ModelName": ELSEWHERE}),
    "an instance type of a parameter": (classic, {f"{VARIANT}/InstanceType": PARAMETER}),
    "an instance type that is newer": (classic, {f"{VARIANT}/InstanceType": "ml.z99.large"}),
    "an instance type of a notebook that is newer": (notebook, {"Notebook/Properties/InstanceType": "ml.z99.large"}),
    "a component's instance type that is newer": (components, {f"{VARIANT}/InstanceType": "ml.z99.large"}),
    "an image that CodeBuild makes": (classic, {f"{CONTAINER}/Image": {"Fn::GetAtt": ["Build", "ImageUri"]}}),
    "an image of somebody else": (model, {f"{CONTAINER}/Image": "registry.example.com/server:gpu"}),
    "an image that somebody copied": (
        model,
        {f"{CONTAINER}/Image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"},
    ),
    "an image of AWS without hardware in its tag": (
        classic,
        {f"{CONTAINER}/Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"},
    ),
    "a model's place of a parameter": (model, {f"{CONTAINER}/ModelDataUrl": {"Fn::Sub": "s3://b/${Parameter}"}}),
    "an endpoint of another stack in an alarm": (
        classic,
        {"Other": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": PARAMETER, "Namespace": PARAMETER}}},
    ),
    "a metric of a parameter": (classic, {f"{ALARM}/MetricName": PARAMETER}),
    "a metric of labelling": (
        classic,
        {"Other": classic()["Resources"]["Errors"], "Other/Properties/MetricName": "TasksAccepted"},
    ),
    "a metric of one's own in a rollback": (classic, {f"{ALARM}/Namespace": "shop", f"{ALARM}/MetricName": "Orders"}),
    "a composite of formulas in a rollback": (
        classic,
        {"Errors": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [{"Expression": "1"}]}}},
    ),
    "an alarm of another stack in a rollback": (
        classic,
        {"Endpoint/Properties/DeploymentConfig/AutoRollbackConfiguration/Alarms/0/AlarmName": "errors"},
    ),
    "a policy that names what it scales": (
        classic,
        {
            f"{FOLLOW}/ScalingTargetId": ABSENT,
            f"{FOLLOW}/ResourceId": f"endpoint/{classic()['Resources']['Endpoint']['Properties']['EndpointName']}"
            "/variant/AllTraffic",
            f"{FOLLOW}/ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        },
    ),
    "a target of a parameter": (
        asynchronous,
        {"Target/Properties/ResourceId": PARAMETER},
    ),
    "a target of an endpoint of another stack": (
        classic,
        {"Target/Properties/ResourceId": f"endpoint/{ELSEWHERE}/variant/Other"},
    ),
    "a component's target of a parameter": (
        components,
        {"Target/Properties/ResourceId": {"Fn::Sub": "inference-component/${Parameter}"}},
    ),
    "a component's endpoint of another stack": (
        components,
        {"Component/Properties/EndpointName": ELSEWHERE},
    ),
    "a threshold of a parameter": (asynchronous, {"Waiting/Properties/Threshold": PARAMETER}),
    "an alarm on what lies between": (
        asynchronous,
        {"Waiting/Properties/ComparisonOperator": "LessThanOrGreaterThanUpperThreshold"},
    ),
    "an alarm above half": (
        asynchronous,
        {
            "Waiting/Properties/ComparisonOperator": "GreaterThanThreshold",
            "Waiting/Properties/Threshold": 0,
        },
    ),
    "a script of a parameter": (notebook, {SCRIPT: PARAMETER}),
    "a script of CloudFormation's own encoding": (
        notebook,
        {SCRIPT: {"Fn::Base64": {"Fn::Sub": "echo ${AWS::Region}"}}},
    ),
    "a lifecycle of another stack": (notebook, {"Notebook/Properties/LifecycleConfigName": "another"}),
    "a subnet of a parameter": (notebook, {"Notebook/Properties/SubnetId": PARAMETER}),
    "a rule on everything": (event_rule, {"Rule/Properties/EventPattern": {"source": [{"prefix": "aws."}]}}),
    "a rule on calls": (
        event_rule,
        {"Rule/Properties/EventPattern/detail-type": ["AWS API Call via CloudTrail"]},
    ),
    "a rule on several services": (
        event_rule,
        {
            "Rule/Properties/EventPattern": {
                "source": ["aws.sagemaker", "aws.s3"],
                "detail-type": ["Object Created", "SageMaker Endpoint State Change"],
            }
        },
    ),
    "a schedule": (event_rule, {"Rule/Properties": {"ScheduleExpression": "rate(1 hour)"}}),
    "a state machine's role of another stack": (workflow, {"Policy": ABSENT, "Machine/Properties/RoleArn": PARAMETER}),
    "a role with policies of AWS": (
        workflow,
        {"Policy": ABSENT, "Role/Properties/ManagedPolicyArns": ["arn:aws:iam::aws:policy/PowerUserAccess"]},
    ),
    "a role with policies of its own": (
        workflow,
        {
            "Policy": ABSENT,
            "Role/Properties/Policies": [
                {"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}
            ],
        },
    ),
    "a training job of an image of somebody else": (
        workflow,
        {
            DEFINITION: {
                "Fn::Sub": '{"States": {"Train": {"Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", '
                '"Parameters": {"ResourceConfig": {"InstanceType": "ml.m5.large"}}}}}'
            }
        },
    ),
    "a definition of a parameter": (workflow, {DEFINITION: PARAMETER}),
    "a definition in S3": (workflow, {DEFINITION: ABSENT}),
    "a pipeline of a parameter": (
        pipeline,
        {"Pipeline/Properties/PipelineDefinition/PipelineDefinitionBody": PARAMETER},
    ),
    "a pipeline in S3": (
        pipeline,
        {"Pipeline/Properties/PipelineDefinition": {"PipelineDefinitionS3Location": {"Bucket": "b", "Key": "k"}}},
    ),
}


@pytest.mark.parametrize(("good", "changes"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_a_template_does_not_tell_breaks_no_rule(good: Make, changes: Mapping[str, Any]) -> None:
    template = Case(rule="", good=good, changes=changes).template()

    found = list(violations(template, "us-east-1"))

    assert found == []
