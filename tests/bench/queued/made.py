"""Services, requests and templates that tests make by hand."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

from bench.queued.account import Case, Outcome
from bench.queued.assumptions import Assumptions, Span
from bench.queued.months import Request
from bench.queued.policies import Policy
from bench.queued.scaling import Count, Rule, Scaling, Step
from bench.queued.service import Service
from bench.queued.simulation import Simulation

FARGATE = Policy(name="Fargate", place="fargate")
SPOT = Policy(name="Fargate Spot", place="fargate", spot=True)
GPU = Policy(name="GPU", place="instance", spot=True, instance_type="g4dn.xlarge")
ASLEEP = Policy(name="asleep", place="fargate", awake=False)
TASK = Policy(name="task", place="fargate", always=True)
INSTANCE = Policy(name="instance", place="instance", always=True, instance_type="t3.medium")
POLICIES = (FARGATE, SPOT, GPU, ASLEEP, TASK, INSTANCE)
FIXED = Assumptions(
    place_s=Span(20, 20),
    pull_mib_per_s=Span(10, 10),
    start_s=Span(10, 10),
    metrics_wake_s=Span(900, 900),
    scale_out_s=Span(60, 60),
    boot_s=Span(120, 120),
    interruptions_per_hour=0,
)
"""Nothing is left to chance but when SQS counts: a Fargate task takes 20 + 15 + 10 seconds."""
COLD_S = 45.0


class More(TypedDict, total=False):
    """What few tests choose."""

    seed: str
    hours: float


def service(  # noqa: PLR0913 (each test chooses one or two of them)
    *,
    most: int = 2,
    backlog: int = 100,
    sleep_minutes: int = 5,
    concurrency: int = 4,
    cooldown_s: float = 60,
    slept_on: frozenset[Count] = frozenset({"visible", "in flight"}),
) -> Service:
    """One of 1 vCPU and 2 GB that goes up with its backlog, and down to none."""
    steps = [
        Step(lower=place * backlog, upper=(place + 1) * backlog if place + 1 < most else None, tasks=place + 1)
        for place in range(most)
    ]
    wake = Rule(
        name="Wake",
        counts=frozenset({"visible"}),
        comparison="GreaterThanOrEqualToThreshold",
        threshold=1,
        periods=1,
        needed=1,
        missing="notBreaching",
        steps=steps,
        cooldown_s=cooldown_s,
    )
    sleep = replace(
        wake,
        name="Sleep",
        counts=slept_on,
        comparison="LessThanOrEqualToThreshold",
        threshold=0,
        periods=sleep_minutes,
        needed=sleep_minutes,
        missing="zero",
        steps=[Step(lower=None, upper=0, tasks=0)],
    )
    return Service(
        source="a test",
        vcpu=1,
        memory_gb=2,
        architecture="arm64",
        concurrency=concurrency,
        visibility_s=120,
        receives=3,
        scaling=Scaling(least=0, most=most, rules=[wake, sleep]),
    )


def simulated(
    requests: Sequence[Request],
    policy: Policy = FARGATE,
    made: Service | None = None,
    assumed: Assumptions = FIXED,
    **more: Unpack[More],
) -> Outcome:
    """Live through a few hours."""
    case = Case(
        requests=requests,
        service=made or service(),
        policy=policy,
        assumed=assumed,
        seed=more.get("seed", ""),
        length=more.get("hours", 1) * 3600,
    )
    return Simulation(case).run()


def template() -> dict[str, Any]:
    """As the stack writes it, as far as it is read: one service, its queue, its alarms; and a door that is not read."""
    name = {"QueueName": {"Fn::GetAtt": ["Queue", "QueueName"]}}
    dimensions = [{"Name": key, "Value": value} for key, value in name.items()]

    def stat(metric: str, key: str) -> dict[str, Any]:
        about = {"Dimensions": dimensions, "MetricName": metric, "Namespace": "AWS/SQS"}
        return {"Id": key, "MetricStat": {"Metric": about, "Period": 60, "Stat": "Maximum"}, "ReturnData": False}

    def policy(steps: list[dict[str, float]], kind: str = "ExactCapacity") -> dict[str, Any]:
        settings = {"AdjustmentType": kind, "Cooldown": 90, "StepAdjustments": steps}
        return {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
            "Properties": {"ScalingTargetId": {"Ref": "Target"}, "StepScalingPolicyConfiguration": settings},
        }

    def alarm(action: str, **properties: object) -> dict[str, Any]:
        return {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {"AlarmActions": [{"Ref": action}], **properties},
        }

    resources = {
        "Service": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "Task"}}},
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {
                "Family": "mlstack-sandbox-photos",
                "Cpu": "512",
                "Memory": "3072",
                "RuntimePlatform": {"CpuArchitecture": "X86_64"},
                "ContainerDefinitions": [
                    {"Name": "server"},
                    {
                        "Name": "queue",
                        "Environment": [
                            {"Name": "QUEUE_URL", "Value": {"Ref": "Queue"}},
                            {"Name": "CONCURRENCY", "Value": "3"},
                        ],
                    },
                ],
            },
        },
        "DeadLetters": {"Type": "AWS::SQS::Queue"},
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"VisibilityTimeout": 180, "RedrivePolicy": {"maxReceiveCount": 4}},
        },
        "Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": {
                "MinCapacity": 0,
                "MaxCapacity": 7,
                "ResourceId": {"Fn::Join": ["", ["service/cluster/", {"Fn::GetAtt": ["Service", "Name"]}]]},
            },
        },
        "Depth": policy(
            [
                {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 50, "ScalingAdjustment": 1},
                {"MetricIntervalLowerBound": 50, "ScalingAdjustment": 7},
            ]
        ),
        "Nothing": policy([{"MetricIntervalUpperBound": 0, "ScalingAdjustment": 0}]),
        "Door": policy([{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}], "ChangeInCapacity"),
        "Wake": alarm(
            "Depth",
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            Dimensions=dimensions,
            EvaluationPeriods=1,
            MetricName="ApproximateNumberOfMessagesVisible",
            Namespace="AWS/SQS",
            Period=60,
            Statistic="Maximum",
            Threshold=1,
            TreatMissingData="notBreaching",
        ),
        "Sleep": alarm(
            "Nothing",
            ComparisonOperator="LessThanOrEqualToThreshold",
            DatapointsToAlarm=8,
            EvaluationPeriods=9,
            Metrics=[
                stat("ApproximateNumberOfMessagesVisible", "visible"),
                stat("ApproximateNumberOfMessagesNotVisible", "in_hand"),
                stat("NumberOfMessagesSent", "sent"),
                {"Expression": "FILL(visible, 0) + FILL(in_hand, 0) + FILL(sent, 0)", "Id": "expr_1"},
            ],
            Threshold=0,
            TreatMissingData="breaching",
        ),
        "Knock": alarm(
            "Door",
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            EvaluationPeriods=1,
            MetricName="HTTPCode_ELB_503_Count",
            Period=60,
            Threshold=1,
        ),
    }
    return {"Resources": resources}
