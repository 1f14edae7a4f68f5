"""Tags of EC2's resources, changed by its own calls."""

from collections.abc import Mapping
from typing import Any


def specification(kind: str, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """The tags of a new resource; nothing where there are none."""
    written = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": kind, "Tags": written}] if written else []


def retagged(ec2: Any, name: str, new: Mapping[str, str], old: Mapping[str, str]) -> None:  # noqa: ANN401 - a client
    """Give a resource its new tags; those that somebody else gave it stay."""
    lost = [{"Key": key} for key in old if key not in new]
    if lost:
        ec2.delete_tags(Resources=[name], Tags=lost)
    if new and new != old:
        ec2.create_tags(Resources=[name], Tags=[{"Key": key, "Value": value} for key, value in new.items()])
