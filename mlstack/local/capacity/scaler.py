"""ECS's managed scaling: moves the groups of capacity providers by who waits and what is idle."""

from collections.abc import Iterator
from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ecs.models import CapacityProvider, ecs_backends

from mlstack.local.capacity import container_instances, managed_scaling, providers
from mlstack.local.capacity.board import BOARD
from mlstack.local.capacity.draining import active
from mlstack.local.capacity.fleet import TURN
from mlstack.local.capacity.managed_scaling import Setting, Since
from mlstack.local.capacity.resources import Resources, of_type, smallest
from mlstack.local.clock import CLOCK

SINCE = "mlstack_since"


def look() -> None:
    """Judge every provider whose group ECS moves."""
    for regions in list(ecs_backends.values()):
        for backend in list(regions.values()):
            for provider in list(backend.capacity_providers.values()):
                group = providers.group_of(backend.account_id, backend.region_name, provider.name)
                if group is not None and providers.scales(backend.account_id, backend.region_name, provider.name):
                    _judge(backend.account_id, backend.region_name, provider, group)


def _judge(account: str, region: str, provider: CapacityProvider, group: FakeAutoScalingGroup) -> None:
    staying = {state.instance.id for state in active(group)}
    registered = container_instances.on_group(account, region, group.name)
    there = [one for one in registered if one.place.instance_id in staying]
    busy = [one for one in there if BOARD.on(one.place.container_instance_arn)]
    said: dict[str, Any] = provider.auto_scaling_group_provider
    if said["managedTerminationProtection"] == providers.ENABLED:
        _protect(group, {one.place.instance_id for one in busy})
    if not providers.clusters_of(account, region, provider.name):
        return
    scaling = said["managedScaling"]
    setting = Setting(
        target=int(scaling["targetCapacity"]),
        least_step=int(scaling["minimumScalingStepSize"]),
        largest_step=int(scaling["maximumScalingStepSize"]),
        warmup_s=float(scaling["instanceWarmupPeriod"]),
    )
    with TURN:
        wanted = managed_scaling.needed(
            [wish.resources for wish in BOARD.waiting() if wish.provider == provider.name],
            [BOARD.left(one) for one in busy],
            len(busy),
            smallest(_types(group)),
            setting.target,
        )
        now = managed_scaling.Group(
            least=int(group.min_size or 0),
            most=int(group.max_size or 0),
            desired=int(group.desired_capacity or 0),
            running=len(active(group)),
        )
        since = vars(provider).get(SINCE, Since())
        count, vars(provider)[SINCE] = managed_scaling.decided(wanted, now, setting, since, CLOCK.now())
        if count != now.desired:
            group.set_desired_capacity(count)


def _types(group: FakeAutoScalingGroup) -> Iterator[Resources]:
    """What each type has that the group may launch."""
    overrides = ((group.mixed_instances_policy or {}).get("LaunchTemplate") or {}).get("Overrides") or []
    names = [str(one["InstanceType"]) for one in overrides if one.get("InstanceType")]
    for name in names or [str(group.instance_type)]:
        yield of_type(INSTANCE_TYPES.get(name, {}))


def _protect(group: FakeAutoScalingGroup, busy: set[str]) -> None:
    """Keep scale-in from whoever has tasks, and let it have the others."""
    with TURN:
        for state in group.instance_states:
            state.protected_from_scale_in = state.instance.id in busy
