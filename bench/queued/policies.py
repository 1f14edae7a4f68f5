"""What is compared: two that are always on, and the queue-driven service on each kind of capacity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bench.queued.assumptions import Assumptions
from bench.queued.service import Service
from catalogue import prices
from catalogue.ecs_hosts import HOSTS
from catalogue.instance_types import instance_types

Place = Literal["fargate", "instance"]
REGION = "us-east-1"
GPU_TYPE = "g4dn.xlarge"
ALWAYS_ON = "always-on instance"
"""Against which the others are set."""
DEPLOYED = "queue, Fargate Spot"


class UnpricedError(ValueError):
    """What this would cost is not known; the message is one line with the next step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Where tasks run, how they are bought, and whether they come and go."""

    name: str
    place: Place
    always: bool = False
    spot: bool = False
    awake: bool = True
    """Whether the watch touches the queue every five minutes, so that its metrics never sleep."""
    instance_type: str = ""


def policies(service: Service, assumed: Assumptions) -> Sequence[Policy]:
    """All of them; the first is what the others are set against."""
    return [
        Policy(
            name=ALWAYS_ON,
            place="instance",
            always=True,
            instance_type=cheapest(service.vcpu, service.memory_gb, assumed),
        ),
        Policy(name="always-on Fargate task", place="fargate", always=True),
        Policy(name=f"always-on {GPU_TYPE}", place="instance", always=True, instance_type=GPU_TYPE),
        Policy(name="queue, Fargate", place="fargate"),
        Policy(name=DEPLOYED, place="fargate", spot=True),
        Policy(name=f"queue, {GPU_TYPE} Spot", place="instance", spot=True, instance_type=GPU_TYPE),
        Policy(name="queue, Fargate Spot, metrics asleep", place="fargate", spot=True, awake=False),
    ]


def cheapest(vcpu: float, memory_gb: float, assumed: Assumptions) -> str:
    """The type of EC2 with a known price on which one task fits beside system and agent, for the least money."""
    fitting: dict[str, Decimal] = {}
    for name, kind in instance_types().items():
        usd = prices.usd_per_hour("ec2", name.removeprefix("ml."), REGION)
        if usd is None or kind.vcpus is None or kind.memory_gib is None:
            continue
        if kind.vcpus >= vcpu and kind.memory_gib >= memory_gb + assumed.host_memory_gb:
            fitting[name.removeprefix("ml.")] = usd
    if not fitting:
        message = f"no instance type with a known price holds {vcpu:g} vCPU and {memory_gb:g} GB; choose a smaller task"
        raise UnpricedError(message)
    return min(fitting, key=lambda name: (fitting[name], name))


def vcpus(policy: Policy, service: Service) -> float:
    """How many processors a task has: on an instance all of them, as nothing else runs there."""
    if policy.place == "fargate":
        return service.vcpu
    return float(instance_types()[f"ml.{policy.instance_type}"].vcpus or service.vcpu)


def task_usd_per_hour(policy: Policy, service: Service, assumed: Assumptions) -> float:
    """Of a Fargate task with its public address."""
    kind = "arm" if service.architecture == "arm64" else "x86"
    listed = _usd(f"fargate_{kind}_vcpu_hour") * service.vcpu + _usd(f"fargate_{kind}_gb_hour") * service.memory_gb
    return listed * (assumed.fargate_spot if policy.spot else 1.0) + _usd("public_ipv4_hour")


def instance_usd_per_hour(policy: Policy, assumed: Assumptions) -> float:
    """Of an instance with its disk and its public address."""
    usd = prices.usd_per_hour("ec2", policy.instance_type, REGION)
    if usd is None:
        message = f"the price of {policy.instance_type} is not known; choose another type"
        raise UnpricedError(message)
    disk_gb = assumed.gpu_host_disk_gb if policy.instance_type in HOSTS else assumed.host_disk_gb
    disk = _usd("ebs_gp3_gb_month") * disk_gb / prices.HOURS_A_MONTH
    return float(usd) * (assumed.ec2_spot if policy.spot else 1.0) + disk + _usd("public_ipv4_hour")


def kept_usd(names: Mapping[str, float]) -> float:
    """So many of each of these prices."""
    return sum(_usd(name) * count for name, count in names.items())


def _usd(name: str) -> float:
    price = prices.usd(name, REGION)
    if price is None:
        message = f"{name} has no price in {REGION}; add it to lambda/catalogue/prices.json"
        raise UnpricedError(message)
    return float(price.usd)
