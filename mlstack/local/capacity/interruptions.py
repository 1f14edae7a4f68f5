"""Spot interruptions: two minutes' notice by the clock, then the instance is EC2's again."""

from dataclasses import dataclass, field
from threading import Lock

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance, StateReason

from mlstack.local import event_sending
from mlstack.local.capacity import container_instances
from mlstack.local.capacity.agents import AGENTS
from mlstack.local.clock import CLOCK
from mlstack.local.ec2 import spot

NOTICE_S = 120.0
STOP_CODE = "SpotInterruption"
CODE = "Server.SpotInstanceTermination"
Where = tuple[str, str]


@dataclass
class Interruptions:
    """Those that were announced."""

    _due: dict[str, tuple[Where, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def announce(self, account: str, region: str, instance_id: str) -> None:
        """Give notice to a Spot instance; raise ValueError for one that is none, or does not run."""
        instance = ec2_backends[account][region].get_instance_by_id(instance_id)
        if instance is None or instance.state != "running" or spot.request_of(instance) is None:
            message = f"{instance_id} is no Spot instance that runs"
            raise ValueError(message)
        with self._lock:
            if instance_id in self._due:
                return
            self._due[instance_id] = (account, region), CLOCK.now() + NOTICE_S
        AGENTS.ends_because(instance_id, STOP_CODE, f"Host EC2 (instance {instance_id}) terminated.")
        found = container_instances.of_instance(account, region, instance_id)
        if found is not None and container_instances.config_of(found).drains:
            found.status = "DRAINING"
        arn = f"arn:aws:ec2:{region}:{account}:instance/{instance_id}"
        detail = {"instance-id": instance_id, "instance-action": "terminate"}
        event_sending.send(
            event_sending.service_event(arn, "aws.ec2", "EC2 Spot Instance Interruption Warning", detail)
        )

    def told(self) -> list[str]:
        """The instances whose end was announced."""
        with self._lock:
            return sorted(self._due)

    def look(self) -> None:
        """Take those whose time is over."""
        now = CLOCK.now()
        with self._lock:
            over = {name: where for name, (where, due) in self._due.items() if due <= now}
            for name in over:
                del self._due[name]
        for name, (account, region) in over.items():
            instance = ec2_backends[account][region].get_instance_by_id(name)
            if instance is not None and instance.state != "terminated":
                _take(instance)


def _take(instance: Instance) -> None:
    instance.disable_api_termination = False
    instance.ec2_backend.terminate_instances([instance.id])
    instance.state_reason = StateReason(f"{CODE}: Spot instance termination", CODE)
    request = spot.request_of(instance)
    if request is not None and request.state == "closed":
        request.become("closed", "instance-terminated-by-service")


INTERRUPTIONS = Interruptions()
"""The server's own."""
