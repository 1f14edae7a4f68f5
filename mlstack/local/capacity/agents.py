"""ECS's agent, AWS's own program, which runs on its images: it registers an instance once its user data has run."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from moto.ec2.models import ec2_backends

from mlstack.local import runtime
from mlstack.local.capacity import agent_config, container_instances
from mlstack.local.capacity.agent_config import AgentConfig
from mlstack.local.capacity.settling import SETTLING
from mlstack.local.ec2 import launched
from mlstack.local.ec2.line import ECS_NAME, GPU

CONFIG = "root/etc/ecs/ecs.config"
TERMINATED = "TerminationNotice"
Where = tuple[str, str]
"""Account and region."""


@dataclass
class Agents:
    """Of all instances whose image has one."""

    _ready: dict[str, tuple[Where, AgentConfig]] = field(default_factory=dict)
    """Those that have not found their cluster yet."""
    _ends: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Why an instance is about to end: a stop code and a reason."""
    _lock: Lock = field(default_factory=Lock)

    def listen(self) -> None:
        """Follow what EC2's instances do."""
        launched.on_boot(self._booted)
        launched.on_stop(self._ended)
        launched.on_terminate(self._ended)

    def ends_because(self, instance_id: str, stop_code: str, reason: str) -> None:
        """Remember what the tasks of an instance are to be told at its end."""
        with self._lock:
            self._ends[instance_id] = stop_code, reason

    def register(self) -> None:
        """Register whoever finds its cluster now; the others try again at the next look, as the agent does."""
        with self._lock:
            ready = dict(self._ready)
        for name, ((account, region), config) in ready.items():
            instance = ec2_backends[account][region].get_instance(name)
            image = ec2_backends[account][region].amis.get(instance.image_id)
            gpus = image is not None and GPU in str(image.name)
            with self._lock:
                if name not in self._ready or instance.state != "running":
                    self._ready.pop(name, None)
                elif container_instances.register(account, region, instance, config, tells_gpus=gpus):
                    del self._ready[name]

    def _booted(self, account: str, region: str, instance_id: str) -> None:
        backend = ec2_backends[account][region]
        image = backend.amis.get(backend.get_instance(instance_id).image_id)
        if image is None or not str(image.name).startswith(ECS_NAME):
            return
        with self._lock:
            self._ready[instance_id] = (account, region), agent_config.read(_text(instance_id))
        SETTLING.poke()

    def _ended(self, account: str, region: str, instance_id: str) -> None:
        """In the thread of whoever terminates it: end its tasks, and let the cluster forget it."""
        with self._lock:
            self._ready.pop(instance_id, None)
            code, reason = self._ends.pop(instance_id, (TERMINATED, f"Host EC2 (instance {instance_id}) terminated."))
            found = container_instances.of_instance(account, region, instance_id)
        if found is not None:
            found.agent_connected = False  # nobody is placed there any more
            # It runs tasks, and so knows who may be placed on what
            from mlstack.local.ecs import ending  # noqa: PLC0415

            ending.instance_lost(account, region, found.container_instance_arn, code, reason)
            container_instances.remove(account, region, found)
        SETTLING.poke()


def _text(instance_id: str) -> str:
    """What the machine behind an instance has in its file, where it has one."""
    place = runtime.running().folder / "machines" / instance_id / CONFIG
    try:
        return Path(place).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


AGENTS = Agents()
"""The server's own."""
