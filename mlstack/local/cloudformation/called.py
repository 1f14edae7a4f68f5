"""Types that moto lacks, or gets wrong, and that the service's own calls can make, change and delete."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.core.common_models import CloudFormationModel

from mlstack.local import runtime

Properties = dict[str, Any]
Client = Any
"""botocore makes its clients' types at run time."""


def nothing(_client: Client, _name: str) -> Mapping[str, str]:
    """The attributes of a type that has none."""
    return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """How one type is made by calls."""

    type: str
    service: str
    fixed: tuple[str, ...]
    """The properties, or the paths to them, that cannot be changed without another resource.

    The first is its name, or nothing.
    """
    create: Callable[[Client, str, Properties], str]
    """Called with the name that it is to have; gives the physical id."""
    update: Callable[[Client, str, Properties, Properties], None]
    """Called with the physical id, the new and the old properties."""
    delete: Callable[[Client, str, Properties], object]
    attributes: Callable[[Client, str], Mapping[str, str]] = nothing


class Called(CloudFormationModel):
    """A resource of a kind; every kind has a class of its own."""

    kind: ClassVar[Kind]

    def __init__(self, name: str, properties: Properties, region: str) -> None:
        self.physical_resource_id = name
        self.properties = properties
        self.region = region
        self.replaces: Called | None = None
        """What this one was made in place of; it is deleted when the stack's update has succeeded."""

    @staticmethod
    def cloudformation_type() -> str:
        """No type: the kind says it."""
        return "mlstack::Called"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ANN401 - moto's signature
    ) -> "Called":
        """Make it under the name that the template gives, else under a generated one."""
        del account_id, kwargs
        properties = cloudformation_json["Properties"]
        name = next((str(properties[key]) for key in cls.kind.fixed[:1] if properties.get(key)), resource_name)
        return cls(cls.kind.create(cls.client(region_name), name, properties), properties, region_name)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "Called",
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "Called":
        """Change it, or make another that is to replace it where a fixed property changed."""
        old, new = original_resource.properties, cloudformation_json["Properties"]
        if any(_at(old, path) != _at(new, path) for path in cls.kind.fixed):
            made = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
            made.replaces = original_resource
            return made
        cls.kind.update(cls.client(region_name), original_resource.physical_resource_id, new, old)
        original_resource.properties = new
        return original_resource

    @classmethod
    def client(cls, region: str) -> Client:
        """A client of the service."""
        return runtime.running().client(cls.kind.service, region)

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Asked before there is a resource; the attribute itself is the answer."""
        del attr
        return True

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """An attribute, asked of the service."""
        found = self.kind.attributes(self.client(self.region), self.physical_resource_id)
        if attribute_name not in found:
            raise UnformattedGetAttTemplateException
        return found[attribute_name]

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete it; somebody may have been faster."""
        del account_id
        try:
            self.kind.delete(self.client(region_name), self.physical_resource_id, self.properties)
        except ClientError as error:
            if not missing(error):
                raise


def model(kind: Kind) -> type[Called]:
    """The class of a kind."""
    return type(kind.type.replace("::", ""), (Called,), {"kind": kind})


def tags(properties: Properties) -> dict[str, str]:
    """A template's tags by their key."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in properties.get("Tags", [])}


def missing(error: ClientError) -> bool:
    """Whether a service says that there is no such thing."""
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    known = message.startswith(("Could not find", "RecordNotFound")) or message.endswith("does not exist.")
    return known or "NotFound" in code


def _at(properties: Properties, path: str) -> Any:  # noqa: ANN401 - JSON
    """The property at a path."""
    found: Any = properties
    for name in path.split("/"):
        found = found.get(name) if isinstance(found, dict) else None
    return found
