"""Container instances: what each has, who is on it, and that it is gone when its instance is."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.models.instances import Instance
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import ContainerInstance, EC2ContainerServiceBackend, ecs_backends

from mlstack.local.capacity import providers
from mlstack.local.capacity.agent_config import AgentConfig
from mlstack.local.capacity.board import BOARD, Candidate, Place
from mlstack.local.capacity.resources import Resources, of_type
from mlstack.local.capacity.settling import SETTLING
from mlstack.local.mend import replace

WHOLE, CONFIG = "mlstack_whole", "mlstack_config"
PORTS = ["22", "2375", "2376", "51678", "51679"]
"""Those that the agent keeps."""
Found = tuple[list[ContainerInstance], list[Any]]


def mend() -> None:
    """Tell of container instances as they are; moto's know no GPUs, and are all of one size."""
    moto_describe = EC2ContainerServiceBackend.describe_container_instances
    moto_update = EC2ContainerServiceBackend.update_container_instances_state
    moto_deregister = EC2ContainerServiceBackend.deregister_container_instance

    def describe(self: EC2ContainerServiceBackend, cluster_str: str, list_container_instance_ids: list[str]) -> Found:
        _known(self, cluster_str)
        found, failures = moto_describe(self, cluster_str, list_container_instance_ids)
        for one in found:
            _refresh(one)
        return found, failures

    def update(
        self: EC2ContainerServiceBackend, cluster_str: str, list_container_instance_ids: list[str], status: str
    ) -> Found:
        _known(self, cluster_str)
        found, failures = moto_update(self, cluster_str, list_container_instance_ids, status)
        SETTLING.poke()
        return found, failures

    def deregister(
        self: EC2ContainerServiceBackend,
        cluster_str: str,
        container_instance_str: str,
        force: bool,  # noqa: FBT001 - moto's signature
    ) -> ContainerInstance:
        cluster = _known(self, cluster_str)
        found = self.container_instances[cluster].get(container_instance_str.rsplit("/", maxsplit=1)[-1])
        if found is None:
            message = "Referenced container instance not found."
            raise InvalidParameterException(message)
        _refresh(found)
        gone = moto_deregister(self, cluster_str, container_instance_str, force)
        self.container_instances.pop("orphaned", None)
        _leave(self, gone)
        return gone

    replace(EC2ContainerServiceBackend, "describe_container_instances", describe)
    replace(EC2ContainerServiceBackend, "update_container_instances_state", update)
    replace(EC2ContainerServiceBackend, "deregister_container_instance", deregister)


def register(account: str, region: str, instance: Instance, config: AgentConfig, *, tells_gpus: bool) -> bool:
    """Register an instance in the cluster that its agent names; say whether there is such a cluster."""
    backend = ecs_backends[account][region]
    cluster = backend.clusters.get(config.cluster)
    if cluster is None or cluster.status != "ACTIVE":
        return False
    made = backend.register_container_instance(config.cluster, instance.id)
    described = INSTANCE_TYPES.get(str(instance.instance_type), {})
    whole = of_type(described, tells_gpus=tells_gpus, reserved_mib=config.reserved_mib)
    vars(made)[WHOLE], vars(made)[CONFIG] = whole, config
    gpus = [f"GPU-{uuid4()}" for _ in range(whole.gpus)]
    made.registered_resources = _listed(whole, gpus)
    made.attributes = {**made.attributes, **config.attributes}
    _refresh(made)
    SETTLING.poke()
    return True


def candidates(account: str, region: str) -> Iterator[Candidate]:
    """Every instance that takes tasks."""
    for cluster, one in _all(account, region):
        if one.status == "ACTIVE" and one.agent_connected:
            yield _candidate(account, region, cluster, one)


def of_instance(account: str, region: str, instance_id: str) -> ContainerInstance | None:
    """What an instance is registered as."""
    return next((one for _, one in _all(account, region) if one.ec2_instance_id == instance_id), None)


def config_of(found: ContainerInstance) -> AgentConfig:
    """What its agent was told; nothing in particular where somebody else registered it."""
    said = vars(found).get(CONFIG)
    return said if isinstance(said, AgentConfig) else AgentConfig(cluster=found.cluster_name)


def remove(account: str, region: str, found: ContainerInstance) -> None:
    """Its instance has ended: ECS deregisters it by itself."""
    backend = ecs_backends[account][region]
    if backend.container_instances.get(found.cluster_name, {}).pop(found.id, None) is not None:
        _leave(backend, found)


def on_group(account: str, region: str, group: str) -> list[Candidate]:
    """Every registered instance of an Auto Scaling group, also one that takes no more tasks."""
    names = frozenset(providers.of_group(account, region, group))
    found = (_candidate(account, region, cluster, one) for cluster, one in _all(account, region))
    return [one for one in found if one.providers & names]


def _all(account: str, region: str) -> Iterator[tuple[str, ContainerInstance]]:
    for cluster, members in list(ecs_backends[account][region].container_instances.items()):
        for one in list(members.values()):
            yield cluster, one


def _candidate(account: str, region: str, cluster: str, one: ContainerInstance) -> Candidate:
    return Candidate(
        place=Place(container_instance_arn=one.container_instance_arn, instance_id=one.ec2_instance_id),
        cluster=cluster,
        providers=frozenset(providers.of_instance(account, region, one.ec2_instance_id)),
        whole=_whole(one),
    )


def _whole(one: ContainerInstance) -> Resources:
    said = vars(one).get(WHOLE)
    if isinstance(said, Resources):
        return said
    numbers = {resource["name"]: int(resource["integerValue"]) for resource in one.registered_resources}
    return Resources(cpu_units=numbers.get("CPU", 0), memory_mib=numbers.get("MEMORY", 0))


def _refresh(one: ContainerInstance) -> None:
    """What is left, and how many tasks are there, at this moment."""
    account = one.container_instance_arn.split(":")[4]
    candidate = _candidate(account, one.region_name, one.cluster_name, one)
    left = BOARD.left(candidate)
    gpus: list[str] = next((r["stringSetValue"] for r in one.registered_resources if r["name"] == "GPU"), [])
    one.remaining_resources = _listed(left, gpus[len(gpus) - left.gpus :])
    one.running_tasks_count = len(BOARD.on(one.container_instance_arn))
    vars(one)["capacity_provider_name"] = min(candidate.providers, default=None)


def _listed(said: Resources, gpus: list[str]) -> list[dict[str, Any]]:
    numbers = {"CPU": said.cpu_units, "MEMORY": said.memory_mib}
    sets = {"PORTS": PORTS, "PORTS_UDP": [], **({"GPU": gpus} if gpus else {})}
    plain = {"doubleValue": 0.0, "longValue": 0, "integerValue": 0}
    return [
        *({**plain, "name": name, "type": "INTEGER", "integerValue": value} for name, value in numbers.items()),
        *({**plain, "name": name, "type": "STRINGSET", "stringSetValue": [*value]} for name, value in sets.items()),
    ]


def _leave(backend: EC2ContainerServiceBackend, gone: ContainerInstance) -> None:
    cluster = backend.clusters.get(gone.cluster_name)
    if cluster is not None:
        cluster.registered_container_instances_count = max(0, cluster.registered_container_instances_count - 1)
    gone.status, gone.agent_connected = "INACTIVE", False
    SETTLING.poke()


def _known(backend: EC2ContainerServiceBackend, cluster: str) -> str:
    """The cluster's name, with somewhere to look for its instances."""
    name = str(backend._get_cluster(cluster).name)  # noqa: SLF001 - moto has no public way
    backend.container_instances.setdefault(name, {})
    return name
