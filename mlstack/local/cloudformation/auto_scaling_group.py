"""AWS::AutoScaling::AutoScalingGroup: moto's is made anew at every change, and lets its instances go at its end."""

import time
from collections.abc import Mapping
from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.failure import FinalError
from mlstack.local.cloudformation.typed import typed

Client = Any
AS_IN_THE_CALL = (
    "AvailabilityZones",
    "CapacityRebalance",
    "Context",
    "DefaultInstanceWarmup",
    "DesiredCapacity",
    "DesiredCapacityType",
    "HealthCheckGracePeriod",
    "HealthCheckType",
    "LaunchTemplate",
    "MaxInstanceLifetime",
    "MaxSize",
    "MinSize",
    "MixedInstancesPolicy",
    "NewInstancesProtectedFromScaleIn",
    "PlacementGroup",
    "ServiceLinkedRoleARN",
    "TerminationPolicies",
)
"""Properties that both calls have under the same name and in the same shape."""
AT_CREATION = ("LoadBalancerNames", "TargetGroupARNs")
OTHERWISE = ("AutoScalingGroupName", "Cooldown", "Tags", "VPCZoneIdentifier")
PATIENCE_S = 5.0
"""On AWS, an hour and more."""
STEP_S = 0.05


def _made(autoscaling: Client, name: str, properties: Properties) -> str:
    asked = {"AutoScalingGroupName": name, **_asked(properties), "Tags": _tags(name, properties)}
    asked |= {key: properties[key] for key in AT_CREATION if key in properties}
    autoscaling.create_auto_scaling_group(**typed("autoscaling", "CreateAutoScalingGroup", asked))
    return name


def _again(autoscaling: Client, name: str, new: Properties, old: Properties) -> None:
    fixed = sorted(key for key in AT_CREATION if new.get(key) != old.get(key))
    if fixed:
        message = f"the local AWS cannot change {', '.join(fixed)} of an Auto Scaling group"
        raise FinalError(message)
    asked = _asked(new)
    if new.get("DesiredCapacity") == old.get("DesiredCapacity"):
        asked.pop("DesiredCapacity", None)  # whatever moved it meanwhile stays right
    named = {"AutoScalingGroupName": name}
    autoscaling.update_auto_scaling_group(**typed("autoscaling", "UpdateAutoScalingGroup", {**named, **asked}))
    kept = {tag["Key"] for tag in _tags(name, new)}
    lost = [tag for tag in _tags(name, old) if tag["Key"] not in kept]
    if lost:
        autoscaling.delete_tags(Tags=lost)
    if _tags(name, new):
        autoscaling.create_or_update_tags(Tags=_tags(name, new))


def _asked(properties: Properties) -> Properties:
    unknown = sorted(properties.keys() - {*AS_IN_THE_CALL, *AT_CREATION, *OTHERWISE})
    if unknown:
        message = f"the local AWS makes no Auto Scaling group with {', '.join(unknown)}"
        raise FinalError(message)
    asked = {key: properties[key] for key in AS_IN_THE_CALL if key in properties}
    if "Cooldown" in properties:
        asked["DefaultCooldown"] = properties["Cooldown"]
    if "VPCZoneIdentifier" in properties:
        asked["VPCZoneIdentifier"] = ",".join(properties["VPCZoneIdentifier"])
    return asked


def _tags(name: str, properties: Properties) -> list[Properties]:
    return [
        {
            "ResourceId": name,
            "ResourceType": "auto-scaling-group",
            "Key": str(tag["Key"]),
            "Value": str(tag["Value"]),
            "PropagateAtLaunch": str(tag.get("PropagateAtLaunch", False)).lower() == "true",
        }
        for tag in properties.get("Tags", [])
    ]


def _gone(autoscaling: Client, name: str, _properties: Properties) -> None:
    """As CloudFormation does it: nothing desired, then wait for the end of every instance, protected ones for ever."""
    if _described(autoscaling, name) is None:
        return
    autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=0, MaxSize=0, DesiredCapacity=0)
    deadline = time.monotonic() + PATIENCE_S
    while left := (_described(autoscaling, name) or {}).get("Instances", []):
        if time.monotonic() > deadline:
            names = ", ".join(f"{one['InstanceId']}{' (protected)' * one['ProtectedFromScaleIn']}" for one in left)
            message = f"Exceeded attempts to wait: Group {name} did not stabilize, its instances do not end: {names}"
            raise FinalError(message)
        time.sleep(STEP_S)
    if _described(autoscaling, name) is not None:
        autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name)


def _described(autoscaling: Client, name: str) -> Properties | None:
    said = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return said[0] if said else None


def _attributes(autoscaling: Client, name: str) -> Mapping[str, str]:
    said = _described(autoscaling, name)
    return {"AutoScalingGroupARN": str(said["AutoScalingGroupARN"])} if said else {}


AUTO_SCALING_GROUP = Kind(
    type="AWS::AutoScaling::AutoScalingGroup",
    service="autoscaling",
    fixed=("AutoScalingGroupName",),
    create=_made,
    update=_again,
    delete=_gone,
    attributes=_attributes,
)
