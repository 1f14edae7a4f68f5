"""Rules of security groups that are resources of their own: made, changed, and gone without their group."""

from typing import Any

from mlstack.local.aws import LocalAws
from tests.local.stacks import Stacks, Template


def ref(name: str) -> Template:
    return {"Ref": name}


def groups() -> dict[str, Template]:
    made: dict[str, Template] = {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.8.0.0/16"}}}
    for name in ("Front", "Back"):
        said = {
            "GroupDescription": name,
            "VpcId": ref("Vpc"),
            "SecurityGroupEgress": [
                {"IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "CidrIp": "255.255.255.255/32"}
            ],
        }
        made[name] = {"Type": "AWS::EC2::SecurityGroup", "Properties": said}
    return made


def rules(port: int = 8080, said: str = "requests") -> dict[str, Template]:
    plain = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "Description": said}
    into = {**plain, "GroupId": ref("Back"), "SourceSecurityGroupId": ref("Front")}
    out = {**plain, "GroupId": ref("Front"), "DestinationSecurityGroupId": ref("Back")}
    return {
        "In": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": into},
        "Out": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": out},
    }


def permissions(aws: LocalAws, group: str, way: str) -> list[tuple[Any, str, str]]:
    """Port, the other group and the words of each rule between groups."""
    [said] = aws.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return [
        (one["FromPort"], pair["GroupId"], pair.get("Description", ""))
        for one in said[way]
        for pair in one["UserIdGroupPairs"]
    ]


def test_rules_between_groups_come_change_and_go_before_the_groups(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create({**groups(), **rules()})
    front, back = stacks.physical_id(name, "Front"), stacks.physical_id(name, "Back")
    made = permissions(local_aws, back, "IpPermissions"), permissions(local_aws, front, "IpPermissionsEgress")

    stacks.update(name, {**groups(), **rules(said="other words")})
    described = permissions(local_aws, back, "IpPermissions")
    stacks.update(name, {**groups(), **rules(port=9090)})
    moved = permissions(local_aws, back, "IpPermissions"), permissions(local_aws, front, "IpPermissionsEgress")
    stacks.update(name, groups())

    assert made == ([(8080, front, "requests")], [(8080, back, "requests")])
    assert described == [(8080, front, "other words")]
    assert moved == ([(9090, front, "requests")], [(9090, back, "requests")])
    assert permissions(local_aws, back, "IpPermissions") == permissions(local_aws, front, "IpPermissionsEgress") == []
    stacks.delete(name)
    assert stacks.status(name) == "DELETED", stacks.reasons(name)


def test_a_rule_for_addresses_has_an_id_of_its_own(stacks: Stacks, local_aws: LocalAws) -> None:
    said = {"GroupId": ref("Back"), "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}
    inner = {"In": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": said}}

    name = stacks.create({**groups(), **inner})

    assert stacks.physical_id(name, "In").startswith("sgr-")
    [group] = local_aws.client("ec2").describe_security_groups(GroupIds=[stacks.physical_id(name, "Back")])[
        "SecurityGroups"
    ]
    assert [one["CidrIp"] for one in group["IpPermissions"][0]["IpRanges"]] == ["10.0.0.0/8"]
