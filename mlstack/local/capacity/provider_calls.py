"""Capacity providers as ECS keeps them: each of an Auto Scaling group, refused where it makes no sense or is in use."""

from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup, autoscaling_backends
from moto.ecs.exceptions import EcsClientException, ECSException, InvalidParameterException
from moto.ecs.models import CapacityProvider, Cluster, EC2ContainerServiceBackend

from mlstack.local.capacity.board import BOARD
from mlstack.local.capacity.providers import ENABLED, arn_of, clusters_of, group_at, group_name, named
from mlstack.local.capacity.settling import SETTLING
from mlstack.local.mend import replace

FARGATE = ("FARGATE", "FARGATE_SPOT")
RESERVED = ("aws", "ecs", "fargate")
MANAGED_TAG = "AmazonECSManaged"
NOT_FOUND = "The specified capacity provider '{}' was not found. Specify a valid name or ARN and try again."
NOT_ASSOCIATED = (
    "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the "
    "cluster. Associate the capacity provider with the cluster and try again."
)
Json = dict[str, Any]


def mend() -> None:
    """Check what moto takes unseen."""
    replace(EC2ContainerServiceBackend, "create_capacity_provider", _create)
    replace(EC2ContainerServiceBackend, "update_capacity_provider", _mended_update(EC2ContainerServiceBackend))
    replace(EC2ContainerServiceBackend, "delete_capacity_provider", _delete)
    replace(EC2ContainerServiceBackend, "describe_capacity_providers", _mended_describe(EC2ContainerServiceBackend))
    replace(EC2ContainerServiceBackend, "put_cluster_capacity_providers", _mended_put(EC2ContainerServiceBackend))


def _create(
    self: EC2ContainerServiceBackend, name: str, asg_details: Json, tags: list[dict[str, str]] | None
) -> CapacityProvider:
    if name.lower().startswith(RESERVED):
        message = f"The specified capacity provider name '{name}' is invalid: it cannot begin with aws, ecs or fargate."
        raise InvalidParameterException(message)
    if name in self.capacity_providers:
        message = (
            f"The specified capacity provider '{name}' already exists. To change the configuration of an existing "
            "capacity provider, update the capacity provider."
        )
        raise EcsClientException(message)
    arn = str((asg_details or {}).get("autoScalingGroupArn", ""))
    group = group_at(self.account_id, self.region_name, arn)
    if group is None:
        message = f"The specified Auto Scaling group ARN '{arn}' is not valid. Specify a valid ARN and try again."
        raise EcsClientException(message)
    if any(group_name(arn_of(one)) == group.name for one in self.capacity_providers.values()):
        message = (
            "The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique "
            "Auto Scaling group ARN and try again."
        )
        raise EcsClientException(message)
    _check(asg_details, group)
    details = {**asg_details, "autoScalingGroupArn": group.arn}
    made = CapacityProvider(self.account_id, self.region_name, name, details, tags)
    made.auto_scaling_group_provider.setdefault("managedDraining", ENABLED)
    self.capacity_providers[name] = made
    _tagged(self, made, group)
    return made


def _mended_update(owner: type[EC2ContainerServiceBackend]) -> Any:  # noqa: ANN401 - moto's signature
    moto_update = owner.update_capacity_provider

    def update_capacity_provider(
        self: EC2ContainerServiceBackend, name_or_arn: str, asg_provider: Json
    ) -> CapacityProvider:
        found = _provider(self, name_or_arn)
        group = group_at(self.account_id, self.region_name, arn_of(found))
        before = found.auto_scaling_group_provider
        scaling = {**before["managedScaling"], **asg_provider.get("managedScaling", {})}
        _check({**before, **asg_provider, "managedScaling": scaling}, group)
        changed = moto_update(self, name_or_arn, asg_provider)
        if "managedDraining" in asg_provider:
            changed.auto_scaling_group_provider["managedDraining"] = asg_provider["managedDraining"]
        if group is not None:
            _tagged(self, changed, group)
        SETTLING.poke()
        return changed

    return update_capacity_provider


def _delete(self: EC2ContainerServiceBackend, name_or_arn: str) -> CapacityProvider:
    found = _provider(self, name_or_arn)
    if clusters_of(self.account_id, self.region_name, found.name) or BOARD.uses(found.name):
        raise _in_use()
    del self.capacity_providers[found.name]
    found.status, found.update_status = "INACTIVE", "DELETE_COMPLETE"
    return found


def _mended_describe(owner: type[EC2ContainerServiceBackend]) -> Any:  # noqa: ANN401 - moto's signature
    moto_describe = owner.describe_capacity_providers

    def describe_capacity_providers(self: EC2ContainerServiceBackend, names: list[str]) -> tuple[list[Any], list[Any]]:
        """All of them where none is named, Fargate's among them."""
        wanted = names or [*FARGATE, *self.capacity_providers]
        found, failures = moto_describe(self, [name for name in wanted if name not in FARGATE])
        return [*(_fargate(self, name) for name in wanted if name in FARGATE), *found], failures

    return describe_capacity_providers


def _mended_put(owner: type[EC2ContainerServiceBackend]) -> Any:  # noqa: ANN401 - moto's signature
    moto_put = owner.put_cluster_capacity_providers

    def put_cluster_capacity_providers(
        self: EC2ContainerServiceBackend,
        cluster_name: str,
        capacity_providers: list[str] | None,
        default_capacity_provider_strategy: list[Json] | None,
    ) -> Cluster:
        cluster = self._get_cluster(cluster_name)
        wanted = [named(one) for one in capacity_providers or []]
        for name in wanted:
            if name not in FARGATE and name not in self.capacity_providers:
                raise InvalidParameterException(NOT_FOUND.format(name))
        for one in default_capacity_provider_strategy or []:
            if named(one["capacityProvider"]) not in wanted:
                raise InvalidParameterException(NOT_ASSOCIATED)
        lost = [name for name in cluster.capacity_providers or [] if name not in wanted and name not in FARGATE]
        if any(BOARD.uses(name) for name in lost):
            raise _in_use()
        made = moto_put(self, cluster_name, wanted, default_capacity_provider_strategy)
        SETTLING.poke()
        return made

    return put_cluster_capacity_providers


def _check(said: Json, group: FakeAutoScalingGroup | None) -> None:
    """Refuse termination protection that nothing would come of."""
    if said.get("managedTerminationProtection") != ENABLED:
        return
    what = "The managed termination protection setting for the capacity provider is invalid. To enable managed "
    if (said.get("managedScaling") or {}).get("status") != ENABLED:
        message = f"{what}termination protection for a capacity provider, managed scaling must be enabled."
        raise InvalidParameterException(message)
    if group is not None and not group.new_instances_protected_from_scale_in:
        message = (
            f"{what}termination protection for a capacity provider, the Auto Scaling group must have instance "
            "protection from scale in enabled."
        )
        raise EcsClientException(message)


def _in_use() -> ECSException:
    return ECSException("ResourceInUseException", "The specified capacity provider is in use and cannot be removed.")


def _provider(self: EC2ContainerServiceBackend, name_or_arn: str) -> CapacityProvider:
    found = self._get_provider(name_or_arn)
    if found is None:
        message = "The specified capacity provider does not exist. Specify a valid name or ARN and try again."
        raise EcsClientException(message)
    return found


def _fargate(self: EC2ContainerServiceBackend, name: str) -> Json:
    arn = f"arn:{self.partition}:ecs:{self.region_name}:{self.account_id}:capacity-provider/{name}"
    return {"capacityProviderArn": arn, "name": name, "status": "ACTIVE", "tags": []}


def _tagged(self: EC2ContainerServiceBackend, provider: CapacityProvider, group: FakeAutoScalingGroup) -> None:
    """ECS marks the group that it moves, unless it is marked already."""
    is_marked = any(tag["Key"] == MANAGED_TAG for tag in group.tags)
    if provider.auto_scaling_group_provider["managedScaling"]["status"] == ENABLED and not is_marked:
        tag: Json = {
            "ResourceId": group.name,
            "ResourceType": "auto-scaling-group",
            "Key": MANAGED_TAG,
            "Value": "",
            "PropagateAtLaunch": True,
        }
        backend = autoscaling_backends[self.account_id][self.region_name]
        backend.create_or_update_tags([tag])
