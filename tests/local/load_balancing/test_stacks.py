"""Load balancers of templates: made whole, changed in place, refused where AWS refuses, gone without a trace."""

from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import inventory
from tests.local.load_balancing.frontage import (
    ACCOUNT,
    CERTIFICATE,
    answer,
    attributes,
    balancer,
    forward,
    group,
    listener,
    logs,
    network,
    outputs,
    ref,
    rule,
    token,
)
from tests.local.stacks import Stacks, Template

LOGGED = attributes(
    access_logs__s3__enabled="true",
    access_logs__s3__prefix="alb",
    routing__http__drop_invalid_header_fields__enabled="true",
)
TAGS = [{"Key": "mlstack:stage", "Value": "test"}]


def logged() -> list[dict[str, Any]]:
    return [*LOGGED, {"Key": "access_logs.s3.bucket", "Value": ref("Logs")}]


def whole(**more: object) -> dict[str, Template]:
    return {
        **network(),
        **logs(),
        **balancer(depends=("LogsPolicy",), **{"LoadBalancerAttributes": logged(), "Tags": TAGS, **more}),
        **group(),
        **listener(),
        **rule(token(), forward()),
    }


def attributes_of(aws: LocalAws, arn: str) -> dict[str, str]:
    said = aws.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {one["Key"]: one["Value"] for one in said}


def emptied(aws: LocalAws, bucket: str) -> list[str]:
    """Empty a bucket; what was in it."""
    s3 = aws.client("s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    for key in keys:
        s3.delete_object(Bucket=bucket, Key=key)
    return keys


def test_a_load_balancer_is_made_with_all_that_belongs_to_it_and_leaves_nothing(
    stacks: Stacks, local_aws: LocalAws
) -> None:
    elb, before = local_aws.client("elbv2"), inventory(local_aws.client)
    wanted = outputs(
        ("Balancer", "DNSName"),
        ("Balancer", "LoadBalancerFullName"),
        ("Balancer", "LoadBalancerName"),
        ("Balancer", "CanonicalHostedZoneID"),
        ("Targets", "TargetGroupFullName"),
        ("Targets", "TargetGroupName"),
        ("Listener", "ListenerArn"),
        ("Rule", "RuleArn"),
        ("Rule", "IsDefault"),
    )

    name = stacks.create(whole(), Outputs=wanted)

    told = stacks.outputs(name)
    arn, targets = stacks.physical_id(name, "Balancer"), stacks.physical_id(name, "Targets")
    assert arn.endswith(f":loadbalancer/{told['BalancerLoadBalancerFullName']}")
    assert told["BalancerLoadBalancerFullName"].startswith(f"app/{told['BalancerLoadBalancerName']}/")
    assert told["BalancerDNSName"].endswith(".elb.amazonaws.com")
    assert told["BalancerCanonicalHostedZoneID"].startswith("Z")
    assert targets.endswith(f":{told['TargetsTargetGroupFullName']}")
    assert (told["ListenerListenerArn"], told["RuleRuleArn"], told["RuleIsDefault"]) == (
        stacks.physical_id(name, "Listener"),
        stacks.physical_id(name, "Rule"),
        "false",
    )
    [said] = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    assert (said["Scheme"], said["Type"], len(said["AvailabilityZones"])) == ("internal", "application", 2)
    has = attributes_of(local_aws, arn)
    assert has["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert (has["deletion_protection.enabled"], has["idle_timeout.timeout_seconds"]) == ("false", "60")
    [tagged] = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    assert tagged["Tags"] == TAGS
    [of] = elb.describe_target_groups(TargetGroupArns=[targets])["TargetGroups"]
    assert (of["HealthCheckPath"], of["HealthCheckIntervalSeconds"], of["TargetType"]) == ("/ping", 10, "ip")
    assert of["LoadBalancerArns"] == [arn]
    [served] = elb.describe_rules(RuleArns=[told["RuleRuleArn"]])["Rules"]
    assert served["Priority"] == "1"
    assert served["Actions"][0]["JwtValidationConfig"]["AdditionalClaims"] == [
        {"Format": "single-string", "Name": "aud", "Values": ["photos"]}
    ]
    [heard] = elb.describe_listeners(ListenerArns=[told["ListenerListenerArn"]])["Listeners"]
    assert (heard["Certificates"], heard["MutualAuthentication"]) == (
        [{"CertificateArn": CERTIFICATE}],
        {"Mode": "off"},
    )
    left = {one.kind for one in inventory(local_aws.client) - before}
    assert {"load balancer", "target group", "bucket", "network", "security group", "stack"} <= left
    bucket = stacks.physical_id(name, "Logs")
    assert emptied(local_aws, bucket) == [f"alb/AWSLogs/{ACCOUNT}/ELBAccessLogTestFile"]
    stacks.delete(name)
    assert stacks.status(name) == "DELETED", stacks.reasons(name)
    assert inventory(local_aws.client) == before


def test_what_a_template_changes_is_changed_in_place(stacks: Stacks, local_aws: LocalAws) -> None:
    elb = local_aws.client("elbv2")
    name = stacks.create({**network(), **balancer(), **group(), **listener(), **rule(forward())})
    names = ("Balancer", "Targets", "Listener", "Rule")
    made = {one: stacks.physical_id(name, one) for one in names}

    other = [{"Key": "owner", "Value": "somebody"}]
    more_claims = token(AdditionalClaims=[])
    stacks.update(
        name,
        {
            **network(),
            **balancer(Tags=other, LoadBalancerAttributes=attributes(idle_timeout__timeout_seconds="120")),
            **group(HealthCheckPath="/healthy", Matcher={"HttpCode": "200-299"}),
            **listener(DefaultActions=[answer("403")], SslPolicy="ELBSecurityPolicy-TLS13-1-3-2021-06"),
            **rule(more_claims, forward(), Priority=7),
        },
    )

    assert stacks.status(name) == "UPDATE_COMPLETE", stacks.reasons(name)
    assert {one: stacks.physical_id(name, one) for one in names} == made
    assert attributes_of(local_aws, made["Balancer"])["idle_timeout.timeout_seconds"] == "120"
    assert elb.describe_tags(ResourceArns=[made["Balancer"]])["TagDescriptions"][0]["Tags"] == other
    [of] = elb.describe_target_groups(TargetGroupArns=[made["Targets"]])["TargetGroups"]
    assert (of["HealthCheckPath"], of["Matcher"]["HttpCode"]) == ("/healthy", "200-299")
    [heard] = elb.describe_listeners(ListenerArns=[made["Listener"]])["Listeners"]
    assert heard["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-3-2021-06"
    assert heard["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "403"
    [served] = elb.describe_rules(RuleArns=[made["Rule"]])["Rules"]
    assert (served["Priority"], [one["Type"] for one in served["Actions"]]) == ("7", ["jwt-validation", "forward"])


def test_another_scheme_is_another_load_balancer(stacks: Stacks) -> None:
    name = stacks.create({**network(), **balancer(), **listener()})
    before = stacks.physical_id(name, "Balancer")

    stacks.update(name, {**network(), **balancer(Scheme="internet-facing"), **listener()})

    assert stacks.status(name) == "UPDATE_COMPLETE", stacks.reasons(name)
    assert stacks.physical_id(name, "Balancer") != before


def test_a_protected_load_balancer_is_not_deleted(stacks: Stacks, local_aws: LocalAws) -> None:
    guarded = attributes(deletion_protection__enabled="true")
    name = stacks.create({**network(), **balancer(LoadBalancerAttributes=guarded)})
    arn = stacks.physical_id(name, "Balancer")

    stacks.delete(name)

    assert stacks.status(name) == "DELETE_FAILED"
    assert "cannot be deleted because deletion protection is enabled" in stacks.reasons(name)
    local_aws.client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=attributes(deletion_protection__enabled="false")
    )
    stacks.delete(name)
    assert stacks.status(name) == "DELETED"


def network_with(*parts: dict[str, Template]) -> dict[str, Template]:
    """A network and what is in it."""
    return {name: body for part in (network(), *parts) for name, body in part.items()}


def served(*actions: Template) -> dict[str, Template]:
    """All that there is behind a rule with these actions."""
    return network_with(balancer(), group(), listener(), rule(*actions))


def without_gateway() -> dict[str, Template]:
    made = network_with(balancer(Scheme="internet-facing"))
    del made["Gateway"], made["Attached"], made["Balancer"]["DependsOn"]
    return made


def plain(*actions: Template) -> dict[str, Template]:
    """A listener without TLS."""
    made = listener(Protocol="HTTP", Port=80, DefaultActions=[*actions])
    for name in ("Certificates", "SslPolicy"):
        del made["Listener"]["Properties"][name]
    return made


def claim(name: str, values: int = 1) -> Template:
    return {"Format": "single-string", "Name": name, "Values": [f"v{number}" for number in range(values)]}


def logging(depends: str = "LogsPolicy") -> dict[str, Template]:
    return balancer(depends=(depends,), LoadBalancerAttributes=logged())


def encrypted() -> dict[str, Template]:
    made = logs()
    by_key = [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
    made["Logs"]["Properties"] = {"BucketEncryption": {"ServerSideEncryptionConfiguration": by_key}}
    return made


ELSEWHERE = [{"CertificateArn": CERTIFICATE.replace("us-east-1", "eu-west-1")}]
STRANGER = {"AWS": "arn:aws:iam::111122223333:root"}
MANY_CLAIMS = [claim(f"c{number}") for number in range(11)]
REFUSED = {
    "cannot be longer than '32'": network_with(balancer(Name="x" * 33)),
    "cannot begin with 'internal-'": network_with(balancer(Name="internal-one")),
    "cannot begin or end with '-'": network_with(balancer(Name="one-")),
    "can only contain characters": network_with(balancer(Name="a_b")),
    "two different Availability Zones": network_with(balancer(Subnets=[ref("Subnet0")])),
    "'sg-0123456789abcdef0' does not exist": network_with(balancer(SecurityGroups=["sg-0123456789abcdef0"])),
    "has no internet gateway": without_gateway(),
    "certificate must be specified": network_with(balancer(), listener(Certificates=[])),
    "is not valid": network_with(balancer(), listener(Certificates=ELSEWHERE)),
    "'ELBSecurityPolicy-None' not found": network_with(balancer(), listener(SslPolicy="ELBSecurityPolicy-None")),
    "supported only on HTTPS": network_with(balancer(), group(), plain(token(), forward())),
    "last action must be": network_with(balancer(), listener(DefaultActions=[token()])),
    "HTTPS URL": served(token(JwksEndpoint="http://issuer.example"), forward()),
    "Issuer must be": served(token(Issuer=""), forward()),
    "validated by default": served(token(AdditionalClaims=[claim("exp")]), forward()),
    "has one value": served(token(AdditionalClaims=[claim("aud", 2)]), forward()),
    "At most 10": served(token(AdditionalClaims=MANY_CLAIMS), forward()),
    "Access Denied for bucket": network_with(logs(STRANGER), logging()),
    "check S3bucket permission": network_with({"Logs": {"Type": "AWS::S3::Bucket"}}, logging("Logs")),
    "Please check S3bucket": network_with(encrypted(), logging()),
}


@pytest.mark.parametrize("words", [*REFUSED])
def test_what_aws_refuses_is_refused_and_leaves_nothing(stacks: Stacks, local_aws: LocalAws, words: str) -> None:
    before = inventory(local_aws.client)

    name = stacks.create(REFUSED[words])

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert words in stacks.reasons(name)
    assert {one.kind for one in inventory(local_aws.client) - before} == {"stack"}


def test_logs_are_let_in_for_the_service_s_own_account_too(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create({**network(), **logs({"AWS": "arn:aws:iam::127311923021:root"}), **logging()})

    assert stacks.status(name) == "CREATE_COMPLETE", stacks.reasons(name)
    assert emptied(local_aws, stacks.physical_id(name, "Logs")) != []


def test_what_a_load_balancer_stands_on_cannot_be_deleted(stacks: Stacks, local_aws: LocalAws) -> None:
    ec2 = local_aws.client("ec2")
    name = stacks.create({**network(), **balancer()})

    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_security_group(GroupId=stacks.physical_id(name, "Group"))
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_subnet(SubnetId=stacks.physical_id(name, "Subnet0"))


def test_a_target_group_that_a_rule_leads_to_cannot_be_deleted(stacks: Stacks, local_aws: LocalAws) -> None:
    elb = local_aws.client("elbv2")
    name = stacks.create({**network(), **balancer(), **group(), **listener(), **rule(forward())})
    targets = stacks.physical_id(name, "Targets")

    with pytest.raises(ClientError, match="in use by a listener or a rule"):
        elb.delete_target_group(TargetGroupArn=targets)
    elb.delete_rule(RuleArn=stacks.physical_id(name, "Rule"))

    assert elb.describe_target_groups(TargetGroupArns=[targets])["TargetGroups"][0]["LoadBalancerArns"] == []


def test_targets_that_a_template_names_are_registered(stacks: Stacks, local_aws: LocalAws) -> None:
    elb = local_aws.client("elbv2")
    name = stacks.create({**network(), **group(Targets=[{"Id": "10.7.0.5", "Port": "8080"}, {"Id": "10.7.0.6"}])})
    targets = stacks.physical_id(name, "Targets")

    stacks.update(name, {**network(), **group(Targets=[{"Id": "10.7.0.6"}, {"Id": "10.7.0.7"}])})

    health = elb.describe_target_health(TargetGroupArn=targets)["TargetHealthDescriptions"]
    assert sorted(one["Target"]["Id"] for one in health) == ["10.7.0.6", "10.7.0.7"]


def test_a_name_is_taken_once(stacks: Stacks) -> None:
    given = f"lb-{uuid4().hex[:8]}"
    stacks.create({**network(), **balancer(Name=given)})

    second = stacks.create({**network(), **balancer(Name=given)})

    assert stacks.status(second) == "ROLLBACK_COMPLETE"
    assert "with the same name" in stacks.reasons(second)


def test_a_rule_without_tls_never_comes_to_validate_tokens(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create(network_with(balancer(), group(), plain(answer()), rule(forward())))

    with pytest.raises(ClientError, match="supported only on HTTPS"):
        local_aws.client("elbv2").modify_rule(
            RuleArn=stacks.physical_id(name, "Rule"),
            Actions=[token(), {**forward(), "TargetGroupArn": stacks.physical_id(name, "Targets")}],
        )
