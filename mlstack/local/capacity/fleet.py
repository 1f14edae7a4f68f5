"""Brings an Auto Scaling group to the number of instances that it desires, and ends what it no longer does."""

from collections.abc import Iterable
from threading import RLock

from moto.autoscaling.models import Activity, FakeAutoScalingGroup, InstanceState

from mlstack.local.capacity import activity
from mlstack.local.capacity.draining import active, drained, waits
from mlstack.local.capacity.launch import launch
from mlstack.local.clock import CLOCK

ALIVE = frozenset({"pending", "running"})
RETRY_S = 60.0
"""After a launch that failed."""
NOT_BEFORE = "mlstack_not_before"
TURN = RLock()
"""One change of the groups at a time; it is held while EC2 is called, so whoever is called by EC2 must not take it."""


def settle(group: FakeAutoScalingGroup, *, at_once: bool = False) -> None:
    """Launch what is missing and terminate what is too much; a launch that failed is tried again each minute."""
    with TURN:
        _forget_ended(group)
        terminate(group, drained(group), "instance {} was taken out of service: its tasks have ended.", at_once=True)
        desired = group.desired_capacity or 0
        if len(active(group)) > desired:
            _shrink(group, len(active(group)) - desired)
        now = CLOCK.now()
        if not at_once and now < vars(group).get(NOT_BEFORE, 0.0):
            return
        while len(active(group)) < desired and not _suspended(group, "Launch"):
            if not launch(group):
                vars(group)[NOT_BEFORE] = now + RETRY_S
                return
        vars(group)[NOT_BEFORE] = 0.0


def terminate(
    group: FakeAutoScalingGroup, states: Iterable[InstanceState], cause: str, *, at_once: bool = False
) -> list[Activity]:
    """Terminate instances, protected or not, those that drain a little later; an activity for each."""
    with TURN:
        made = []
        for state in list(states):
            what = f"Terminating EC2 instance: {state.instance.id}"
            if not at_once and waits(group, state):
                made.append(activity.note(group, what, cause.format(state.instance.id), status="InProgress"))
                continue
            if state in group.instance_states:
                group.instance_states.remove(state)
            state.lifecycle_state = "Terminated"
            instance = state.instance
            instance.disable_api_termination = False  # of people alone: Auto Scaling does not ask
            if instance.state != "terminated":
                group.ec2_backend.terminate_instances([instance.id])
            made.append(activity.note(group, what, cause.format(instance.id)))
        return made


def _shrink(group: FakeAutoScalingGroup, count: int) -> None:
    """End the oldest ones; those that are protected stay, however many are desired."""
    if _suspended(group, "Terminate"):
        return
    free = [state for state in active(group) if not state.protected_from_scale_in]
    cause = "instance {} was selected for termination in response to a difference between desired and actual capacity."
    terminate(group, free[:count], cause)


def _forget_ended(group: FakeAutoScalingGroup) -> None:
    """Whatever does not run is not healthy: it is terminated, and another takes its place."""
    if _suspended(group, "HealthCheck"):
        return
    ended = [s for s in group.instance_states if s.instance.state not in ALIVE or s.health_status == "Unhealthy"]
    terminate(
        group, ended, "an instance was taken out of service in response to an EC2 health check: {}.", at_once=True
    )


def _suspended(group: FakeAutoScalingGroup, process: str) -> bool:
    return any(one["ProcessName"] == process for one in group.suspended_processes)
