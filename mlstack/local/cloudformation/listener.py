"""Listener, ListenerRule and TrustStore of AWS::ElasticLoadBalancingV2: certificates, tokens, mutual TLS."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.elb_call import attributed, call, differs, tagged
from mlstack.local.cloudformation.typed import typed

Client = Any
LISTENER = (
    "AlpnPolicy",
    "Certificates",
    "DefaultActions",
    "MutualAuthentication",
    "Port",
    "Protocol",
    "SslPolicy",
)
BUNDLE = ("CaCertificatesBundleS3Bucket", "CaCertificatesBundleS3Key", "CaCertificatesBundleS3ObjectVersion")


def _listener(elb: Client, _name: str, properties: Properties) -> str:
    asked = call("CreateListener", properties, (*LISTENER, "LoadBalancerArn", "Tags"))
    arn = str(elb.create_listener(**asked)["Listeners"][0]["ListenerArn"])
    attributed(elb.modify_listener_attributes, properties.get("ListenerAttributes"), ListenerArn=arn)
    return arn


def _listener_again(elb: Client, arn: str, new: Properties, old: Properties) -> None:
    if differs(new, old, LISTENER):
        gone = {"MutualAuthentication": {"Mode": "off"}} if "MutualAuthentication" in old else {}
        asked = {**gone, **new}
        elb.modify_listener(**call("ModifyListener", asked, LISTENER, ListenerArn=arn))
    said, before = new.get("ListenerAttributes"), old.get("ListenerAttributes")
    attributed(elb.modify_listener_attributes, said, before, ListenerArn=arn)
    tagged(elb, arn, new, old)


def _rule(elb: Client, _name: str, properties: Properties) -> str:
    asked = call("CreateRule", properties, ("Actions", "Conditions", "ListenerArn", "Priority", "Tags"))
    return str(elb.create_rule(**asked)["Rules"][0]["RuleArn"])


def _rule_again(elb: Client, arn: str, new: Properties, old: Properties) -> None:
    if differs(new, old, ("Actions", "Conditions")):
        elb.modify_rule(**call("ModifyRule", new, ("Actions", "Conditions"), RuleArn=arn))
    if differs(new, old, ("Priority",)):
        asked = {"RulePriorities": [{"RuleArn": arn, "Priority": new["Priority"]}]}
        elb.set_rule_priorities(**typed("elbv2", "SetRulePriorities", asked))
    tagged(elb, arn, new, old)


def _rule_attributes(elb: Client, arn: str) -> dict[str, str]:
    [said] = elb.describe_rules(RuleArns=[arn])["Rules"]
    return {"RuleArn": arn, "IsDefault": str(said["IsDefault"]).lower()}


def _store(elb: Client, name: str, properties: Properties) -> str:
    asked = call("CreateTrustStore", properties, (*BUNDLE, "Tags"), Name=name[-32:].strip("-"))
    return str(elb.create_trust_store(**asked)["TrustStores"][0]["TrustStoreArn"])


def _store_again(elb: Client, arn: str, new: Properties, old: Properties) -> None:
    if differs(new, old, BUNDLE):
        elb.modify_trust_store(**call("ModifyTrustStore", new, BUNDLE, TrustStoreArn=arn))
    tagged(elb, arn, new, old)


def _store_attributes(elb: Client, arn: str) -> dict[str, str]:
    [said] = elb.describe_trust_stores(TrustStoreArns=[arn])["TrustStores"]
    number = str(said["NumberOfCaCertificates"])
    return {"TrustStoreArn": arn, "Status": said["Status"], "NumberOfCaCertificates": number}


LISTENERS = (
    Kind(
        type="AWS::ElasticLoadBalancingV2::Listener",
        service="elbv2",
        fixed=("", "LoadBalancerArn"),
        create=_listener,
        update=_listener_again,
        delete=lambda elb, arn, _: elb.delete_listener(ListenerArn=arn),
        attributes=lambda _, arn: {"ListenerArn": arn},
    ),
    Kind(
        type="AWS::ElasticLoadBalancingV2::ListenerRule",
        service="elbv2",
        fixed=("", "ListenerArn"),
        create=_rule,
        update=_rule_again,
        delete=lambda elb, arn, _: elb.delete_rule(RuleArn=arn),
        attributes=_rule_attributes,
    ),
    Kind(
        type="AWS::ElasticLoadBalancingV2::TrustStore",
        service="elbv2",
        fixed=("Name",),
        create=_store,
        update=_store_again,
        delete=lambda elb, arn, _: elb.delete_trust_store(TrustStoreArn=arn),
        attributes=_store_attributes,
    ),
)
