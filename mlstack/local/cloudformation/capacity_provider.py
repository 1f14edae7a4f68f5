"""AWS::ECS::CapacityProvider and ClusterCapacityProviderAssociations, which moto does not have."""

from collections.abc import Mapping
from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties, tags
from mlstack.local.cloudformation.named import fitting, named
from mlstack.local.cloudformation.spelling import lower
from mlstack.local.cloudformation.typed import typed

Client = Any
LONGEST = 255
PROVIDER = "AutoScalingGroupProvider"
GROUP = "AutoScalingGroupArn"


def _made(ecs: Client, name: str, properties: Properties) -> str:
    asked = {**lower(properties), "name": fitting(name, LONGEST)}
    made = ecs.create_capacity_provider(**typed("ecs", "CreateCapacityProvider", asked))
    return str(made["capacityProvider"]["name"])


def _again(ecs: Client, name: str, new: Properties, old: Properties) -> None:
    if new.get(PROVIDER) != old.get(PROVIDER):
        said = {key: value for key, value in new.get(PROVIDER, {}).items() if key != GROUP}
        asked = {"name": name, "autoScalingGroupProvider": lower(said)}
        ecs.update_capacity_provider(**typed("ecs", "UpdateCapacityProvider", asked))
    arn = _attributes(ecs, name)["Arn"]
    lost = [key for key in tags(old) if key not in tags(new)]
    if lost:
        ecs.untag_resource(resourceArn=arn, tagKeys=lost)
    if tags(new):
        ecs.tag_resource(resourceArn=arn, tags=[{"key": key, "value": value} for key, value in tags(new).items()])


def _gone(ecs: Client, name: str, _properties: Properties) -> None:
    if _described(ecs, name):
        ecs.delete_capacity_provider(capacityProvider=name)


def _described(ecs: Client, name: str) -> list[Properties]:
    found: list[Properties] = ecs.describe_capacity_providers(capacityProviders=[name])["capacityProviders"]
    return found


def _attributes(ecs: Client, name: str) -> Mapping[str, str]:
    found = _described(ecs, name)
    return {"Arn": str(found[0]["capacityProviderArn"])} if found else {}


def _associated(ecs: Client, _name: str, properties: Properties) -> str:
    cluster = str(properties["Cluster"])
    asked = {
        "cluster": cluster,
        "capacityProviders": [named(str(one)) for one in properties.get("CapacityProviders", [])],
        "defaultCapacityProviderStrategy": lower(properties.get("DefaultCapacityProviderStrategy", [])),
    }
    ecs.put_cluster_capacity_providers(**typed("ecs", "PutClusterCapacityProviders", asked))
    return cluster


def _associated_again(ecs: Client, name: str, new: Properties, _old: Properties) -> None:
    _associated(ecs, name, new)


def _dissociated(ecs: Client, name: str, _properties: Properties) -> object:
    return ecs.put_cluster_capacity_providers(cluster=name, capacityProviders=[], defaultCapacityProviderStrategy=[])


CAPACITY_PROVIDERS = (
    Kind(
        type="AWS::ECS::CapacityProvider",
        service="ecs",
        fixed=("Name", f"{PROVIDER}/{GROUP}"),
        create=_made,
        update=_again,
        delete=_gone,
        attributes=_attributes,
    ),
    Kind(
        type="AWS::ECS::ClusterCapacityProviderAssociations",
        service="ecs",
        fixed=("", "Cluster"),
        create=_associated,
        update=_associated_again,
        delete=_dissociated,
    ),
)
