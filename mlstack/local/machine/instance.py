"""What EC2 and its workstation's settings say of the instance that a machine stands behind."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Client = Any


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance, asked of the services each time: whatever of it may change."""

    id: str
    client: Callable[[str], Client]

    def user_data(self) -> str:
        """Its user data as text; empty where it has none."""
        said = self.client("ec2").describe_instance_attribute(InstanceId=self.id, Attribute="userData")
        return base64.b64decode(said.get("UserData", {}).get("Value") or "").decode(errors="replace")

    def gpus(self) -> tuple[str, ...]:
        """The name of each GPU that an instance of its type has."""
        kind = self._described()["InstanceType"]
        [said] = self.client("ec2").describe_instance_types(InstanceTypes=[kind])["InstanceTypes"]
        found = said.get("GpuInfo", {}).get("Gpus", [])
        return tuple(str(one["Name"]) for one in found for _ in range(int(one["Count"])))

    def framework(self) -> str:
        """The path of its image's own Python, as its workstation's settings say; empty where it has none."""
        tags = {tag["Key"]: tag["Value"] for tag in self._described().get("Tags", [])}
        if not tags.keys() >= {"stage", "workstation"}:
            return ""
        name = f"/mlstack/{tags['stage']}/workstations/{tags['workstation']}"
        found = self.client("ssm").get_parameters(Names=[name])["Parameters"]
        try:
            return str(json.loads(found[0]["Value"])["python"]) if found else ""
        except (ValueError, KeyError, TypeError):
            return ""

    def facts(self) -> dict[str, str]:
        """What the metadata service tells, by its paths."""
        said = self._described()
        tags = {tag["Key"]: tag["Value"] for tag in said.get("Tags", [])}
        zone = str(said["Placement"]["AvailabilityZone"])
        return {
            "ami-id": said["ImageId"],
            "instance-id": self.id,
            "instance-life-cycle": said.get("InstanceLifecycle", "on-demand"),
            "instance-type": said["InstanceType"],
            "local-ipv4": said.get("PrivateIpAddress", ""),
            "placement/availability-zone": zone,
            "placement/region": zone[:-1],
            "tags/instance": "\n".join(tags),
            **{f"tags/instance/{key}": value for key, value in tags.items()},
        }

    def _described(self) -> Mapping[str, Any]:
        said = self.client("ec2").describe_instances(InstanceIds=[self.id])
        found: Mapping[str, Any] = said["Reservations"][0]["Instances"][0]
        return found
