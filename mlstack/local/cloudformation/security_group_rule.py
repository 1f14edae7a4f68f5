"""AWS::EC2::SecurityGroupIngress and SecurityGroupEgress: moto's first never goes away, and there is no second."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.security_group import WAYS, Way, permission

Client = Any
RULE = ("CidrIp", "CidrIpv6", "FromPort", "GroupId", "GroupName", "IpProtocol", "ToPort")
INGRESS = ("SourcePrefixListId", "SourceSecurityGroupId", "SourceSecurityGroupName", "SourceSecurityGroupOwnerId")
ENDS = {
    "CidrIp": "CidrIpv4",
    "CidrIpv6": "CidrIpv6",
    "DestinationPrefixListId": "PrefixListId",
    "DestinationSecurityGroupId": "ReferencedGroupId",
    "SourcePrefixListId": "PrefixListId",
    "SourceSecurityGroupId": "ReferencedGroupId",
}
EGRESS = ("DestinationPrefixListId", "DestinationSecurityGroupId")


def _kind(way: Way, others: tuple[str, ...]) -> Kind:
    def create(ec2: Client, _name: str, properties: Properties) -> str:
        asked = {**_group(ec2, properties), "IpPermissions": [permission(properties)]}
        made = getattr(ec2, f"authorize_security_group_{way}")(**asked)
        return str(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    def update(ec2: Client, name: str, new: Properties, _old: Properties) -> None:
        changed = [{"SecurityGroupRuleId": name, "SecurityGroupRule": _rule(new)}]
        ec2.modify_security_group_rules(**_group(ec2, new), SecurityGroupRules=changed)

    def delete(ec2: Client, _name: str, properties: Properties) -> None:
        asked = {**_group(ec2, properties), "IpPermissions": [permission(properties)]}
        getattr(ec2, f"revoke_security_group_{way}")(**asked)

    return Kind(
        type=f"AWS::EC2::{WAYS[way]}",
        service="ec2",
        fixed=("", *RULE, *others),
        create=create,
        update=update,
        delete=delete,
        attributes=lambda _, name: {"Id": name},
    )


def _rule(properties: Properties) -> dict[str, Any]:
    """A rule with its words, which alone can change, as the call for single rules takes it."""
    made: dict[str, Any] = {"IpProtocol": str(properties["IpProtocol"])}
    made |= {port: int(properties.get(port, -1)) for port in ("FromPort", "ToPort")}
    made |= {other: str(properties[name]) for name, other in ENDS.items() if name in properties}
    return {**made, "Description": str(properties.get("Description", ""))}


def _group(ec2: Client, properties: Properties) -> dict[str, str]:
    """The group that the rule is of; one of the default network may be called by its name."""
    if "GroupId" in properties:
        return {"GroupId": str(properties["GroupId"])}
    named = [{"Name": "group-name", "Values": [str(properties["GroupName"])]}]
    [found] = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    return {"GroupId": str(found["GroupId"])}


SECURITY_GROUP_RULES = (_kind("ingress", INGRESS), _kind("egress", EGRESS))
