"""Which capacity providers there are, of which Auto Scaling group each is, and which clusters have it."""

from collections.abc import Iterator

from moto.autoscaling.models import FakeAutoScalingGroup, autoscaling_backends
from moto.ec2.models import ec2_backends
from moto.ecs.models import CapacityProvider, Cluster, ecs_backends

ENABLED = "ENABLED"


def group_of(account: str, region: str, name: str) -> FakeAutoScalingGroup | None:
    """The Auto Scaling group of a provider."""
    found = ecs_backends[account][region].capacity_providers.get(name)
    return None if found is None else group_at(account, region, arn_of(found))


def of_group(account: str, region: str, group: str) -> Iterator[str]:
    """The providers of an Auto Scaling group: one, or none."""
    for name, found in list(ecs_backends[account][region].capacity_providers.items()):
        if group_name(arn_of(found)) == group:
            yield name


def of_instance(account: str, region: str, instance_id: str) -> Iterator[str]:
    """The providers of the group that an instance was launched by."""
    instance = ec2_backends[account][region].get_instance(instance_id)
    group = vars(instance).get("autoscaling_group")
    if group is not None:
        yield from of_group(account, region, group.name)


def scales(account: str, region: str, name: str) -> bool:
    """Whether ECS moves the provider's group; one that it does not leaves no task waiting."""
    found = ecs_backends[account][region].capacity_providers.get(name)
    return found is not None and found.auto_scaling_group_provider["managedScaling"]["status"] == ENABLED


def named(name_or_arn: str) -> str:
    """A provider's name, of that or of its ARN."""
    return name_or_arn.rpartition("capacity-provider/")[2]


def clusters_of(account: str, region: str, name: str) -> list[Cluster]:
    """The clusters that a provider is associated with."""
    found = ecs_backends[account][region].clusters.values()
    return [one for one in found if one.status == "ACTIVE" and name in (one.capacity_providers or [])]


def arn_of(provider: CapacityProvider) -> str:
    """The ARN of a provider's group, or its name, which ECS takes too."""
    return str(provider.auto_scaling_group_provider.get("autoScalingGroupArn", ""))


def group_name(arn: str) -> str:
    """The name in a group's ARN; a name alone is itself."""
    return arn.rpartition("autoScalingGroupName/")[2]


def group_at(account: str, region: str, arn: str) -> FakeAutoScalingGroup | None:
    """The group of an ARN or a name."""
    return autoscaling_backends[account][region].autoscaling_groups.get(group_name(arn))
