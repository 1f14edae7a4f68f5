"""An ECS service that alarms wake and put to sleep, as Application Auto Scaling does."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.patience import eventually

NAMESPACE, DIMENSION = "ecs", "ecs:service:DesiredCount"
VISIBLE = "ApproximateNumberOfMessagesVisible"
HIDDEN = "ApproximateNumberOfMessagesNotVisible"
HOUR_S = 3600.0


class Scaled:
    """A service that can be scaled, with its queue."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.scaling = aws.client("application-autoscaling")
        self.cloudwatch = aws.client("cloudwatch")
        self.sqs = aws.client("sqs")
        self.name = f"scaled-{uuid4().hex[:8]}"
        self.of = {
            "ServiceNamespace": NAMESPACE,
            "ResourceId": f"service/{self.name}/{self.name}",
            "ScalableDimension": DIMENSION,
        }
        self.alarms: list[str] = []
        self.queue = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        ecs = aws.client("ecs")
        ecs.create_cluster(clusterName=self.name)
        container = {"name": "none", "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/none:1"}
        ecs.register_task_definition(
            family=self.name,
            containerDefinitions=[container],
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            executionRoleArn="arn:aws:iam::123456789012:role/any",
        )
        subnet = aws.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        ecs.create_service(
            cluster=self.name,
            serviceName=self.name,
            taskDefinition=self.name,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
            desiredCount=0,
        )

    def register(self, **more: object) -> None:
        self.scaling.register_scalable_target(**{**self.of, "MinCapacity": 0, "MaxCapacity": 3, **more})

    def policy(self, *steps: dict[str, Any], name: str = "policy", **more: object) -> str:
        said = {"AdjustmentType": "ExactCapacity", "Cooldown": 60, "StepAdjustments": [*steps], **more}
        made = self.scaling.put_scaling_policy(
            **self.of, PolicyName=name, PolicyType="StepScaling", StepScalingPolicyConfiguration=said
        )
        return str(made["PolicyARN"])

    def wake(self, policy: str, **more: object) -> str:
        """An alarm on the messages that wait."""
        watched = {
            "Namespace": "AWS/SQS",
            "MetricName": VISIBLE,
            "Dimensions": [{"Name": "QueueName", "Value": self.name}],
            "Statistic": "Maximum",
            "Period": 60,
        }
        asked = {
            **watched,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        }
        return self.alarm(policy, **{**asked, **more})

    def sleep(self, policy: str, minutes: int) -> str:
        """An alarm on there being nothing to do."""
        queries: list[dict[str, Any]] = [
            {"Id": "idle", "Expression": "FILL(visible, 0) + FILL(hidden, 0)", "ReturnData": True},
            {"Id": "visible", "MetricStat": self.stat(VISIBLE), "ReturnData": False},
            {"Id": "hidden", "MetricStat": self.stat(HIDDEN), "ReturnData": False},
        ]
        return self.alarm(
            policy,
            Metrics=queries,
            EvaluationPeriods=minutes,
            Threshold=0,
            ComparisonOperator="LessThanOrEqualToThreshold",
        )

    def stat(self, metric: str) -> dict[str, Any]:
        of = {"Namespace": "AWS/SQS", "MetricName": metric, "Dimensions": [{"Name": "QueueName", "Value": self.name}]}
        return {"Metric": of, "Period": 60, "Stat": "Maximum"}

    def alarm(self, policy: str, **asked: object) -> str:
        name = f"{self.name}-{len(self.alarms)}"
        self.alarms.append(name)
        self.cloudwatch.put_metric_alarm(AlarmName=name, AlarmActions=[policy], **asked)
        return name

    def send(self, number: int) -> None:
        for _ in range(number):
            self.sqs.send_message(QueueUrl=self.queue, MessageBody="a message")

    def work(self) -> None:
        """Take away all that waits."""
        self.sqs.purge_queue(QueueUrl=self.queue)

    @property
    def desired(self) -> int:
        [found] = self.aws.client("ecs").describe_services(cluster=self.name, services=[self.name])["services"]
        return int(found["desiredCount"])

    def state(self, alarm: str) -> str:
        [found] = self.cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
        return str(found["StateValue"])

    def activities(self) -> list[dict[str, Any]]:
        asked = {"ServiceNamespace": NAMESPACE, "ResourceId": self.of["ResourceId"]}
        return list(self.scaling.describe_scaling_activities(**asked)["ScalingActivities"])

    def undelivered(self) -> list[str]:
        return [line for line in self.aws.report()["undelivered"] if self.name in line]

    def no_service(self) -> None:
        self.aws.client("ecs").delete_service(cluster=self.name, service=self.name, force=True)

    def close(self) -> None:
        self.cloudwatch.delete_alarms(AlarmNames=self.alarms)
        self.sqs.delete_queue(QueueUrl=self.queue)
        for gone in (lambda: self.scaling.deregister_scalable_target(**self.of), self.no_service):
            with suppress(ClientError):
                gone()


@pytest.fixture
def scaled(apart: LocalAws) -> Iterator[Scaled]:
    made = Scaled(apart)
    yield made
    made.close()


def step(adjustment: int, lower: float | None = None, upper: float | None = None) -> dict[str, Any]:
    bounds = {"MetricIntervalLowerBound": lower, "MetricIntervalUpperBound": upper}
    return {"ScalingAdjustment": adjustment, **{name: bound for name, bound in bounds.items() if bound is not None}}


def test_a_service_wakes_by_the_depth_of_its_queue_and_sleeps_when_nothing_is_left(
    scaled: Scaled, apart: LocalAws
) -> None:
    scaled.register()
    scaled.wake(scaled.policy(step(1, 0, 4), step(2, 4), name="wake"))
    scaled.sleep(scaled.policy(step(0, upper=0), name="sleep"), minutes=5)
    apart.pass_time(600)
    at_first = scaled.desired

    scaled.send(1)
    apart.pass_time(61)
    awake = scaled.desired
    scaled.send(5)
    apart.pass_time(61)
    grown = scaled.desired
    scaled.work()
    apart.pass_time(240)
    still = scaled.desired
    apart.pass_time(180)

    assert (at_first, awake, grown, still, scaled.desired) == (0, 1, 2, 2, 0)
    told = [(one["Description"], one["StatusCode"]) for one in scaled.activities()]
    assert told == [(f"Setting desired count to {count}.", "Successful") for count in (0, 2, 1)]
    assert "triggered policy sleep" in scaled.activities()[0]["Cause"]
    assert scaled.undelivered() == []


def test_a_message_that_is_being_worked_on_keeps_a_service_awake(scaled: Scaled, apart: LocalAws) -> None:
    scaled.register()
    scaled.wake(scaled.policy(step(1, 0), name="wake"))
    asleep = scaled.sleep(scaled.policy(step(0, upper=0), name="sleep"), minutes=3)
    scaled.send(1)
    scaled.sqs.receive_message(QueueUrl=scaled.queue, VisibilityTimeout=3600)

    apart.pass_time(1200)

    assert (scaled.state(asleep), scaled.desired) == ("OK", 0)  # nothing waited when it was looked at: no wake either


def test_a_policy_is_called_again_each_minute_that_the_alarm_stays(scaled: Scaled, apart: LocalAws) -> None:
    scaled.register()
    scaled.wake(scaled.policy(step(1, 0), AdjustmentType="ChangeInCapacity", Cooldown=60))
    scaled.send(1)

    apart.pass_time(61)
    first = scaled.desired
    apart.pass_time(240)

    assert (first, scaled.desired) == (1, 3)  # as many as the target allows


def test_a_cooldown_lasts_as_long_as_it_says(scaled: Scaled, apart: LocalAws) -> None:
    scaled.register()
    scaled.wake(scaled.policy(step(1, 0), AdjustmentType="ChangeInCapacity", Cooldown=600))
    scaled.send(1)

    apart.pass_time(300)
    within = scaled.desired
    apart.pass_time(500)

    assert (within, scaled.desired) == (1, 2)


def test_no_policy_is_called_while_scaling_is_suspended(scaled: Scaled, apart: LocalAws) -> None:
    scaled.register(SuspendedState={"DynamicScalingOutSuspended": True})
    scaled.wake(scaled.policy(step(1, 0)))
    scaled.send(1)

    apart.pass_time(120)
    held = scaled.desired
    scaled.register(SuspendedState={"DynamicScalingOutSuspended": False})
    apart.pass_time(61)

    assert (held, scaled.desired) == (0, 1)


def test_a_service_wakes_within_a_minute_of_a_message_without_anybody_letting_time_pass(
    scaled: Scaled, apart: LocalAws
) -> None:
    scaled.register()
    scaled.wake(scaled.policy(step(1, 0)))
    scaled.send(1)
    apart.pass_time(58)
    before = scaled.desired

    assert before == 0
    assert eventually(lambda: scaled.desired) == 1


def test_an_alarm_that_is_set_by_hand_calls_its_policy_with_the_value_that_is_told(scaled: Scaled) -> None:
    scaled.register()
    alarm = scaled.wake(scaled.policy(step(1, 0, 4), step(2, 4)))
    by_hand = {"AlarmName": alarm, "StateValue": "ALARM", "StateReason": "a test"}

    scaled.cloudwatch.set_alarm_state(**by_hand)
    without = scaled.desired
    scaled.cloudwatch.set_alarm_state(**{**by_hand, "StateValue": "OK"})
    scaled.cloudwatch.set_alarm_state(**by_hand, StateReasonData='{"recentDatapoints": [1.0, 7.0]}')

    assert (without, scaled.desired) == (0, 2)
    assert any("no value of the metric" in line for line in scaled.undelivered())


def test_a_policy_is_for_a_service_that_is_there(scaled: Scaled) -> None:
    with pytest.raises(ClientError, match="ECS service doesn't exist: service/none/none"):
        scaled.register(ResourceId="service/none/none")
    with pytest.raises(ClientError, match="Unsupported service namespace"):
        scaled.register(ResourceId="something/else")
    with pytest.raises(ClientError, match="No scalable target registered"):
        scaled.policy(step(1, 0))
    scaled.register()
    with pytest.raises(ClientError, match="can't overlap"):
        scaled.policy(step(1, 0, 5), step(2, 4))


def test_registering_brings_a_service_within_what_is_allowed(scaled: Scaled) -> None:
    scaled.register(MinCapacity=1, MaxCapacity=2)
    least = scaled.desired
    scaled.register(MinCapacity=0, MaxCapacity=0)

    assert (least, scaled.desired) == (1, 0)


def test_a_service_that_is_gone_is_told_once_and_leaves_a_target_behind(scaled: Scaled, apart: LocalAws) -> None:
    scaled.register()
    scaled.wake(scaled.policy(step(1, 0)))
    scaled.send(1)
    scaled.no_service()

    apart.pass_time(600)

    told = [line for line in scaled.undelivered() if "ECS service doesn't exist" in line]
    assert len(told) == 1
    [target] = scaled.scaling.describe_scalable_targets(
        ServiceNamespace=NAMESPACE, ResourceIds=[scaled.of["ResourceId"]]
    )["ScalableTargets"]
    assert target["ScalableDimension"] == DIMENSION


def test_a_target_takes_its_policies_with_it(scaled: Scaled, apart: LocalAws) -> None:
    scaled.register()
    policy = scaled.policy(step(1, 0))
    scaled.wake(policy)
    scaled.scaling.put_scheduled_action(**scaled.of, Schedule="rate(1 day)", ScheduledActionName="daily")
    scaled.send(1)

    scaled.scaling.deregister_scalable_target(**scaled.of)
    apart.pass_time(120)

    assert scaled.scaling.describe_scaling_policies(ServiceNamespace=NAMESPACE)["ScalingPolicies"] == []
    assert scaled.scaling.describe_scheduled_actions(ServiceNamespace=NAMESPACE)["ScheduledActions"] == []
    assert scaled.desired == 0
    assert any("there is no such scaling policy" in line for line in scaled.undelivered())


@pytest.mark.parametrize(
    ("what", "call"),
    [
        ("scalable target", lambda scaled: scaled.scaling.deregister_scalable_target(**scaled.of)),
        ("scaling policy", lambda scaled: scaled.scaling.delete_scaling_policy(**scaled.of, PolicyName="none")),
    ],
)
def test_what_is_not_there_is_told_as_aws_tells_it(scaled: Scaled, what: str, call: Callable[[Scaled], None]) -> None:
    with pytest.raises(ClientError, match=f"ObjectNotFoundException.*No {what} found") as refused:
        call(scaled)
    assert scaled.of["ResourceId"] in str(refused.value)


def test_a_target_tracking_policy_is_called_in_vain(scaled: Scaled, apart: LocalAws) -> None:
    scaled.register()
    said = {
        "TargetValue": 5.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    policy = scaled.scaling.put_scaling_policy(
        **scaled.of,
        PolicyName="tracking",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=said,
    )
    scaled.wake(policy["PolicyARN"])
    scaled.send(1)

    apart.pass_time(61)

    scaled.scaling.deregister_scalable_target(**scaled.of)
    assert scaled.desired == 0
    assert any("step scaling policies alone" in line for line in scaled.undelivered())


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"ScalableDimension": DIMENSION}, "ValidationException"),
        ({"NextToken": "none"}, "InvalidNextTokenException"),
    ],
)
def test_activities_are_asked_for_as_aws_has_it(apart: LocalAws, more: dict[str, Any], code: str) -> None:
    client = apart.client("application-autoscaling")

    with pytest.raises(ClientError, match=code):
        client.describe_scaling_activities(ServiceNamespace=NAMESPACE, **more)
