"""A stack whose service sleeps until its queue has something for it, as the project's own is made."""

from typing import Any

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import inventory
from tests.local.stacks import Stacks, Template

MINUTES = 3


def ref(name: str) -> Template:
    return {"Ref": name}


def attribute(name: str, key: str) -> Template:
    return {"Fn::GetAtt": [name, key]}


def messages(metric: str) -> Template:
    dimensions = [{"Name": "QueueName", "Value": attribute("Queue", "QueueName")}]
    of = {"Namespace": "AWS/SQS", "MetricName": metric, "Dimensions": dimensions}
    return {"Metric": of, "Period": 60, "Stat": "Maximum"}


def policy(name: str, *steps: Template) -> Template:
    said = {"AdjustmentType": "ExactCapacity", "Cooldown": "60", "StepAdjustments": [*steps]}
    return {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {
            "PolicyName": name,
            "PolicyType": "StepScaling",
            "ScalingTargetId": ref("Target"),
            "StepScalingPolicyConfiguration": said,
        },
    }


def alarm(action: str, **said: object) -> Template:
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [ref(action)], **said}}


def resources(subnet: str, largest: int = 2) -> dict[str, Any]:
    container = {"Name": "none", "Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/none:1"}
    queries = [
        {"Id": "todo", "Expression": "FILL(visible, 0) + FILL(hidden, 0)", "ReturnData": "true"},
        {"Id": "visible", "MetricStat": messages("ApproximateNumberOfMessagesVisible"), "ReturnData": False},
        {"Id": "hidden", "MetricStat": messages("ApproximateNumberOfMessagesNotVisible"), "ReturnData": False},
    ]
    wake = {**messages("ApproximateNumberOfMessagesVisible")["Metric"], "Statistic": "Maximum", "Period": 60}
    return {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Cluster": {"Type": "AWS::ECS::Cluster"},
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {
                "ContainerDefinitions": [container],
                "RequiresCompatibilities": ["FARGATE"],
                "NetworkMode": "awsvpc",
                "Cpu": "256",
                "Memory": "512",
                "ExecutionRoleArn": "arn:aws:iam::123456789012:role/any",
            },
        },
        "Service": {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "Cluster": ref("Cluster"),
                "TaskDefinition": ref("Task"),
                "DesiredCount": 0,
                "LaunchType": "FARGATE",
                "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [subnet]}},
            },
        },
        "Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": {
                "ServiceNamespace": "ecs",
                "ScalableDimension": "ecs:service:DesiredCount",
                "ResourceId": {"Fn::Join": ["/", ["service", ref("Cluster"), attribute("Service", "Name")]]},
                "MinCapacity": "0",
                "MaxCapacity": str(largest),
            },
        },
        "WakePolicy": policy("wake", {"MetricIntervalLowerBound": "0", "ScalingAdjustment": "1"}),
        "SleepPolicy": policy("sleep", {"MetricIntervalUpperBound": "0", "ScalingAdjustment": "0"}),
        "Wake": alarm(
            "WakePolicy",
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
            **wake,
        ),
        "Sleep": alarm(
            "SleepPolicy",
            EvaluationPeriods=str(MINUTES),
            Threshold="0",
            ComparisonOperator="LessThanOrEqualToThreshold",
            Metrics=queries,
        ),
    }


def test_a_stack_s_service_wakes_and_sleeps_and_leaves_nothing(apart: LocalAws) -> None:
    stacks, before = Stacks(apart), inventory(apart.client)
    ecs, sqs = apart.client("ecs"), apart.client("sqs")
    subnet = apart.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    name = stacks.create(resources(subnet))
    assert stacks.status(name) == "CREATE_COMPLETE", stacks.reasons(name)
    cluster, service = stacks.physical_id(name, "Cluster"), stacks.physical_id(name, "Service")
    queue = stacks.physical_id(name, "Queue")

    def desired() -> int:
        return int(ecs.describe_services(cluster=cluster, services=[service])["services"][0]["desiredCount"])

    apart.pass_time(600)
    asleep = desired()
    sqs.send_message(QueueUrl=queue, MessageBody="a message")
    apart.pass_time(61)
    awake = desired()
    stacks.update(name, resources(subnet, largest=3))
    after_an_update = desired()
    sqs.purge_queue(QueueUrl=queue)
    apart.pass_time((MINUTES + 1) * 60)

    assert (asleep, awake, after_an_update, desired()) == (0, 1, 1, 0)
    assert apart.report()["undelivered"] == []
    stacks.delete(name)
    assert stacks.status(name) == "DELETED", stacks.reasons(name)
    assert inventory(apart.client) == before
