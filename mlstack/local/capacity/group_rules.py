"""What Auto Scaling refuses of a group, and what it keeps of a change."""

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState
from moto.autoscaling.responses import AutoScalingResponse
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend

from mlstack.local.capacity.distribution import unsupported

KEPT = {
    "CapacityRebalance": ("capacity_rebalance", bool),
    "Context": ("context", str),
    "DefaultCooldown": ("default_cooldown", int),
    "DefaultInstanceWarmup": ("default_instance_warmup", int),
    "DesiredCapacityType": ("desired_capacity_type", str),
    "HealthCheckGracePeriod": ("health_check_grace_period", int),
    "MaxInstanceLifetime": ("max_instance_lifetime", int),
    "PlacementGroup": ("placement_group", str),
    "ServiceLinkedRoleARN": ("service_linked_role_arn", str),
    "TerminationPolicies": ("termination_policies", list),
}
"""Settings that do nothing here and are told again."""
FULLY_FORMED = "You must use a valid fully-formed launch template."
Params = dict[str, Any]


def found(backend: AutoScalingBackend, name: str) -> FakeAutoScalingGroup:
    """A group; ValidationError where there is none."""
    group = backend.autoscaling_groups.get(name)
    if group is None:
        message = f"AutoScalingGroup name not found - AutoScalingGroup: {name} not found"
        raise ValidationError(message)
    return group


def member(backend: AutoScalingBackend, instance_id: str) -> tuple[FakeAutoScalingGroup, InstanceState]:
    """The group of an instance; ValidationError for one of no group."""
    for group in backend.autoscaling_groups.values():
        for state in group.instance_states:
            if state.instance.id == instance_id:
                return group, state
    message = f"Instance Id not found - No managed instance found for instance ID: {instance_id}"
    raise ValidationError(message)


def check_sizes(least: int, most: int, desired: int | None) -> None:
    """Refuse bounds that nothing is between, and a count outside of them."""
    if least > most:
        message = f"Max bound, {most}, must be greater than or equal to min bound, {least}"
        raise ValidationError(message)
    if desired is not None and not least <= desired <= most:
        message = f"Desired capacity:{desired} must be between the specified min size:{least} and max size:{most}"
        raise ValidationError(message)


def check_template(asking: AutoScalingResponse, params: Params) -> None:
    """Refuse what Auto Scaling refuses of a launch template, and what would be launched otherwise than on AWS."""
    policy = params.get("MixedInstancesPolicy")
    name = unsupported(policy)
    if name:
        message = f"the local AWS launches no instances by {name}"
        raise ValidationError(message)
    if params.get("LaunchConfigurationName") or params.get("InstanceId"):
        message = "the local AWS launches the instances of a group from launch templates alone"
        raise ValidationError(message)
    said = (policy or {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification") or params.get("LaunchTemplate")
    if not said:
        return
    data = _data(asking.autoscaling_backend.ec2_backend, said)
    if not data.get("ImageId"):
        message = f"{FULLY_FORMED} The request must contain the parameter ImageId"
        raise ValidationError(message)
    if policy and data.get("InstanceMarketOptions"):
        message = "Incompatible launch template: a mixed instances policy allows no InstanceMarketOptions"
        raise ValidationError(message)


def _data(backend: EC2Backend, said: Params) -> Params:
    name, version = said.get("LaunchTemplateId"), str(said.get("Version") or "$Default")
    try:
        template = (
            backend.get_launch_template(name)
            if name
            else backend.get_launch_template_by_name(str(said.get("LaunchTemplateName")))
        )
        data: Params = template.get_version(version).data
    except (EC2ClientError, IndexError, KeyError, ValueError) as error:
        what = name or said.get("LaunchTemplateName")
        message = f"{FULLY_FORMED} There is no version {version} of the launch template {what}: {error}"
        raise ValidationError(message) from error
    return data


def merged_policy(old: Params | None, new: Params | None) -> Params | None:
    """The mixed instances policy after a change, which may name a part of it; moto takes an id or a name, not both."""
    whole = {**(old or {}), **(new or {})}
    if not whole:
        return None
    template: Params = whole["LaunchTemplate"]
    said = dict(template["LaunchTemplateSpecification"])
    if "LaunchTemplateId" in said:
        said.pop("LaunchTemplateName", None)
    return {**whole, "LaunchTemplate": {**template, "LaunchTemplateSpecification": said}}


def keep(group: FakeAutoScalingGroup, params: Params) -> None:
    """Keep what moto drops."""
    for name, (attribute, kind) in KEPT.items():
        if params.get(name) is not None:
            said = params[name]
            vars(group)[attribute] = str(said).lower() == "true" if kind is bool else kind(said)


def number(params: Params, name: str) -> int | None:
    """A number that was asked for; nothing where it was not."""
    return int(params[name]) if params.get(name) is not None else None
