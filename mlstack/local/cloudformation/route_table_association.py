"""AWS::EC2::SubnetRouteTableAssociation: moto notes it down, and the subnet keeps its network's main table."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties

Client = Any


def _made(ec2: Client, _name: str, properties: Properties) -> str:
    asked = {name: properties[name] for name in ("RouteTableId", "SubnetId")}
    return str(ec2.associate_route_table(**asked)["AssociationId"])


def _again(ec2: Client, name: str, new: Properties, old: Properties) -> None:
    """Another table for the same subnet; the association then has another id, which nobody asks for."""
    _gone(ec2, name, old)
    _made(ec2, name, new)


def _gone(ec2: Client, _name: str, properties: Properties) -> None:
    asked = [{"Name": "association.subnet-id", "Values": [properties["SubnetId"]]}]
    for table in ec2.describe_route_tables(Filters=asked)["RouteTables"]:
        for one in table["Associations"]:
            if one.get("SubnetId") == properties["SubnetId"]:
                ec2.disassociate_route_table(AssociationId=one["RouteTableAssociationId"])


ROUTE_TABLE_ASSOCIATION = Kind(
    type="AWS::EC2::SubnetRouteTableAssociation",
    service="ec2",
    fixed=("", "SubnetId"),
    create=_made,
    update=_again,
    delete=_gone,
    attributes=lambda _, name: {"Id": name},
)
