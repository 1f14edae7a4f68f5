"""In what a machine differs from what the stage would make now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.text import printable
from mlstack.workstation.machine import Machine

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client

LATEST = "$Latest"
Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drift:
    """The differences, each in words for people."""

    differences: tuple[str, ...] = ()
    fault: str = ""
    """Why nobody can say."""

    @property
    def shown(self) -> str:
        """What a person reads; empty where there is nothing to say."""
        if self.fault:
            return f"whether it differs from its profile is not known: {self.fault}"
        if not self.differences:
            return ""
        return f"{'; '.join(self.differences)}: raise `edition` to take it, the disk is made anew"


def drift_of(ec2: "EC2Client", machine: Machine) -> Drift:
    """Compare the launch template's newest version with the one from which the machine was launched."""
    if machine.template is None:
        return Drift()
    template, version = machine.template
    try:
        found = ec2.describe_launch_template_versions(LaunchTemplateId=template, Versions=[version, LATEST])
    except (BotoCoreError, ClientError) as error:
        return Drift(fault=printable(" ".join(str(error).split())))
    versions = sorted(found["LaunchTemplateVersions"], key=lambda one: one["VersionNumber"])
    return Drift(differences(versions[0]["LaunchTemplateData"], versions[-1]["LaunchTemplateData"]) if versions else ())


def differences(was: Said, now: Said) -> tuple[str, ...]:
    """What differs between two versions of a launch template."""
    told = ((what, tell(was), tell(now)) for what, tell in TOLD.items())
    shown = {
        what: f"{what}: has {before or 'none'}, the profile says {after or 'none'}"
        for what, before, after in told
        if before != after
    }
    silent = [f"{what} changed" for what, tell in SILENT.items() if tell(was) != tell(now)]
    if INTERNET in shown:  # which has subnets of its own
        silent = [one for one in silent if one != f"{ZONE} changed"]
    return tuple(printable(one) for one in (*shown.values(), *silent))


def _disk(data: Said) -> str:
    disks = [mapping["Ebs"] for mapping in data.get("BlockDeviceMappings", ()) if "Ebs" in mapping]
    return ", ".join(
        " ".join(
            f"{disk[key]}{unit}"
            for key, unit in (("VolumeSize", " GB"), ("VolumeType", ""), ("Iops", " IOPS"), ("Throughput", " MB/s"))
            if key in disk
        )
        for disk in disks
    )


def _market(data: Said) -> str:
    options = data.get("InstanceMarketOptions", {})
    kind = options.get("SpotOptions", {}).get("SpotInstanceType", "")
    return " ".join(word for word in (options.get("MarketType", "on-demand"), kind) if word)


def _image(data: Said) -> str:
    return str(data.get("ImageId", "")).removeprefix("resolve:ssm:")


def _key(data: Said) -> str:
    return str(data.get("KeyName", ""))


def _internet(data: Said) -> str:
    return ", ".join("true" if one else "false" for one in _of_each_interface(data, PUBLIC))


def _of_each_interface(data: Said, *keys: str) -> list[object]:
    return [one.get(key) for one in data.get("NetworkInterfaces", ()) for key in keys]


def _rest_of_each_interface(data: Said) -> list[Said]:
    known = {PUBLIC, SUBNET, *GROUPS}
    return [{key: value for key, value in one.items() if key not in known} for one in data.get("NetworkInterfaces", ())]


INTERNET, ZONE = "internet", "zone"
PUBLIC, SUBNET, GROUPS = "AssociatePublicIpAddress", "SubnetId", ("Groups", "SecurityGroups")
TOLD: Mapping[str, Callable[[Said], str]] = {
    "image": _image,
    "disk": _disk,
    "market": _market,
    "key pair": _key,
    INTERNET: _internet,
}
SILENT: Mapping[str, Callable[[Said], object]] = {
    ZONE: lambda data: _of_each_interface(data, SUBNET),
    "security group": lambda data: _of_each_interface(data, *GROUPS),
    "network interface": _rest_of_each_interface,
    "metadata options": lambda data: data.get("MetadataOptions"),
    "boot script": lambda data: data.get("UserData"),
}
