"""What holds for the whole stage, on every template of it."""

from collections.abc import Iterator

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from mlstack.assembly import Stack
from stacks.components.acknowledgement import Acknowledgement
from tests.templates.synthesis import Synthesize, Synthesized

TAGS = {
    "Network": {"layer": "foundation"},
    "Storage": {"layer": "foundation"},
    "Vision": {"layer": "ai-services"},
}
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
    return synthesize("sandbox", {"network": {"interface_endpoints": ["ssm"], "flow_logs": True}})


def taggable(stack: Stack) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Each resource that CloudFormation's own schema calls taggable."""
    for logical_id, resource in stack.resources.items():
        if resource["Type"].startswith(("Custom::", "AWS::CDK::")):
            continue
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource["Type"]).schema
        if schema.get("tagging", {}).get("taggable", True) and "Tags" in schema["properties"]:
            yield logical_id, resource["Properties"]["Tags"]
        if resource["Type"] == "AWS::DynamoDB::GlobalTable":
            yield logical_id, resource["Properties"]["Replicas"][0]["Tags"]


@pytest.mark.parametrize("name", TAGS)
def test_everything_taggable_says_whose_it_is_and_how_long(everything: Synthesized, name: str) -> None:
    stack = everything.stacks[name]
    wanted = EVERYWHERE | TAGS[name]

    tagged = {logical_id: {tag["Key"]: tag["Value"] for tag in tags} for logical_id, tags in taggable(stack)}

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

    assert len(functions) == 3
    assert {group["DeletionPolicy"] for group in groups} == {"Delete"}
    assert {group["Properties"]["RetentionInDays"] for group in groups} == {7}


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


def test_no_template_holds_a_customer_managed_key_a_parameter_or_an_export(
    everything: Synthesized, production: Synthesized
) -> None:
    for stack in (*everything.assembly.stacks, *production.assembly.stacks):
        exports = [name for name, output in stack.template.get("Outputs", {}).items() if "Export" in output]
        assert stack.of_type("AWS::KMS::Key") == {}
        assert set(stack.template.get("Parameters", {})) <= {"BootstrapVersion"}
        assert exports == []


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
