"""Auto Scaling groups as AWS keeps them: checked, really launched from their template, deleted only when empty.

moto launches without the template's data, forgets the mixed instances policy at a change, deletes whatever there is.
"""

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import Activity, AutoScalingBackend, FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

from mlstack.local.capacity import activity, fleet
from mlstack.local.capacity.draining import active
from mlstack.local.capacity.group_rules import (
    Params,
    check_sizes,
    check_template,
    found,
    keep,
    member,
    merged_policy,
    number,
)
from mlstack.local.capacity.settling import SETTLING
from mlstack.local.mend import replace

USER = "a user request"
ALREADY, IN_USE = "AlreadyExists", "ResourceInUse"


def mend() -> None:
    """Replace how groups begin, change and end."""
    _mend_making()
    replace(FakeAutoScalingGroup, "set_desired_capacity", _desire)
    replace(AutoScalingBackend, "set_desired_capacity", _set_desired)
    replace(AutoScalingBackend, "terminate_instance", _terminate_one)
    replace(AutoScalingBackend, "notify_terminate_instances", _somebody_ended)
    replace(AutoScalingBackend, "set_instance_health", _set_health)
    replace(AutoScalingResponse, "delete_auto_scaling_group", _delete)
    replace(AutoScalingResponse, "describe_scaling_activities", _activities)


def _mend_making() -> None:
    moto_create, moto_update = (
        AutoScalingResponse.create_auto_scaling_group,
        AutoScalingResponse.update_auto_scaling_group,
    )
    moto_change = FakeAutoScalingGroup.update

    def create_auto_scaling_group(self: AutoScalingResponse) -> ActionResult:
        params: Params = self._get_params()
        name = params.get("AutoScalingGroupName")
        if name in self.autoscaling_backend.autoscaling_groups:
            message = f"AutoScalingGroup by this name already exists - A group with the name {name} already exists"
            raise AutoscalingClientError(ALREADY, message)
        least, most, desired = (number(params, key) for key in ("MinSize", "MaxSize", "DesiredCapacity"))
        check_sizes(least or 0, most or 0, desired)
        check_template(self, params)
        answer = moto_create(self)
        group = self.autoscaling_backend.autoscaling_groups[str(name)]
        keep(group, params)
        fleet.settle(group, at_once=True)
        return answer

    def update_auto_scaling_group(self: AutoScalingResponse) -> ActionResult:
        params: Params = self._get_params()
        group = found(self.autoscaling_backend, str(params.get("AutoScalingGroupName")))
        check_template(self, params)
        with fleet.TURN:
            answer = moto_update(self)
            keep(group, params)
        return answer

    def change(  # noqa: PLR0913, PLR0917 - moto's signature
        self: FakeAutoScalingGroup,
        availability_zones: list[str],
        desired_capacity: int | None,
        max_size: int | None,
        min_size: int | None,
        launch_config_name: str,
        launch_template: Params,
        vpc_zone_identifier: str,
        health_check_period: int,
        health_check_type: str,
        new_instances_protected_from_scale_in: bool | None = None,  # noqa: FBT001 - moto's signature
        mixed_instances_policy: Params | None = None,
    ) -> None:
        least = int(self.min_size or 0) if min_size is None else min_size
        most = int(self.max_size or 0) if max_size is None else max_size
        check_sizes(least, most, desired_capacity)
        wanted = (self.desired_capacity or 0) if desired_capacity is None else desired_capacity
        other = launch_template or launch_config_name
        policy = None if other else merged_policy(self.mixed_instances_policy, mixed_instances_policy)
        moto_change(
            self,
            availability_zones,
            max(least, min(wanted, most)),
            max_size,
            min_size,
            launch_config_name,
            launch_template,
            vpc_zone_identifier,
            health_check_period,
            health_check_type,
            new_instances_protected_from_scale_in,
            policy,
        )

    replace(AutoScalingResponse, "create_auto_scaling_group", create_auto_scaling_group)
    replace(AutoScalingResponse, "update_auto_scaling_group", update_auto_scaling_group)
    replace(FakeAutoScalingGroup, "update", change)


def _desire(self: FakeAutoScalingGroup, new_capacity: int | None) -> None:
    """What moto calls wherever the desired count may have changed, first of all while it makes the group."""
    with fleet.TURN:
        self.desired_capacity = self.min_size if new_capacity is None else new_capacity
        if self.name in self.autoscaling_backend.autoscaling_groups:
            fleet.settle(self, at_once=True)


def _set_desired(self: AutoScalingBackend, group_name: str, desired_capacity: int | None) -> None:
    group = found(self, group_name)
    wanted = int(desired_capacity or 0)
    for limit, word, is_beyond in ((group.max_size, "above max", 1), (group.min_size, "below min", -1)):
        if (wanted - int(limit or 0)) * is_beyond > 0:
            message = f"New SetDesiredCapacity value {wanted} is {word} value {limit} for the AutoScalingGroup."
            raise ValidationError(message)
    group.set_desired_capacity(wanted)


def _terminate_one(self: AutoScalingBackend, instance_id: str, should_decrement: bool) -> Activity:  # noqa: FBT001 - moto's signature
    with fleet.TURN:
        group, state = member(self, instance_id)
        if state not in active(group):
            return activity.noted(group)[0]
        desired = int(group.desired_capacity or 0)
        if should_decrement and desired <= int(group.min_size or 0):
            message = (
                f"Currently, desiredSize equals minSize ({group.min_size}). Terminating instance without replacement "
                "will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or "
                "lower group's min size."
            )
            raise ValidationError(message)
        more = ""
        if should_decrement:
            group.desired_capacity = desired - 1
            more = f", shrinking the capacity from {desired} to {desired - 1}"
        cause = f"instance {{}} was taken out of service in response to {USER}{more}."
        [made] = fleet.terminate(group, [state], cause)
        fleet.settle(group, at_once=True)
        return made


def _set_health(self: AutoScalingBackend, instance_id: str, health_status: str) -> None:
    _, state = member(self, instance_id)
    state.health_status = health_status
    SETTLING.poke()


def _somebody_ended(self: AutoScalingBackend, instance_ids: list[str]) -> None:
    """EC2 asks here while it terminates: the group looks for itself, soon."""
    del self, instance_ids
    SETTLING.poke()


def _delete(self: AutoScalingResponse) -> ActionResult:
    params: Params = self._get_params()
    backend, name = self.autoscaling_backend, str(params.get("AutoScalingGroupName"))
    with fleet.TURN:
        group = found(backend, name)
        if group.instance_states and str(params.get("ForceDelete", False)).lower() != "true":
            message = (
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) "
                "still in the group."
            )
            raise AutoscalingClientError(IN_USE, message)
        group.desired_capacity = 0
        fleet.terminate(
            group, group.instance_states, f"instance {{}} was terminated in response to {USER}.", at_once=True
        )
        backend.autoscaling_groups.pop(name, None)
    return EmptyResult()


def _activities(self: AutoScalingResponse) -> ActionResult:
    params: Params = self._get_params()
    name, wanted = params.get("AutoScalingGroupName"), params.get("ActivityIds") or []
    groups = self.autoscaling_backend.autoscaling_groups
    if name and name not in groups:
        found(self.autoscaling_backend, name)
    chosen = [groups[name]] if name else list(groups.values())
    known = [one for group in chosen for one in activity.noted(group) if not wanted or one.activity_id in wanted]
    return ActionResult({"Activities": known[: int(params.get("MaxRecords") or 100)]})
