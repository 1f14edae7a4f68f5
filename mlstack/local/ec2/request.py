"""A request to run instances as EC2 reads it: the launch template's data, and over it what the request itself says."""

from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]
MERGED = frozenset({"BlockDeviceMappings", "TagSpecifications"})
OF_TEMPLATE_ALONE = frozenset({"InstanceRequirements"})
"""What a template has and a request to run instances cannot say."""


def merged(asked: Mapping[str, Any], template: Mapping[str, Any]) -> Json:
    """What is launched; the request wins, a disk or a tag at a time."""
    given = {name: value for name, value in template.items() if value is not None and name not in OF_TEMPLATE_ALONE}
    if "UserData" in given:
        given["UserData"] = str(given["UserData"])
    whole = {**given, **asked}
    for name in MERGED & given.keys() & asked.keys():
        whole[name] = _BY[name](given[name], asked[name])
    return whole


def with_root(whole: Json, device: str, size: int) -> Json:
    """The request with the image's own disk, which comes and goes with the instance, named or not."""
    mappings: list[Json] = [dict(one) for one in whole.get("BlockDeviceMappings", [])]
    root = next((one for one in mappings if one.get("DeviceName") == device), None)
    if root is None:
        mappings.insert(0, {"DeviceName": device, "Ebs": {"VolumeSize": size, "DeleteOnTermination": True}})
    else:
        root["Ebs"] = {"VolumeSize": size, "DeleteOnTermination": True, **root.get("Ebs", {})}
    return {**whole, "BlockDeviceMappings": mappings}


def _disks(below: Iterable[Json], above: Iterable[Json]) -> list[Json]:
    named = {one["DeviceName"]: one for one in below}
    for one in above:
        old = named.get(one["DeviceName"], {})
        named[one["DeviceName"]] = {**old, **one, "Ebs": {**old.get("Ebs", {}), **one.get("Ebs", {})}}
    return list(named.values())


def _tags(below: Iterable[Json], above: Iterable[Json]) -> list[Json]:
    found: dict[str, dict[str, str]] = {}
    for specification in (*below, *above):
        of_type = found.setdefault(specification["ResourceType"], {})
        of_type.update({tag["Key"]: tag["Value"] for tag in specification.get("Tags", [])})
    return [
        {"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        for kind, tags in found.items()
    ]


_BY = {"BlockDeviceMappings": _disks, "TagSpecifications": _tags}
