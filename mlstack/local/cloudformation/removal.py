"""How a resource is deleted: by moto where it can, else by the service's own call for the types that moto forgot."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local import runtime
from mlstack.local.cloudformation.ledger import Made

Properties = Mapping[str, Any]
Call = Callable[[Any, str, Properties], object]
"""Called with a client, the physical id and the resolved properties."""


def remove(made: Made, account: str, region: str) -> bool:
    """Delete a resource; say whether anything knew how to."""
    kind, name, resource = made.kind, made.physical_id, made.resource
    if kind in CALLS:
        service, call = CALLS[kind]
        call(runtime.running().client(service, region), name, made.resolved["Properties"])
        return True
    if kind in WITH_ITS_OWNER:
        return True
    if callable(getattr(resource, "delete", None)):
        with contextlib.suppress(TypeError):  # some delete methods of moto take nothing; their class has the other way
            resource.delete(account, region)
            return True
    if hasattr(made.model.delete_from_cloudformation_json, "__isabstractmethod__"):
        return False
    made.model.delete_from_cloudformation_json(name, made.resolved, account, region)
    return True


def _release(ec2: Any, name: str, _: Properties) -> None:  # noqa: ANN401 - a client
    [address] = ec2.describe_addresses(PublicIps=[name])["Addresses"]
    ec2.release_address(AllocationId=address["AllocationId"])


def _delete_route(ec2: Any, _: str, said: Properties) -> None:  # noqa: ANN401 - a client
    names = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    destination = {name: said[name] for name in names if name in said}
    ec2.delete_route(RouteTableId=said["RouteTableId"], **destination)


def _disassociate(ec2: Any, name: str, said: Properties) -> None:  # noqa: ANN401 - a client
    for table in ec2.describe_route_tables(RouteTableIds=[said["RouteTableId"]])["RouteTables"]:
        for association in table["Associations"]:
            if association.get("SubnetId") == said["SubnetId"] or association["RouteTableAssociationId"] == name:
                ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])


def _detach(ec2: Any, _: str, said: Properties) -> None:  # noqa: ANN401 - a client
    ec2.detach_internet_gateway(InternetGatewayId=said["InternetGatewayId"], VpcId=said["VpcId"])


def _delete_policy(iam: Any, arn: str, _: Properties) -> None:  # noqa: ANN401 - a client
    entities = iam.list_entities_for_policy(PolicyArn=arn)
    for role in entities["PolicyRoles"]:
        with contextlib.suppress(ClientError):  # the role may be gone already
            iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


CALLS: dict[str, tuple[str, Call]] = {
    "AWS::EC2::EIP": ("ec2", _release),
    "AWS::EC2::FlowLog": ("ec2", lambda ec2, name, _: ec2.delete_flow_logs(FlowLogIds=[name])),
    "AWS::EC2::InternetGateway": ("ec2", lambda ec2, name, _: ec2.delete_internet_gateway(InternetGatewayId=name)),
    "AWS::EC2::NatGateway": ("ec2", lambda ec2, name, _: ec2.delete_nat_gateway(NatGatewayId=name)),
    "AWS::EC2::Route": ("ec2", _delete_route),
    "AWS::EC2::RouteTable": ("ec2", lambda ec2, name, _: ec2.delete_route_table(RouteTableId=name)),
    "AWS::EC2::SubnetRouteTableAssociation": ("ec2", _disassociate),
    "AWS::EC2::VPCEndpoint": ("ec2", lambda ec2, name, _: ec2.delete_vpc_endpoints(VpcEndpointIds=[name])),
    "AWS::EC2::VPCGatewayAttachment": ("ec2", _detach),
    "AWS::EC2::Volume": ("ec2", lambda ec2, name, _: ec2.delete_volume(VolumeId=name)),
    "AWS::IAM::ManagedPolicy": ("iam", _delete_policy),
}

WITH_ITS_OWNER = frozenset({"AWS::Lambda::Version"})
"""Types without a delete in moto that are gone with the function that they belong to."""
