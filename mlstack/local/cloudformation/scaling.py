"""AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy, made by the service's calls."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.typed import typed

Client = Any
SERVICE = "application-autoscaling"
OF = ("ServiceNamespace", "ResourceId", "ScalableDimension")
SETTINGS = ("MaxCapacity", "MinCapacity", "RoleARN", "SuspendedState")
CONFIGURATIONS = (
    "PolicyType",
    "PredictiveScalingPolicyConfiguration",
    "StepScalingPolicyConfiguration",
    "TargetTrackingScalingPolicyConfiguration",
)


def _given(properties: Properties, names: tuple[str, ...]) -> Properties:
    return {name: properties[name] for name in names if name in properties}


def _of(properties: Properties) -> Properties:
    """What a policy or an action is of; a policy may say it by its target's id."""
    if "ScalingTargetId" in properties:
        resource, dimension, namespace = str(properties["ScalingTargetId"]).split("|")
        return {"ServiceNamespace": namespace, "ResourceId": resource, "ScalableDimension": dimension}
    return _given(properties, OF)


def _register(scaling: Client, _name: str, properties: Properties) -> str:
    asked = {**_of(properties), **_given(properties, SETTINGS)}
    scaling.register_scalable_target(**typed(SERVICE, "RegisterScalableTarget", asked))
    for action in properties.get("ScheduledActions", []):
        scaling.put_scheduled_action(**_of(properties), **_given(action, tuple(action)))
    return "|".join(properties[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))


def _register_again(scaling: Client, name: str, new: Properties, old: Properties) -> None:
    kept = {action["ScheduledActionName"] for action in new.get("ScheduledActions", [])}
    for action in old.get("ScheduledActions", []):
        if action["ScheduledActionName"] not in kept:
            scaling.delete_scheduled_action(ScheduledActionName=action["ScheduledActionName"], **_of(old))
    _register(scaling, name, new)


def _deregister(scaling: Client, name: str, properties: Properties) -> None:
    _register_again(scaling, name, {**properties, "ScheduledActions": []}, properties)
    scaling.deregister_scalable_target(**_of(properties))


def _put(scaling: Client, _name: str, properties: Properties) -> str:
    asked = {"PolicyName": properties["PolicyName"], **_of(properties), **_given(properties, CONFIGURATIONS)}
    return str(scaling.put_scaling_policy(**typed(SERVICE, "PutScalingPolicy", asked))["PolicyARN"])


def _put_again(scaling: Client, name: str, new: Properties, _old: Properties) -> None:
    _put(scaling, name, new)


def _delete(scaling: Client, _arn: str, properties: Properties) -> None:
    scaling.delete_scaling_policy(PolicyName=properties["PolicyName"], **_of(properties))


SCALING = (
    Kind(
        type="AWS::ApplicationAutoScaling::ScalableTarget",
        service=SERVICE,
        fixed=("", *OF),
        create=_register,
        update=_register_again,
        delete=_deregister,
        attributes=lambda _, name: {"Id": name},
    ),
    Kind(
        type="AWS::ApplicationAutoScaling::ScalingPolicy",
        service=SERVICE,
        fixed=("", "PolicyName", "ScalingTargetId", *OF),
        create=_put,
        update=_put_again,
        delete=_delete,
        attributes=lambda _, arn: {"Arn": arn},
    ),
)
