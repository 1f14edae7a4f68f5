"""Starting, stopping and terminating: refused where EC2 refuses, and told to who wants to know."""

from collections.abc import Callable

from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance, InstanceBackend, InstanceState, StateReason

from mlstack.local.ec2 import launched, spot
from mlstack.local.mend import replace

Changes = list[tuple[Instance, InstanceState]]
TERMINATED, RUNNING, STOPPED = "terminated", "running", "stopped"
WRONG_STATE = "IncorrectInstanceState"


def mend() -> None:
    """Moto starts what was terminated, and says nothing to anybody."""
    moto_start, moto_stop, moto_terminate = (
        InstanceBackend.start_instances,
        InstanceBackend.stop_instances,
        InstanceBackend.terminate_instances,
    )

    def start_instances(self: InstanceBackend, instance_ids: list[str]) -> Changes:
        for instance in self.get_multi_instances_by_id(instance_ids):
            _refuse(instance, "started")
        return [_started(*one) for one in moto_start(self, instance_ids)]

    def stop_instances(self: InstanceBackend, instance_ids: list[str]) -> Changes:
        for instance in self.get_multi_instances_by_id(instance_ids):
            _refuse(instance, "stopped")
            spot.refuse_stop(instance)
        return [_stopped(*one) for one in moto_stop(self, instance_ids)]

    def terminate_instances(self: InstanceBackend, instance_ids: list[str]) -> Changes:
        found = self.get_multi_instances_by_id(instance_ids)
        gone = [(one, InstanceState(TERMINATED, 48)) for one in found if one.state == TERMINATED]
        living = [one.id for one in found if one.state != TERMINATED]
        changes = moto_terminate(self, living) if living or not found else []
        return [*gone, *(_terminated(*one) for one in changes)]

    replace(InstanceBackend, "start_instances", start_instances)
    replace(InstanceBackend, "stop_instances", stop_instances)
    replace(InstanceBackend, "terminate_instances", terminate_instances)


def off(account: str, region: str, instance_id: str) -> None:
    """The machine switched itself off: stop or terminate it, as it was asked for at its launch."""
    backend = ec2_backends[account][region]
    instance = backend.get_instance(instance_id)
    if instance.state != RUNNING:
        return
    stops = instance.instance_initiated_shutdown_behavior == "stop" and spot.stops(instance)
    act: Callable[[list[str]], Changes] = backend.stop_instances if stops else backend.terminate_instances
    act([instance_id])
    code = "Client.InstanceInitiatedShutdown"
    instance.state_reason = StateReason(f"{code}: Instance initiated shutdown", code)


def _refuse(instance: Instance, what: str) -> None:
    if instance.state == TERMINATED:
        message = f"The instance '{instance.id}' is not in a state from which it can be {what}."
        raise EC2ClientError(WRONG_STATE, message)


def _started(instance: Instance, before: InstanceState) -> tuple[Instance, InstanceState]:
    if before.name == STOPPED:
        instance.launch_time = utcnow()
        spot.started(instance)
        _tell("start", instance)
    return instance, before


def _stopped(instance: Instance, before: InstanceState) -> tuple[Instance, InstanceState]:
    if before.name == RUNNING:
        spot.stopped(instance)
        _tell("stop", instance)
    return instance, before


def _terminated(instance: Instance, before: InstanceState) -> tuple[Instance, InstanceState]:
    _tell("terminate", instance)
    spot.terminated(instance)
    return instance, before


def _tell(happening: launched.Happening, instance: Instance) -> None:
    launched.tell(happening, instance.ec2_backend.account_id, instance.ec2_backend.region_name, instance.id)
