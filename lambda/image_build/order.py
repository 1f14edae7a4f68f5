"""Which image is wanted, as the resource's properties say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from shared.custom_resource import UnfulfilledError


@dataclass(frozen=True, slots=True)
class Order:
    """An image by its tag, where it lies, and the project that builds it."""

    project: str
    repository: str
    tag: str
    uri: str

    @classmethod
    def read(cls, properties: Mapping[str, Any]) -> Self:
        """The order of a resource; raise UnfulfilledError where a property is missing."""
        given = [_text(properties, name) for name in ("ProjectName", "RepositoryName", "Tag", "ImageUri")]
        return cls(*given)


def name_of(properties: Mapping[str, Any]) -> str | None:
    """What the resource is called: a new tag is a new resource. None where the properties do not say it."""
    repository, tag = properties.get("RepositoryName"), properties.get("Tag")
    return f"{repository}:{tag}" if repository and tag else None


def _text(properties: Mapping[str, Any], name: str) -> str:
    value = properties.get(name)
    if not isinstance(value, str) or not value:
        message = f"the resource has no {name}"
        raise UnfulfilledError(message)
    return value
