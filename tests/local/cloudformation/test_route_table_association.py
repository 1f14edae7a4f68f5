"""A subnet's way out: the template's association is the one that EC2 tells of, and goes with it."""

from mlstack.local.aws import LocalAws
from tests.local.stacks import Stacks, Template


def ref(name: str) -> Template:
    return {"Ref": name}


def network(table: str) -> dict[str, Template]:
    """A subnet with two tables to choose from."""
    made: dict[str, Template] = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"CidrBlock": "10.9.1.0/24", "VpcId": ref("Vpc")}},
        "First": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ref("Vpc")}},
        "Second": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ref("Vpc")}},
    }
    if table:
        made["Way"] = {
            "Type": "AWS::EC2::SubnetRouteTableAssociation",
            "Properties": {"RouteTableId": ref(table), "SubnetId": ref("Subnet")},
        }
    return made


def tables(aws: LocalAws, subnet: str) -> list[str]:
    """The tables that a subnet is associated with."""
    asked = [{"Name": "association.subnet-id", "Values": [subnet]}]
    return [one["RouteTableId"] for one in aws.client("ec2").describe_route_tables(Filters=asked)["RouteTables"]]


def test_a_subnet_has_the_table_that_its_template_says_and_none_afterwards(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create(network("First"))
    subnet = stacks.physical_id(name, "Subnet")
    first = tables(local_aws, subnet)

    stacks.update(name, network("Second"))
    second = tables(local_aws, subnet)
    stacks.update(name, network(""))

    assert first == [stacks.physical_id(name, "First")]
    assert second == [stacks.physical_id(name, "Second")]
    assert tables(local_aws, subnet) == []
