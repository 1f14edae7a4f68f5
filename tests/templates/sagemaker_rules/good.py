"""Minimal templates that break no rule, one for each thing that the rules speak of."""

import base64
import json
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Make = Callable[[], Json]

ENDPOINT = "mlstack-test-sorter"
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/inference:0123abcd"
ROLE = {"Fn::GetAtt": ["Role", "Arn"]}


def _resources(**resources: Json) -> Json:
    return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {}}, **resources}}


def _one(kind: str, **properties: Any) -> Json:  # noqa: ANN401  # properties are whatever AWS takes
    return {"Type": kind, "Properties": properties}


def model() -> Json:
    """A model by itself."""
    container = {"Image": IMAGE, "ModelDataUrl": "s3://models/sorter/model.tar.gz", "Environment": {"TOP_K": "5"}}
    return _resources(Model=_one("AWS::SageMaker::Model", ExecutionRoleArn=ROLE, PrimaryContainer=container))


def pipeline_model() -> Json:
    """A model of two containers."""
    containers = [{"Image": IMAGE, "ContainerHostname": name} for name in ("first", "second")]
    return _resources(Model=_one("AWS::SageMaker::Model", ExecutionRoleArn=ROLE, Containers=containers))


def _hosting(variant: Json, configuration: Json, **more: Json) -> Json:
    config = {"ProductionVariants": [{"VariantName": "AllTraffic", **variant}], **configuration}
    endpoint = {"EndpointName": ENDPOINT, "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}}
    looking = {"Effect": "Allow", "Action": "cloudwatch:DescribeAlarms", "Resource": "*"}
    return _resources(
        Role=_one("AWS::IAM::Role", Policies=[{"PolicyDocument": {"Statement": [looking]}}]),
        Model=model()["Resources"]["Model"],
        Config=_one("AWS::SageMaker::EndpointConfig", **config),
        Endpoint=_one("AWS::SageMaker::Endpoint", **endpoint),
        **more,
    )


SERVED = {"ModelName": {"Fn::GetAtt": ["Model", "ModelName"]}}


def serverless() -> Json:
    """A serverless endpoint."""
    return _hosting({**SERVED, "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}, {})


def _target(resource: Any, dimension: str, least: int, depends: str) -> Json:  # noqa: ANN401  # a text or a function
    target = _one(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        ServiceNamespace="sagemaker",
        ResourceId=resource,
        ScalableDimension=f"sagemaker:{dimension}",
        MinCapacity=least,
        MaxCapacity=4,
    )
    return target | ({"DependsOn": [depends]} if depends else {})


def _tracking(**metric: Any) -> Json:  # noqa: ANN401  # a predefined or a customized metric
    return _one(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        PolicyName="follow",
        PolicyType="TargetTrackingScaling",
        ScalingTargetId={"Ref": "Target"},
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 5, **metric},
    )


def _step() -> Json:
    return _one(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        PolicyName="wake",
        PolicyType="StepScaling",
        ScalingTargetId={"Ref": "Target"},
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
    )


def _alarm(metric: str, dimensions: dict[str, Any], **more: Any) -> Json:  # noqa: ANN401  # properties of an alarm
    asked = {
        "Namespace": "AWS/SageMaker",
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    }
    return _one("AWS::CloudWatch::Alarm", **(asked | more))


ENDPOINT_NAME = {"Fn::GetAtt": ["Endpoint", "EndpointName"]}
VARIANT = {"Fn::Join": ["", ["endpoint/", ENDPOINT_NAME, "/variant/AllTraffic"]]}


def asynchronous() -> Json:
    """An asynchronous endpoint that sleeps at zero and wakes with the first request."""
    return _hosting(
        {**SERVED, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1},
        {
            "AsyncInferenceConfig": {
                "OutputConfig": {"S3OutputPath": "s3://answers/", "S3FailurePath": "s3://failures/"},
                "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4},
            }
        },
        Target=_target(VARIANT, "variant:DesiredInstanceCount", 0, ""),
        Follow=_tracking(
            CustomizedMetricSpecification={
                "Namespace": "AWS/SageMaker",
                "MetricName": "ApproximateBacklogSizePerInstance",
                "Dimensions": [{"Name": "EndpointName", "Value": ENDPOINT_NAME}],
                "Statistic": "Average",
            }
        ),
        Wake=_step(),
        Waiting=_alarm(
            "HasBacklogWithoutCapacity",
            {"EndpointName": ENDPOINT},
            Statistic="Average",
            AlarmActions=[{"Ref": "Wake"}],
        ),
    )


def components() -> Json:
    """An endpoint of one inference component that comes down to no instance."""
    return _hosting(
        {
            "InstanceType": "ml.m5.xlarge",
            "InitialInstanceCount": 1,
            "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2},
        },
        {"ExecutionRoleArn": ROLE},
        Component=_one(
            "AWS::SageMaker::InferenceComponent",
            InferenceComponentName=ENDPOINT,
            EndpointName=ENDPOINT_NAME,
            VariantName="AllTraffic",
            Specification={
                **SERVED,
                "ComputeResourceRequirements": {"NumberOfCpuCoresRequired": 1, "MinMemoryRequiredInMb": 1024},
            },
            RuntimeConfig={"CopyCount": 1},
        ),
        Target=_target(f"inference-component/{ENDPOINT}", "inference-component:DesiredCopyCount", 0, "Component"),
        Follow=_tracking(
            PredefinedMetricSpecification={"PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"}
        ),
        Wake=_step(),
        Refused=_alarm(
            "NoCapacityInvocationFailures",
            {"InferenceComponentName": {"Fn::GetAtt": ["Component", "InferenceComponentName"]}},
            AlarmActions=[{"Ref": "Wake"}],
        ),
    )


def classic() -> Json:
    """A real-time endpoint on instances, guarded, captured and scaled."""
    template = _hosting(
        {**SERVED, "InstanceType": "ml.m5.large", "InitialInstanceCount": 4, "InitialVariantWeight": 1},
        {
            "DataCaptureConfig": {
                "EnableCapture": True,
                "InitialSamplingPercentage": 10,
                "DestinationS3Uri": "s3://captured/",
                "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            }
        },
        Errors=_alarm(
            "Invocation5XXErrors",
            {"EndpointName": ENDPOINT, "VariantName": "AllTraffic"},
            TreatMissingData="notBreaching",
        ),
        Target=_target(f"endpoint/{ENDPOINT}/variant/AllTraffic", "variant:DesiredInstanceCount", 2, "Endpoint"),
        Follow=_tracking(
            PredefinedMetricSpecification={"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
        ),
    )
    template["Resources"]["Endpoint"]["Properties"] |= {
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY",
                    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 25},
                    "WaitIntervalInSeconds": 300,
                },
                "TerminationWaitInSeconds": 300,
                "MaximumExecutionTimeoutInSeconds": 1800,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Errors"}}]},
        },
    }
    return template


def rolling() -> Json:
    """A real-time endpoint that goes over in batches."""
    template = classic()
    template["Resources"]["Endpoint"]["Properties"]["DeploymentConfig"] = {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1},
            "WaitIntervalInSeconds": 300,
            "MaximumExecutionTimeoutInSeconds": 3600,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Errors"}}]},
    }
    return template


def shadow() -> Json:
    """A real-time endpoint with a second model in its shadow."""
    template = _hosting({**SERVED, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}, {})
    second = {**SERVED, "VariantName": "Shadow", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    template["Resources"]["Config"]["Properties"]["ShadowProductionVariants"] = [second]
    return template


def notebook() -> Json:
    """A notebook instance that somebody stops."""
    script = base64.b64encode(b"#!/bin/sh\nexit 0\n").decode()
    return _resources(
        Lifecycle=_one("AWS::SageMaker::NotebookInstanceLifecycleConfig", OnStart=[{"Content": script}]),
        Notebook=_one(
            "AWS::SageMaker::NotebookInstance",
            InstanceType="ml.t3.medium",
            RoleArn=ROLE,
            RootAccess="Disabled",
            DirectInternetAccess="Disabled",
            SubnetId="subnet-1",
            SecurityGroupIds=["sg-1"],
            PlatformIdentifier="notebook-al2023-v1",
            VolumeSizeInGB=5,
            InstanceMetadataServiceConfiguration={"MinimumInstanceMetadataServiceVersion": "2"},
            LifecycleConfigName={
                "Fn::GetAtt": ["Lifecycle", "NotebookInstanceLifecycleConfigName"],
            },
        ),
    )


def state_machine(resource: str) -> Json:
    """The definition of a state machine with one task."""
    return {"StartAt": "Train", "States": {"Train": {"Type": "Task", "Resource": resource, "End": True}}}


def workflow() -> Json:
    """A state machine that waits for a training job."""
    text = json.dumps(state_machine("arn:PARTITION:states:::sagemaker:createTrainingJob.sync"))
    before, after = text.split("PARTITION")
    return _resources(
        Policy=_one(
            "AWS::IAM::Policy",
            Roles=[{"Ref": "Role"}],
            PolicyDocument={
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["sagemaker:*TrainingJob", "events:PutRule", "events:PutTargets"],
                        "Resource": "*",
                    },
                    {"Effect": "Allow", "Action": "events:DescribeRule", "Resource": "*"},
                    {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
                ]
            },
        ),
        Machine=_one(
            "AWS::StepFunctions::StateMachine",
            RoleArn=ROLE,
            DefinitionString={"Fn::Join": ["", [before, {"Ref": "AWS::Partition"}, after]]},
        ),
    )


def pipeline() -> Json:
    """A pipeline of two steps."""
    steps = [{"Name": "Prepare", "Type": "Processing"}, {"Name": "Train", "Type": "Training"}]
    body = json.dumps({"Version": "2020-12-01", "Steps": steps})
    return _resources(
        Pipeline=_one(
            "AWS::SageMaker::Pipeline",
            PipelineName="sorter",
            RoleArn=ROLE,
            PipelineDefinition={"PipelineDefinitionBody": body},
        )
    )


def event_rule() -> Json:
    """A rule on the states of endpoints."""
    pattern = {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Endpoint State Change"]}
    return _resources(Rule=_one("AWS::Events::Rule", EventPattern=pattern))


GOOD: tuple[Make, ...] = (
    asynchronous,
    classic,
    components,
    event_rule,
    model,
    notebook,
    pipeline,
    pipeline_model,
    rolling,
    serverless,
    shadow,
    workflow,
)
