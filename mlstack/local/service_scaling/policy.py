"""A scaling policy that an alarm calls by its ARN: it sets the service's desired count, or says why not."""

from collections.abc import Mapping
from typing import Any

from moto.applicationautoscaling.models import (
    FakeApplicationAutoscalingPolicy,
    FakeScalableTarget,
    applicationautoscaling_backends,
)

from mlstack.local.service_scaling.activity import ACTIVITIES, Activity, Target
from mlstack.local.service_scaling.service import Clients, EcsService
from mlstack.local.service_scaling.step import Breach, Done, Range, StepPolicy

STEP = "StepScaling"
IN, OUT = "DynamicScalingInSuspended", "DynamicScalingOutSuspended"


class PolicyError(Exception):
    """Why a policy did nothing though it was called."""


def is_policy(arn: str) -> bool:
    """Whether an action of an alarm is a policy of Application Auto Scaling for a service of ECS."""
    return ":scalingPolicy:" in arn and ":resource/ecs/service/" in arn


def call(arn: str, alarm: str, breach: Breach | None, moment: float, clients: Clients) -> None:
    """Do as the policy says for an alarm, named with its state; raise PolicyError where it can do nothing."""
    policy, target = _found(arn)
    if policy.policy_type != STEP:
        message = f"the local AWS calls step scaling policies alone; {policy.policy_name} is {policy.policy_type}"
        raise PolicyError(message)
    if breach is None:
        message = f"there is no value of the metric from which {policy.policy_name} could take its step"
        raise PolicyError(message)
    of = Target(policy.service_namespace, policy.resource_id, policy.scalable_dimension)
    steps = StepPolicy.of(policy.policy_name, policy.step_scaling_policy_configuration or {})
    service = EcsService(policy.resource_id, clients)
    capacity = service.desired()
    allowed = Range(int(target.min_capacity or 0), int(target.max_capacity or 0))
    wanted = steps.wanted(breach, capacity, allowed, ACTIVITIES.last(of), moment)
    if wanted is None:
        message = f"No step adjustment found for metric value {breach.value} and breach delta {breach.delta}"
        raise PolicyError(message)
    if wanted == capacity or _is_suspended(target, out=wanted > capacity):
        return
    cause = f"monitor alarm {alarm} triggered policy {policy.policy_name}"
    try:
        service.set_desired(wanted)
    except Exception as error:
        failed = f"Failed to set desired count to {wanted}. Reason: {error}"
        ACTIVITIES.add(Activity(target=of, cause=cause, at=moment, wanted=wanted, trouble=failed))
        raise
    done = Done(moment, steps.name, capacity, wanted, steps.cooldown)
    ACTIVITIES.add(Activity(target=of, cause=cause, at=moment, wanted=wanted), done)


def _found(arn: str) -> tuple[FakeApplicationAutoscalingPolicy, FakeScalableTarget]:
    region, account = arn.split(":")[3:5]
    backend = applicationautoscaling_backends[account][region]
    policy = next((one for one in list(backend.policies.values()) if one.policy_arn == arn), None)
    if policy is None:
        message = "there is no such scaling policy"
        raise PolicyError(message)
    target = backend.targets.get(policy.scalable_dimension, {}).get(policy.resource_id)
    if target is None:
        message = f"{policy.resource_id} is no scalable target"
        raise PolicyError(message)
    return policy, target


def _is_suspended(target: FakeScalableTarget, *, out: bool) -> bool:
    """Whether a test, or a person, holds this way of scaling back."""
    said: Mapping[str, Any] = vars(target)["suspended_state"] or {}
    return bool(said.get(OUT if out else IN))
