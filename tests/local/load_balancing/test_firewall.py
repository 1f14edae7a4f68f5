"""Web ACLs before load balancers: associated, changed in place, not deleted while in use."""

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import Resource, inventory
from tests.local.load_balancing.frontage import attribute, balancer, network, outputs, ref
from tests.local.stacks import Stacks, Template


def seen(name: str) -> Template:
    return {"CloudWatchMetricsEnabled": True, "MetricName": name, "SampledRequestsEnabled": False}


def managed(limit: str | None = None) -> list[Template]:
    group = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}
    rules = [
        {
            "Name": "common",
            "Priority": 0,
            "Statement": group,
            "OverrideAction": {"None": {}},
            "VisibilityConfig": seen("c"),
        }
    ]
    if limit:
        rate = {"RateBasedStatement": {"Limit": limit, "AggregateKeyType": "IP"}}
        rules.append(
            {"Name": "rate", "Priority": 1, "Statement": rate, "Action": {"Block": {}}, "VisibilityConfig": seen("r")}
        )
    return rules


def acl(**more: object) -> dict[str, Template]:
    said = {
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": seen("all"),
        "Rules": managed(),
        "Tags": [{"Key": "stage", "Value": "test"}],
        **more,
    }
    return {"Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": said}}


def before(acl_name: str = "Acl") -> dict[str, Template]:
    said = {"ResourceArn": ref("Balancer"), "WebACLArn": attribute(acl_name, "Arn")}
    return {"Before": {"Type": "AWS::WAFv2::WebACLAssociation", "Properties": said}}


def test_a_web_acl_stands_before_a_load_balancer_and_goes_with_its_stack(stacks: Stacks, local_aws: LocalAws) -> None:
    waf, at_first = local_aws.client("wafv2"), inventory(local_aws.client)
    wanted = outputs(("Acl", "Arn"), ("Acl", "Id"), ("Acl", "Capacity"), ("Acl", "LabelNamespace"))

    name = stacks.create({**network(), **balancer(), **acl(), **before()}, Outputs=wanted)

    told, physical = stacks.outputs(name), stacks.physical_id(name, "Acl")
    assert physical.split("|")[1:] == [told["AclId"], "REGIONAL"]
    found = waf.get_web_acl_for_resource(ResourceArn=stacks.physical_id(name, "Balancer"))["WebACL"]
    assert (found["ARN"], [one["Name"] for one in found["Rules"]]) == (told["AclArn"], ["common"])
    assert Resource("web ACL", physical) in inventory(local_aws.client)
    with pytest.raises(ClientError, match="WAFAssociatedItemException"):
        waf.delete_web_acl(
            Name=found["Name"],
            Scope="REGIONAL",
            Id=found["Id"],
            LockToken=waf.get_web_acl(Name=found["Name"], Scope="REGIONAL", Id=found["Id"])["LockToken"],
        )
    stacks.delete(name)
    assert stacks.status(name) == "DELETED"
    assert inventory(local_aws.client) == at_first


def test_a_web_acl_changes_in_place(stacks: Stacks, local_aws: LocalAws) -> None:
    waf, other = local_aws.client("wafv2"), [{"Key": "owner", "Value": "somebody"}]
    wanted = outputs(("Acl", "Arn"))
    name = stacks.create(acl(), Outputs=wanted)
    physical, arn = stacks.physical_id(name, "Acl"), stacks.outputs(name)["AclArn"]

    stacks.update(name, acl(Rules=managed("500"), DefaultAction={"Block": {}}, Tags=other), Outputs=wanted)

    assert stacks.status(name) == "UPDATE_COMPLETE", stacks.reasons(name)
    assert stacks.physical_id(name, "Acl") == physical
    said = waf.get_web_acl(ARN=arn)["WebACL"]
    assert [one["Name"] for one in said["Rules"]] == ["common", "rate"]
    assert said["Rules"][1]["Statement"]["RateBasedStatement"]["Limit"] == 500
    assert "Block" in said["DefaultAction"]
    assert waf.list_tags_for_resource(ResourceARN=arn)["TagInfoForResource"]["TagList"] == other


def test_another_web_acl_takes_the_place_of_the_first(stacks: Stacks, local_aws: LocalAws) -> None:
    second = {"Second": acl()["Acl"]}
    name = stacks.create({**network(), **balancer(), **acl(), **second, **before()})
    arn = stacks.physical_id(name, "Balancer")

    stacks.update(name, {**network(), **balancer(), **acl(), **second, **before("Second")})

    assert stacks.status(name) == "UPDATE_COMPLETE", stacks.reasons(name)
    found = local_aws.client("wafv2").get_web_acl_for_resource(ResourceArn=arn)["WebACL"]
    assert found["Name"] == stacks.physical_id(name, "Second").split("|")[0]


def test_a_web_acl_is_let_go_when_its_load_balancer_is_deleted(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create({**network(), **balancer(), **acl(), **before()})

    local_aws.client("elbv2").delete_load_balancer(LoadBalancerArn=stacks.physical_id(name, "Balancer"))
    acl_name, acl_id, scope = stacks.physical_id(name, "Acl").split("|")
    waf = local_aws.client("wafv2")
    token = waf.get_web_acl(Name=acl_name, Id=acl_id, Scope=scope)["LockToken"]

    waf.delete_web_acl(Name=acl_name, Id=acl_id, Scope=scope, LockToken=token)
    with pytest.raises(ClientError, match="WAFNonexistentItemException"):
        waf.get_web_acl(Name=acl_name, Id=acl_id, Scope=scope)


def test_a_web_acl_cannot_stand_before_nothing(stacks: Stacks) -> None:
    gone = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/none/0123456789abcdef"
    associated = before()
    associated["Before"]["Properties"]["ResourceArn"] = gone

    name = stacks.create({**acl(), **associated})

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "your resource doesn't exist" in stacks.reasons(name)


def test_a_stack_goes_though_somebody_deleted_its_web_acl(stacks: Stacks, local_aws: LocalAws) -> None:
    waf, name = local_aws.client("wafv2"), stacks.create({**network(), **balancer(), **acl(), **before()})
    of = dict(zip(("Name", "Id", "Scope"), stacks.physical_id(name, "Acl").split("|"), strict=True))
    waf.disassociate_web_acl(ResourceArn=stacks.physical_id(name, "Balancer"))
    waf.delete_web_acl(**of, LockToken=waf.get_web_acl(**of)["LockToken"])

    stacks.delete(name)

    assert stacks.status(name) == "DELETED"
