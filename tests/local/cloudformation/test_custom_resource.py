"""Custom resources run their function on Create, Update and Delete, and its word counts."""

import json
from collections.abc import Callable, Iterator

import pytest

from mlstack.local.aws import LocalAws
from mlstack.local.cloudformation.custom_resource import PATIENCE_S, patience
from tests.local.stacks import Stacks, Template

Ledger = Callable[[], list[Template]]

ROLE = "arn:aws:iam::123456789012:role/any"
CODE = """
import json, os
import boto3, cfnresponse

def status_of(stack):
    return boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]

def handle(event, context):
    table = boto3.client("dynamodb")
    table.put_item(TableName=os.environ["LEDGER"], Item={
        "id": {"S": event["RequestId"]}, "event": {"S": json.dumps({**event, "Status": status_of(event["StackId"])})}})
    asked = event["ResourceProperties"]
    if asked.get("Crash") == event["RequestType"]:
        raise ValueError("it crashed")
    if asked.get("Silent") == event["RequestType"]:
        return
    if asked.get("Again") == event["RequestType"] and "Carried" not in event:
        again = json.dumps({**event, "Carried": True}).encode()
        boto3.client("lambda").invoke(FunctionName=context.function_name, InvocationType="Event", Payload=again)
        return
    status = "FAILED" if asked.get("Fail") == event["RequestType"] else "SUCCESS"
    name = asked.get("Name", "first")
    cfnresponse.send(event, context, status, {"Answer": "42 " + name}, name, reason="because")
"""


@pytest.fixture
def ledger(local_aws: LocalAws) -> Iterator[Ledger]:
    table = local_aws.client("dynamodb")
    table.create_table(
        TableName="ledger",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield lambda: [json.loads(item["event"]["S"]) for item in table.scan(TableName="ledger")["Items"]]
    table.delete_table(TableName="ledger")


def updates(events: list[Template]) -> list[tuple[str, str | None, str | None]]:
    """The stack's status at each update, and the colours that it goes from and to; the way back comes last."""
    told = [
        (event["Status"], event["OldResourceProperties"].get("Colour"), event["ResourceProperties"].get("Colour"))
        for event in events
        if event["RequestType"] == "Update"
    ]
    return sorted(told, key=lambda one: "ROLLBACK" in one[0])


def template(**properties: object) -> Template:
    return {
        "Thing": {
            "Type": "Custom::Thing",
            "Properties": {"ServiceToken": {"Fn::GetAtt": ["Provider", "Arn"]}, "Number": 7, **properties},
        },
        "Provider": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handle",
                "Role": ROLE,
                "Code": {"ZipFile": CODE},
                "Timeout": 20,
                "Environment": {"Variables": {"LEDGER": "ledger"}},
            },
        },
    }


OUTPUTS = {
    "Answer": {"Value": {"Fn::GetAtt": ["Thing", "Answer"]}},
    "Id": {"Value": {"Ref": "Thing"}},
}


def test_custom_resource_lives_through_create_update_and_delete(ledger: Ledger, stacks: Stacks) -> None:
    name = stacks.create(template(), Outputs=OUTPUTS)
    created = stacks.outputs(name)
    stacks.update(name, template(Colour="red"), Outputs=OUTPUTS)
    stacks.delete(name)

    events = {event["RequestType"]: event for event in ledger()}
    assert created == {"Answer": "42 first", "Id": "first"}
    assert stacks.status(name) == "DELETED"
    assert events.keys() == {"Create", "Update", "Delete"}
    assert "PhysicalResourceId" not in events["Create"]
    assert events["Create"]["ResourceProperties"]["Number"] == "7"
    assert events["Update"]["PhysicalResourceId"] == "first"
    assert events["Update"]["ResourceProperties"]["Colour"] == "red"
    assert "Colour" not in events["Update"]["OldResourceProperties"]
    assert events["Delete"]["PhysicalResourceId"] == "first"
    assert events["Delete"]["ResourceProperties"]["Colour"] == "red"


def test_custom_resource_with_a_new_physical_id_deletes_the_old_one(ledger: Ledger, stacks: Stacks) -> None:
    name = stacks.create(template(Name="old"), Outputs=OUTPUTS)

    stacks.update(name, template(Name="new"), Outputs=OUTPUTS)

    deleted = [event["PhysicalResourceId"] for event in ledger() if event["RequestType"] == "Delete"]
    assert stacks.outputs(name) == {"Answer": "42 new", "Id": "new"}
    assert deleted == ["old"]


def test_custom_resource_that_says_failed_fails_the_stack_and_is_deleted(ledger: Ledger, stacks: Stacks) -> None:
    name = stacks.create(template(Fail="Create"))

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "Received response status [FAILED] from custom resource. Message returned: because" in stacks.reasons(name)
    assert sorted(event["RequestType"] for event in ledger()) == ["Create", "Delete"]


@pytest.mark.usefixtures("ledger")
def test_custom_resource_whose_function_crashes_fails_the_stack(stacks: Stacks) -> None:
    name = stacks.create(template(Crash="Create"))

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "ValueError: it crashed" in stacks.reasons(name)


@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
def test_custom_resource_whose_function_calls_itself_is_answered_by_the_later_invocation(
    ledger: Ledger, stacks: Stacks, request_type: str
) -> None:
    name = stacks.create(template(Again=request_type), Outputs=OUTPUTS)
    created = stacks.outputs(name)
    stacks.update(name, template(Again=request_type, Colour="red"), Outputs=OUTPUTS)
    updated = stacks.status(name)
    stacks.delete(name)

    assert created == {"Answer": "42 first", "Id": "first"}
    assert (updated, stacks.status(name)) == ("UPDATE_COMPLETE", "DELETED")
    # The later one writes over the first, whose request it carries on.
    assert [event["RequestType"] for event in ledger() if event.get("Carried")] == [request_type]


@pytest.mark.parametrize(("properties", "seconds"), [({"ServiceTimeout": "3600"}, 3600), ({"Number": 7}, PATIENCE_S)])
def test_custom_resource_is_waited_for_as_long_as_its_template_says(properties: Template, seconds: int) -> None:
    assert patience(properties) == seconds


@pytest.mark.usefixtures("ledger")
def test_custom_resource_whose_function_says_nothing_fails_after_its_service_timeout(stacks: Stacks) -> None:
    name = stacks.create(template(Silent="Create", ServiceTimeout="0.1"))

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "the function ended without an answer to ResponseURL" in stacks.reasons(name)


def test_custom_resource_that_fails_its_update_gets_the_properties_of_before(ledger: Ledger, stacks: Stacks) -> None:
    name = stacks.create(template(Colour="red"))

    stacks.update(name, template(Colour="blue", Fail="Update"))

    forth, back = updates(ledger())
    assert stacks.status(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert "because" in stacks.reasons(name)
    assert forth == ("UPDATE_IN_PROGRESS", "red", "blue")
    assert back == ("UPDATE_ROLLBACK_IN_PROGRESS", "blue", "red")


def test_stack_can_be_described_while_an_output_that_fails_is_taken_back(ledger: Ledger, stacks: Stacks) -> None:
    name = stacks.create(template(Colour="red"), Outputs=OUTPUTS)
    broken = {"Broken": {"Value": {"Fn::GetAtt": ["Provider", "Nothing"]}}}

    stacks.update(name, template(Colour="blue"), Outputs=broken)

    assert stacks.status(name) == "UPDATE_ROLLBACK_COMPLETE", stacks.reasons(name)
    assert [status for status, *_ in updates(ledger())] == ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"]
    assert stacks.outputs(name) == {"Answer": "42 first", "Id": "first"}


def test_custom_resource_that_was_changed_is_changed_back_when_another_fails(ledger: Ledger, stacks: Stacks) -> None:
    def both(colour: str, **properties: object) -> Template:
        other = template(Colour="none", **properties)["Thing"]
        return {**template(Colour=colour), "Other": {**other, "DependsOn": "Thing"}}

    name = stacks.create(both("red"))

    stacks.update(name, both("blue", Fail="Update"))

    told = [event for event in ledger() if event["LogicalResourceId"] == "Thing"]
    assert stacks.status(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert updates(told) == [
        ("UPDATE_IN_PROGRESS", "red", "blue"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "blue", "red"),
    ]


def test_custom_resource_that_was_rolled_back_is_updated_from_what_it_is_then(ledger: Ledger, stacks: Stacks) -> None:
    name = stacks.create(template(Colour="red"))

    stacks.update(name, template(Colour="blue", Fail="Update"))
    stacks.update(name, template(Colour="green"))

    assert stacks.status(name) == "UPDATE_COMPLETE"
    assert ("UPDATE_IN_PROGRESS", "red", "green") in updates(ledger())


def test_custom_resource_that_refuses_to_be_rolled_back_leaves_the_stack_stuck(stacks: Stacks, ledger: Ledger) -> None:
    name = stacks.create(template(Crash="Update"))

    stacks.update(name, template(Fail="Update"))

    assert stacks.status(name) == "UPDATE_ROLLBACK_FAILED"
    assert len(updates(ledger())) == 2


@pytest.mark.usefixtures("ledger")
def test_custom_resource_that_fails_its_delete_keeps_the_stack(stacks: Stacks) -> None:
    name = stacks.create(template(Fail="Delete"))

    stacks.delete(name)
    failed = stacks.status(name)
    stacks.update(name, template())
    stacks.delete(name)

    assert failed == "DELETE_FAILED"
    assert stacks.status(name) == "DELETED"


def test_custom_resource_without_a_function_fails_with_the_reason(stacks: Stacks) -> None:
    name = stacks.create({"Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": "arn:aws:sns:x:1:topic"}}})

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "runs only functions" in stacks.reasons(name)


@pytest.mark.usefixtures("ledger")
def test_custom_resources_are_reported(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create(template(Fail="Create"))

    runs = [run for run in local_aws.report()["custom_resources"] if run["stack"] == name]
    assert [(run["request"], run["status"], run["type"]) for run in runs] == [
        ("Create", "FAILED", "Custom::Thing"),
        ("Delete", "SUCCESS", "Custom::Thing"),
    ]
