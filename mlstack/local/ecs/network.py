"""The network interface of a task in the mode awsvpc."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local.ecs.failure import CannotStartError
from mlstack.local.ecs.hall import Client
from mlstack.local.ecs.refusal import invalid
from mlstack.local.json_service import Json

ELASTIC = "ElasticNetworkInterface"
NO_SUBNETS = "Error retrieving subnet information for {subnets}: {why}"
NO_GROUPS = "Error retrieving security group information for {groups}: {why}"
TWO_NETWORKS = "The security groups and subnets of a task must be in the same VPC."


@dataclass(frozen=True, kw_only=True, slots=True)
class Interface:
    """An interface that exists as long as its task does."""

    id: str
    attachment: str
    subnet: str
    mac: str
    address: str
    zone: str

    @property
    def of_container(self) -> Json:
        """As a container tells it."""
        return {"attachmentId": self.attachment, "privateIpv4Address": self.address}

    def told(self, status: str) -> Json:
        """As a task tells it."""
        details = {
            "subnetId": self.subnet,
            "networkInterfaceId": self.id,
            "macAddress": self.mac,
            "privateIPv4Address": self.address,
        }
        return {
            "id": self.attachment,
            "type": ELASTIC,
            "status": status,
            "details": [{"name": name, "value": value} for name, value in details.items()],
        }


def check(client: Client, said: Json) -> None:
    """Refuse subnets and security groups that are not there, or not together."""
    ec2, groups = client("ec2"), said.get("securityGroups") or []
    try:
        subnets = ec2.describe_subnets(SubnetIds=said["subnets"])["Subnets"]
    except ClientError as error:
        raise invalid(NO_SUBNETS.format(subnets=said["subnets"], why=error.response["Error"]["Message"])) from error
    networks = {one["VpcId"] for one in subnets}
    try:
        found = ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"] if groups else []
    except ClientError as error:
        raise invalid(NO_GROUPS.format(groups=groups, why=error.response["Error"]["Message"])) from error
    if len(networks | {one["VpcId"] for one in found}) > 1:
        raise invalid(TWO_NETWORKS)


def attach(client: Client, said: Json, task_arn: str, attachment: str) -> Interface:
    """Make a task's interface in the first of its subnets."""
    wanted: dict[str, Any] = {"SubnetId": said["subnets"][0], "Description": f"{attachment} of {task_arn}"}
    if said.get("securityGroups"):
        wanted["Groups"] = said["securityGroups"]
    try:
        made = client("ec2").create_network_interface(**wanted)["NetworkInterface"]
    except ClientError as error:
        message = (
            f"ResourceInitializationError: unable to create a network interface: {error.response['Error']['Message']}"
        )
        raise CannotStartError(message) from error
    return Interface(
        id=made["NetworkInterfaceId"],
        attachment=attachment,
        subnet=made["SubnetId"],
        mac=made["MacAddress"],
        address=made["PrivateIpAddress"],
        zone=made.get("AvailabilityZone", ""),
    )


def detach(client: Client, interface: Interface) -> None:
    """Delete it; somebody may have been faster."""
    with suppress(ClientError):
        client("ec2").delete_network_interface(NetworkInterfaceId=interface.id)
