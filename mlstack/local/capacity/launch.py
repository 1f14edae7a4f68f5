"""Launches a group's instances: each by RunInstances, from the launch template with all of its data."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError
from moto.autoscaling.models import FakeAutoScalingGroup, InstanceState

from mlstack.local import runtime
from mlstack.local.capacity import activity
from mlstack.local.capacity.distribution import ON_DEMAND, SPOT, Attempt, Member, attempts
from mlstack.local.capacity.draining import active
from mlstack.local.ec2.supply import NO_CAPACITY

NAME_TAG = "aws:autoscaling:groupName"
UNFULFILLABLE = (
    "UnfulfillableCapacity - Unable to fulfill capacity due to your request configuration. Please adjust your request "
    "and try again."
)
FAILED = "Launching EC2 instance failed."


def launch(group: FakeAutoScalingGroup) -> bool:
    """Launch one more instance, wherever and of whatever type there is one; say whether there was."""
    before = len(active(group))
    said: ClientError | None = None
    market: str | None = None
    for attempt in _attempts(group):
        market = attempt.market
        try:
            name = _run(group, attempt)
        except ClientError as error:
            said = error
            if error.response["Error"]["Code"] != NO_CAPACITY:
                break
            continue
        _join(group, name)
        cause = (
            "an instance was started in response to a difference between desired and actual capacity, increasing the "
            f"capacity from {before} to {before + 1}."
        )
        activity.note(group, f"Launching a new EC2 instance: {name}", cause)
        return True
    why = _why(said, market)
    cause = "an instance was started in response to a difference between desired and actual capacity."
    activity.note(group, f"Launching a new EC2 instance.  Status Reason: {why}", cause, failure=why)
    return False


def template(group: FakeAutoScalingGroup) -> dict[str, str]:
    """Which version of which launch template a group names."""
    found = group.ec2_launch_template
    if found is None:
        message = "the local AWS launches instances of a group from launch templates alone"
        raise ValueError(message)
    return {"LaunchTemplateId": str(found.id), "Version": str(group.launch_template_version)}


def _attempts(group: FakeAutoScalingGroup) -> Iterator[Attempt]:
    instances = [state.instance for state in active(group)]
    subnets = group.vpc_zone_identifier.split(",") if group.vpc_zone_identifier else []
    return attempts(
        group.mixed_instances_policy,
        template(group),
        group.desired_capacity or 0,
        [
            Member(
                market=SPOT if getattr(one, "lifecycle", None) == "spot" else ON_DEMAND,
                place=str(one.subnet_id) if subnets else str(one.availability_zone),
            )
            for one in instances
        ],
        [one.strip() for one in subnets] or group.availability_zones,
    )


def _run(group: FakeAutoScalingGroup, attempt: Attempt) -> str:
    ec2 = runtime.running().client("ec2", group.region)
    asked: dict[str, Any] = {"LaunchTemplate": dict(attempt.template), "MinCount": 1, "MaxCount": 1}
    if attempt.instance_type:
        asked["InstanceType"] = attempt.instance_type
    if attempt.market == SPOT:
        price = {"MaxPrice": attempt.max_price} if attempt.max_price else {}
        options = {"SpotInstanceType": "one-time", **price}
        asked["InstanceMarketOptions"] = {"MarketType": "spot", "SpotOptions": options}
    asked |= _place(ec2, group, attempt)
    tags = [{"Key": key, "Value": value} for key, value in group.get_propagated_tags().items()]
    if tags:
        asked["TagSpecifications"] = [{"ResourceType": "instance", "Tags": tags}]
    return str(ec2.run_instances(**asked)["Instances"][0]["InstanceId"])


def _place(ec2: Any, group: FakeAutoScalingGroup, attempt: Attempt) -> dict[str, Any]:  # noqa: ANN401 - a client
    """Where it goes; a template's network interface takes the subnet."""
    if not group.vpc_zone_identifier:
        return {"Placement": {"AvailabilityZone": attempt.place}}
    named = {name: value for name, value in attempt.template.items() if name.startswith("LaunchTemplate")}
    version = str(attempt.template.get("Version") or "$Default")
    said = ec2.describe_launch_template_versions(**named, Versions=[version])["LaunchTemplateVersions"]
    interfaces = said[0]["LaunchTemplateData"].get("NetworkInterfaces", []) if said else []
    if not interfaces:
        return {"SubnetId": attempt.place}
    return {"NetworkInterfaces": [{**one, "SubnetId": attempt.place} for one in interfaces]}


def _join(group: FakeAutoScalingGroup, name: str) -> None:
    instance = group.ec2_backend.get_instance(name)
    vars(instance)["autoscaling_group"] = group
    group.ec2_backend.create_tags([name], {NAME_TAG: group.name})
    protected = group.new_instances_protected_from_scale_in
    group.instance_states.append(InstanceState(instance, protected_from_scale_in=protected))


def _why(error: ClientError | None, market: str | None) -> str:
    """A failure in the words of a group's activities."""
    if error is None:
        return FAILED
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    if code != NO_CAPACITY:
        return f"{message} {FAILED}"
    if market == SPOT:
        return f"Could not launch Spot Instances. {UNFULFILLABLE} {FAILED}"
    where = "Could not launch On-Demand Instances. " if market else ""
    return f"{where}{code} - {message} {FAILED}"
