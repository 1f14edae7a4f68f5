"""cfn-lint runs over every template, for its region."""

from collections.abc import Callable
from typing import Any

from checks import templates
from mlstack.assembly import Assembly

GOOD = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60}}}


def bucket(status: str) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": status}}}


def test_templates_pass_where_cloudformation_would_take_them(stack_of: Callable[..., Assembly]) -> None:
    report = templates.check(stack_of(GOOD))

    assert report.findings == ()
    assert report.scope == "1 template"


def test_templates_show_that_nothing_was_looked_at() -> None:
    assert templates.check(Assembly(())).scope == "0 templates"


def test_templates_catch_errors_and_warnings(stack_of: Callable[..., Assembly]) -> None:
    faulty = {
        "Value": bucket("Enabledd"),
        "Property": {"Type": "AWS::S3::Bucket", "Properties": {"Versioning": True}},
        "Type": {"Type": "AWS::S3::Bukket"},
        "Warning": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
    }

    findings = templates.check(stack_of({**GOOD, **faulty})).findings

    assert {(finding.place, finding.message[:5]) for finding in findings} == {
        ("Lab/Value", "E3030"),
        ("Lab/Property", "E3002"),
        ("Lab/Type", "E3006"),
        ("Lab/Warning", "W3011"),
    }


def test_templates_accept_the_redundant_order_that_the_cdk_writes(stack_of: Callable[..., Assembly]) -> None:
    redundant = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::GetAtt": ["Queue", "QueueName"]}}}

    report = templates.check(stack_of({**GOOD, "Topic": {**redundant, "DependsOn": "Queue"}}))

    assert report.findings == ()


def test_templates_are_linted_for_their_own_region(stack_of: Callable[..., Assembly]) -> None:
    resources = {"Project": {"Type": "AWS::Lookout::Nothing"}, "Zone": {"Type": "AWS::DevOpsGuru::ResourceCollection"}}

    messages = [each.message for each in templates.check(stack_of(resources, "aws://123456789012/af-south-1")).findings]

    assert any("af-south-1" in message for message in messages)


def test_templates_of_many_stacks_are_shared_out_without_losing_a_finding(
    assembly_of: Callable[[dict[str, dict[str, Any]]], Assembly],
) -> None:
    faulty = {f"Stack{number}": {"Resources": {"Bucket": bucket("Enabledd")}} for number in range(3)}

    report = templates.check(assembly_of({**faulty, "Good": {"Resources": GOOD}}))

    assert sorted(finding.place for finding in report.findings) == ["Stack0/Bucket", "Stack1/Bucket", "Stack2/Bucket"]
    assert report.scope == "4 templates"
