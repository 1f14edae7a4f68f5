"""What holds for the whole stage, on every template of it."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from mlstack.assembly import Stack
from stacks import config
from stacks.components.acknowledgement import Acknowledgement
from stacks.platform import Platform
from tests.templates.synthesis import FLAGS, Synthesize, Synthesized

TAGS = {
    "Network": {"layer": "foundation"},
    "Storage": {"layer": "foundation"},
    "Images": {"layer": "foundation"},
    "Vision": {"layer": "ai-services"},
    "Notebook": {"layer": "ml-services"},
    "Endpoints": {"layer": "ml-services"},
    "Training": {"layer": "ml-services"},
    "Workstations": {"layer": "frameworks"},
    "Ecs": {"layer": "frameworks"},
}
ENDPOINTS = tomllib.loads(Path(__file__).with_name("endpoints.toml").read_text(encoding="utf-8"))
WORKSTATIONS = {"gpu": {}, "spot": {"market": "spot"}, "once": {"market": "spot", "on_idle": "terminate"}}
DOOR = {
    "certificate": "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555",
    "allowed": ["203.0.113.0/24"],
    "trust_store": "arn:aws:elasticloadbalancing:us-east-1:111122223333:truststore/mine/0123456789abcdef",
    "firewall": True,
}
ECS = {"training": {"enabled": True}, "services": {"queued": {}, "asked": {"load_balancer": DOOR}}}
EVERYWHERE = {
    "cost-centre": "ml-sandbox",
    "expiry": "14d",
    "owner": "ml-team",
    "project": "mlstack",
    "stage": "sandbox",
}


@pytest.fixture(scope="module")
def everything(synthesize: Synthesize) -> Synthesized:
    """The sandbox with every choice switched on."""
    network = {"interface_endpoints": ["ssm"], "flow_logs": True}
    return synthesize(
        "sandbox",
        {
            "network": network,
            "notebook": {"enabled": True},
            "endpoints": ENDPOINTS,
            "workstations": WORKSTATIONS,
            "ecs": ECS,
            "images": {"mirror": True},
        },
    )


def taggable(stack: Stack) -> Iterator[tuple[str, dict[str, str]]]:
    """Each resource that CloudFormation's own schema calls taggable, and its tags; some types have them as a map."""
    for logical_id, resource in stack.resources.items():
        if resource["Type"].startswith(("Custom::", "AWS::CDK::")):
            continue
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource["Type"]).schema
        if schema.get("tagging", {}).get("taggable", True) and "Tags" in schema["properties"]:
            tags = resource["Properties"]["Tags"]
            yield logical_id, tags if isinstance(tags, dict) else by_key(tags)
        if resource["Type"] == "AWS::DynamoDB::GlobalTable":
            yield logical_id, by_key(resource["Properties"]["Replicas"][0]["Tags"])
        if resource["Type"] == "AWS::EC2::LaunchTemplate":
            for given in resource["Properties"]["TagSpecifications"]:
                yield logical_id, by_key(given["Tags"])
            for given in resource["Properties"]["LaunchTemplateData"]["TagSpecifications"]:
                yield f"{logical_id}/{given['ResourceType']}", by_key(given["Tags"])


def by_key(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


@pytest.mark.parametrize("name", TAGS)
def test_everything_taggable_says_whose_it_is_and_how_long(everything: Synthesized, name: str) -> None:
    stack = everything.stacks[name]
    wanted = EVERYWHERE | TAGS[name]

    tagged = dict(taggable(stack))

    assert tagged
    assert {logical_id: tags for logical_id, tags in tagged.items() if not wanted.items() <= tags.items()} == {}
    assert stack.tags == wanted


def test_every_function_logs_to_a_group_that_expires_and_goes_with_the_stack(everything: Synthesized) -> None:
    functions = [
        (stack, function)
        for stack in everything.assembly.stacks
        for function in stack.of_type("AWS::Lambda::Function").values()
    ]

    groups = [
        stack.resources[function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]] for stack, function in functions
    ]

    assert len(functions) == 26
    assert {group["DeletionPolicy"] for group in groups} == {"Delete"}
    assert {group["Properties"]["RetentionInDays"] for group in groups} == {7}


def test_no_description_of_a_security_group_has_a_letter_that_ec2_refuses(everything: Synthesized) -> None:
    said = [
        described
        for stack in everything.assembly.stacks
        for kind in ("", "Ingress", "Egress")
        for group in stack.of_type(f"AWS::EC2::SecurityGroup{kind}").values()
        for one in (
            group["Properties"],
            *group["Properties"].get("SecurityGroupIngress", ()),
            *group["Properties"].get("SecurityGroupEgress", ()),
        )
        for described in (one.get("Description"), one.get("GroupDescription"))
        if isinstance(described, str)
    ]

    assert said
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRuleDescription.html
    assert [text for text in said if not re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}", text)] == []


def test_no_role_has_an_aws_managed_policy(everything: Synthesized) -> None:
    roles = [role for stack in everything.assembly.stacks for role in stack.of_type("AWS::IAM::Role").values()]

    assert roles
    assert [role for role in roles if role["Properties"].get("ManagedPolicyArns")] == []


def test_nothing_of_an_ephemeral_stage_is_retained(everything: Synthesized) -> None:
    kept = {
        logical_id: resource["DeletionPolicy"]
        for stack in everything.assembly.stacks
        for logical_id, resource in stack.resources.items()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    }

    assert kept == {}


def test_no_template_holds_a_customer_managed_key_or_a_parameter(
    everything: Synthesized, production: Synthesized
) -> None:
    for stack in (*everything.assembly.stacks, *production.assembly.stacks):
        assert stack.of_type("AWS::KMS::Key") == {}
        assert set(stack.template.get("Parameters", {})) <= {"BootstrapVersion"}


def platform(tmp_path: Path, *, rule_packs: bool = True) -> tuple[cdk.App, cdk.Stack]:
    """The sandbox before its synthesis, and one of its stacks to plant something in."""
    app = cdk.App(context=FLAGS, outdir=str(tmp_path))
    made = Platform(app, config.load("sandbox"), rule_packs=rule_packs)
    assert made.storage
    return app, made.storage


def test_a_planted_aws_solutions_finding_fails_the_synthesis(tmp_path: Path) -> None:
    app, stack = platform(tmp_path)
    sqs.Queue(stack, "Planted", removal_policy=cdk.RemovalPolicy.DESTROY)

    with pytest.raises(RuntimeError, match="AwsSolutions-SQS"):
        app.synth()


def test_planted_data_that_would_outlive_the_stage_fails_the_synthesis_with_and_without_rule_packs(
    tmp_path: Path,
) -> None:
    for rule_packs in (True, False):
        app, stack = platform(tmp_path / str(rule_packs), rule_packs=rule_packs)
        cdk.CfnResource(stack, "Planted", type="AWS::SNS::Topic").apply_removal_policy(cdk.RemovalPolicy.RETAIN)

        with pytest.raises(RuntimeError, match="would outlive an ephemeral stage"):
            app.synth()


def test_the_cdks_own_functions_may_write_their_own_logs_and_no_others(everything: Synthesized) -> None:
    for name in ("Network", "Storage"):
        stack = everything.stacks[name]
        [function] = stack.of_type("AWS::Lambda::Function").values()
        [policy] = [body for body in stack.of_type("AWS::IAM::Policy").values() if "WriteLogs" in str(body)]
        group = function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]

        assert policy["Properties"]["Roles"] == [{"Ref": function["Properties"]["Role"]["Fn::GetAtt"][0]}]
        [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
        assert statement["Resource"] == {"Fn::GetAtt": [group, "Arn"]}


@pytest.mark.parametrize(
    ("acknowledged", "finding", "covered"),
    [
        ("AwsSolutions-S1", "AwsSolutions-S1", True),
        ("AwsSolutions-S1", "AwsSolutions-S10", False),
        ("AwsSolutions-IAM5[Resource::*]", "AwsSolutions-IAM5[Resource::*]", True),
        ("AwsSolutions-IAM5[Resource::*]", "AwsSolutions-IAM5[Resource::<Media.Arn>/*]", False),
        ("AwsSolutions-IAM5[Resource::.../photos/*]", "AwsSolutions-IAM5[Resource::<Media.Arn>/photos/*]", True),
        ("AwsSolutions-IAM5[Resource::.../photos/*]", "AwsSolutions-IAM5[Resource::*]", False),
    ],
)
def test_an_acknowledgement_covers_the_finding_that_it_names_and_no_other(
    acknowledged: str, finding: str, *, covered: bool
) -> None:
    assert Acknowledgement(acknowledged, "a/b").covers(finding, "a/b/c") is covered
