"""LoadBalancer and TargetGroup of AWS::ElasticLoadBalancingV2, of which moto drops most and changes nothing."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.elb_call import attributed, call, differs, tagged
from mlstack.local.cloudformation.typed import typed

Client = Any
BALANCER = ("IpAddressType", "Name", "Scheme", "SecurityGroups", "SubnetMappings", "Subnets", "Tags", "Type")
HEALTH = (
    "HealthCheckEnabled",
    "HealthCheckIntervalSeconds",
    "HealthCheckPath",
    "HealthCheckPort",
    "HealthCheckProtocol",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "Matcher",
    "UnhealthyThresholdCount",
)
GROUP = ("IpAddressType", "Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId")


def _full_name(arn: str) -> str:
    """What metrics call it."""
    return arn.partition(":loadbalancer/")[2]


def _balancer(elb: Client, name: str, properties: Properties) -> str:
    made = elb.create_load_balancer(**call("CreateLoadBalancer", properties, BALANCER, Name=name))
    arn = str(made["LoadBalancers"][0]["LoadBalancerArn"])
    try:
        attributed(elb.modify_load_balancer_attributes, properties.get("LoadBalancerAttributes"), LoadBalancerArn=arn)
    except Exception:
        elb.delete_load_balancer(LoadBalancerArn=arn)
        raise
    return arn


def _balancer_again(elb: Client, arn: str, new: Properties, old: Properties) -> None:
    if differs(new, old, ("Subnets", "SubnetMappings")):
        elb.set_subnets(**call("SetSubnets", new, ("Subnets", "SubnetMappings"), LoadBalancerArn=arn))
    if differs(new, old, ("SecurityGroups",)):
        elb.set_security_groups(**call("SetSecurityGroups", new, ("SecurityGroups",), LoadBalancerArn=arn))
    if differs(new, old, ("IpAddressType",)):
        elb.set_ip_address_type(LoadBalancerArn=arn, IpAddressType=new.get("IpAddressType", "ipv4"))
    said, before = new.get("LoadBalancerAttributes"), old.get("LoadBalancerAttributes")
    attributed(elb.modify_load_balancer_attributes, said, before, LoadBalancerArn=arn)
    tagged(elb, arn, new, old)


def _balancer_attributes(elb: Client, arn: str) -> dict[str, str]:
    [said] = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    return {
        "CanonicalHostedZoneID": said["CanonicalHostedZoneId"],
        "DNSName": said["DNSName"],
        "LoadBalancerArn": arn,
        "LoadBalancerFullName": _full_name(arn),
        "LoadBalancerName": said["LoadBalancerName"],
    }


def _group(elb: Client, name: str, properties: Properties) -> str:
    asked = call("CreateTargetGroup", properties, (*GROUP, *HEALTH, "Tags"), Name=name)
    arn = str(elb.create_target_group(**asked)["TargetGroups"][0]["TargetGroupArn"])
    attributed(elb.modify_target_group_attributes, properties.get("TargetGroupAttributes"), TargetGroupArn=arn)
    _targeted(elb, arn, properties, {})
    return arn


def _group_again(elb: Client, arn: str, new: Properties, old: Properties) -> None:
    if differs(new, old, HEALTH):
        elb.modify_target_group(**call("ModifyTargetGroup", new, HEALTH, TargetGroupArn=arn))
    said, before = new.get("TargetGroupAttributes"), old.get("TargetGroupAttributes")
    attributed(elb.modify_target_group_attributes, said, before, TargetGroupArn=arn)
    _targeted(elb, arn, new, old)
    tagged(elb, arn, new, old)


def _targeted(elb: Client, arn: str, new: Properties, old: Properties) -> None:
    """Register the targets that a template gained, and take away those that it lost."""
    wanted, there = new.get("Targets", []), old.get("Targets", [])
    for verb, changed in (
        ("Deregister", [one for one in there if one not in wanted]),
        ("Register", [one for one in wanted if one not in there]),
    ):
        if changed:
            asked = typed("elbv2", f"{verb}Targets", {"TargetGroupArn": arn, "Targets": changed})
            getattr(elb, f"{verb.lower()}_targets")(**asked)


def _group_attributes(elb: Client, arn: str) -> dict[str, str]:
    [said] = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    full = f"targetgroup/{arn.partition(':targetgroup/')[2]}"
    return {"TargetGroupArn": arn, "TargetGroupFullName": full, "TargetGroupName": said["TargetGroupName"]}


LOAD_BALANCER = (
    Kind(
        type="AWS::ElasticLoadBalancingV2::LoadBalancer",
        service="elbv2",
        fixed=("Name", "Scheme", "Type"),
        create=_balancer,
        update=_balancer_again,
        delete=lambda elb, arn, _: elb.delete_load_balancer(LoadBalancerArn=arn),
        attributes=_balancer_attributes,
    ),
    Kind(
        type="AWS::ElasticLoadBalancingV2::TargetGroup",
        service="elbv2",
        fixed=("Name", *(name for name in GROUP if name != "Name")),
        create=_group,
        update=_group_again,
        delete=lambda elb, arn, _: elb.delete_target_group(TargetGroupArn=arn),
        attributes=_group_attributes,
    ),
)
