"""AWS::EC2::SecurityGroup: moto's lets everything out whatever it is told, and is another group when it changes."""

from typing import Any, Literal

from mlstack.local.cloudformation.called import Kind, Properties, tags
from mlstack.local.cloudformation.ec2_tags import retagged, specification
from mlstack.local.cloudformation.named import fitting

Client = Any
LONGEST = 255
Way = Literal["ingress", "egress"]
WAYS: dict[Way, str] = {"ingress": "SecurityGroupIngress", "egress": "SecurityGroupEgress"}
EVERYTHING: Properties = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
"""What EC2 itself lets out of a new group."""


def _group(ec2: Client, name: str, properties: Properties) -> str:
    asked = {"GroupName": fitting(name, LONGEST), "Description": properties["GroupDescription"]}
    asked |= {"VpcId": properties["VpcId"]} if "VpcId" in properties else {}
    labels = specification("security-group", tags(properties))
    made = str(ec2.create_security_group(**asked, **({"TagSpecifications": labels} if labels else {}))["GroupId"])
    _rules(ec2, made, properties, {WAYS["egress"]: [EVERYTHING]})
    return made


def _again(ec2: Client, name: str, new: Properties, old: Properties) -> None:
    retagged(ec2, name, tags(new), tags(old))
    _rules(ec2, name, new, old)


def _rules(ec2: Client, name: str, new: Properties, old: Properties) -> None:
    """Take away the rules that the template lost, and make those that it gained."""
    for way in WAYS:
        wanted, there = _permissions(way, new), _permissions(way, old)
        for verb, changed in (
            ("revoke", [one for one in there if one not in wanted]),
            ("authorize", [one for one in wanted if one not in there]),
        ):
            if changed:
                getattr(ec2, f"{verb}_security_group_{way}")(GroupId=name, IpPermissions=changed)


def _permissions(way: Way, properties: Properties) -> list[Properties]:
    """The rules of a template; where it says nothing of what may leave, everything may."""
    rules = properties.get(WAYS[way], [])
    if way == "egress" and not rules:
        rules = [EVERYTHING]
    return [permission(rule) for rule in rules]


def permission(rule: Properties) -> Properties:
    """A rule of a template as EC2's calls take it."""
    described = {"Description": rule["Description"]} if "Description" in rule else {}
    made: Properties = {"IpProtocol": str(rule["IpProtocol"])}
    made |= {port: int(rule[port]) for port in ("FromPort", "ToPort") if port in rule}
    for ranges, item, names in (
        ("IpRanges", "CidrIp", ("CidrIp",)),
        ("Ipv6Ranges", "CidrIpv6", ("CidrIpv6",)),
        ("UserIdGroupPairs", "GroupId", ("SourceSecurityGroupId", "DestinationSecurityGroupId")),
        ("PrefixListIds", "PrefixListId", ("SourcePrefixListId", "DestinationPrefixListId")),
    ):
        found = [{item: rule[name], **described} for name in names if name in rule]
        made |= {ranges: found} if found else {}
    return made


def _attributes(ec2: Client, name: str) -> dict[str, str]:
    [said] = ec2.describe_security_groups(GroupIds=[name])["SecurityGroups"]
    return {"GroupId": name, "Id": name, "VpcId": str(said.get("VpcId", ""))}


SECURITY_GROUP = Kind(
    type="AWS::EC2::SecurityGroup",
    service="ec2",
    fixed=("GroupName", "GroupDescription", "VpcId"),
    create=_group,
    update=_again,
    delete=lambda ec2, name, _: ec2.delete_security_group(GroupId=name),
    attributes=_attributes,
)
