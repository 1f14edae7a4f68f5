"""Managed draining: an instance that is to end waits in its group until its tasks have ended, and takes no other.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html; it is on unless one says
otherwise, and ECS waits for two days at most, which nothing here does.
"""

from collections.abc import Iterable

from moto.autoscaling.models import FakeAutoScalingGroup, InstanceState
from moto.ecs.models import ecs_backends

from mlstack.local.capacity import container_instances, providers
from mlstack.local.capacity.board import BOARD

WAITS = "Terminating:Wait"


def active(group: FakeAutoScalingGroup) -> list[InstanceState]:
    """The instances of a group that are not about to end."""
    return [state for state in group.instance_states if state.lifecycle_state != WAITS]


def drained(group: FakeAutoScalingGroup) -> Iterable[InstanceState]:
    """Those that have waited until nobody was on them."""
    return [s for s in group.instance_states if s.lifecycle_state == WAITS and not _is_busy(group, s.instance.id)]


def waits(group: FakeAutoScalingGroup, state: InstanceState) -> bool:
    """Whether an instance's end waits for its tasks; from then on it drains."""
    found = container_instances.of_instance(group.account_id, group.region, state.instance.id)
    if found is None or not _is_managed(group) or not _is_busy(group, state.instance.id):
        return False
    found.status = "DRAINING"
    state.lifecycle_state = WAITS
    return True


def _is_busy(group: FakeAutoScalingGroup, instance_id: str) -> bool:
    found = container_instances.of_instance(group.account_id, group.region, instance_id)
    return found is not None and bool(BOARD.on(found.container_instance_arn))


def _is_managed(group: FakeAutoScalingGroup) -> bool:
    known = ecs_backends[group.account_id][group.region].capacity_providers
    names = providers.of_group(group.account_id, group.region, group.name)
    return any(known[name].auto_scaling_group_provider.get("managedDraining") == providers.ENABLED for name in names)
