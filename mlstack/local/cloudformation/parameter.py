"""AWS::SSM::Parameter, which moto makes anew when it changes, so that its version stays 1; tags break it."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties

Client = Any
SETTINGS = ("AllowedPattern", "DataType", "Description", "Policies", "Tier", "Type", "Value")
LABELLED = "Parameter"


def _parameter(ssm: Client, name: str, properties: Properties) -> str:
    labels = [{"Key": key, "Value": str(value)} for key, value in properties.get("Tags", {}).items()]
    ssm.put_parameter(Name=name, **_settings(properties), **({"Tags": labels} if labels else {}))
    return name


def _settings(properties: Properties) -> Properties:
    return {key: str(properties[key]) for key in SETTINGS if key in properties}


def _again(ssm: Client, name: str, new: Properties, old: Properties) -> None:
    """Another version, and the tags beside it: Systems Manager takes no tags with a new version."""
    if _settings(new) != _settings(old):
        ssm.put_parameter(Name=name, Overwrite=True, **_settings(new))
    labels, before = new.get("Tags", {}), old.get("Tags", {})
    lost = [key for key in before if key not in labels]
    if lost:
        ssm.remove_tags_from_resource(ResourceType=LABELLED, ResourceId=name, TagKeys=lost)
    if labels and labels != before:
        written = [{"Key": key, "Value": str(value)} for key, value in labels.items()]
        ssm.add_tags_to_resource(ResourceType=LABELLED, ResourceId=name, Tags=written)


def _attributes(ssm: Client, name: str) -> dict[str, str]:
    said = ssm.get_parameter(Name=name)["Parameter"]
    return {"Type": str(said["Type"]), "Value": str(said["Value"])}


PARAMETER = Kind(
    type="AWS::SSM::Parameter",
    service="ssm",
    fixed=("Name",),
    create=_parameter,
    update=_again,
    delete=lambda ssm, name, _: ssm.delete_parameter(Name=name),
    attributes=_attributes,
)
