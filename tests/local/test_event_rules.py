"""What is put on the event bus reaches queues, functions and state machines, and what does not is reported."""

import json
from typing import Any
from uuid import uuid4

from mlstack.local.aws import LocalAws
from tests.local.patience import eventually
from tests.local.stacks import Stacks, Template

ROLE = "arn:aws:iam::123456789012:role/any"
CODE = """
import json, os, boto3
def handle(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""
PASS = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}


def attribute(name: str, of: str = "Arn") -> Template:
    return {"Fn::GetAtt": [name, of]}


def permission(function: str, rule: str) -> Template:
    properties = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": attribute(function),
        "Principal": "events.amazonaws.com",
        "SourceArn": attribute(rule),
    }
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def resources(source: str) -> dict[str, Template]:
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    transformer = {"InputPathsMap": {"key": "$.detail.key"}, "InputTemplate": '{"key": <key>}'}
    targets = [
        {"Id": "Queue", "Arn": attribute("Queue")},
        {"Id": "Machine", "Arn": {"Ref": "Machine"}, "RoleArn": ROLE, "InputPath": "$.detail"},
        {"Id": "Function", "Arn": attribute("Function"), "InputTransformer": transformer},
        {"Id": "Gone", "Arn": "arn:aws:sqs:us-east-1:123456789012:no-such-queue"},
    ]
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handle",
        "Role": ROLE,
        "Timeout": 20,
        "Code": {"ZipFile": CODE},
        "Environment": {"Variables": {"QUEUE": {"Ref": "Heard"}}},
    }
    policy = {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": [allow]}}
    rule = {"EventPattern": {"source": [source], "detail-type": ["Content Flagged"]}, "Targets": targets}
    machine = {"DefinitionString": json.dumps(PASS), "RoleArn": ROLE}
    return {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Heard": {"Type": "AWS::SQS::Queue"},
        "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
        "Rule": {"Type": "AWS::Events::Rule", "Properties": rule},
        "Permission": permission("Function", "Rule"),
        "Hourly": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "ScheduleExpression": "rate(1 hour)",
                "Targets": [{"Id": "Queue", "Arn": attribute("Queue"), "Input": '"the hour"'}],
            },
        },
    }


def test_an_event_reaches_every_target_in_its_own_words(stacks: Stacks, local_aws: LocalAws) -> None:
    source = f"source.{uuid4().hex[:8]}"
    name = stacks.create(resources(source))
    queue, heard = stacks.physical_id(name, "Queue"), stacks.physical_id(name, "Heard")
    machine, states = stacks.physical_id(name, "Machine"), local_aws.client("stepfunctions")

    detail = {"key": 'photos/"a" é.jpg', "n": 1}
    entry = {"Source": source, "DetailType": "Content Flagged", "Detail": json.dumps(detail)}
    local_aws.client("events").put_events(Entries=[entry, {**entry, "DetailType": "Something Else"}])

    def bodies(url: str) -> list[Any]:
        found = local_aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    [event] = eventually(lambda: bodies(queue))
    [said] = eventually(lambda: bodies(heard))
    [execution] = eventually(lambda: states.list_executions(stateMachineArn=machine)["executions"])
    given = states.describe_execution(executionArn=execution["executionArn"])["input"]
    assert (event["source"], event["detail"], event["account"]) == (source, detail, "123456789012")
    assert event["time"].endswith("Z")
    assert said == {"key": detail["key"]}
    assert json.loads(given) == detail
    rule = stacks.physical_id(name, "Rule")
    [undelivered] = [line for line in local_aws.report()["undelivered"] if rule in line]
    assert "there is no such queue" in undelivered


def guarded(source: str, allowed: str) -> dict[str, Template]:
    """Two rules that lead to a function, one of which may invoke it; what is not delivered goes to a queue."""
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Queues": [{"Ref": "Dead"}], "PolicyDocument": {"Statement": [allow]}}
    target = {"Id": "Function", "Arn": attribute("Function"), "DeadLetterConfig": {"Arn": attribute("Dead")}}
    code = {"Runtime": "python3.13", "Handler": "index.handle", "Role": ROLE, "Timeout": 20, "Code": {"ZipFile": CODE}}
    heard = {"Environment": {"Variables": {"QUEUE": {"Ref": "Heard"}}}}
    rules = {
        name: {
            "Type": "AWS::Events::Rule",
            "Properties": {"EventPattern": {"source": [source], "detail-type": [name]}, "Targets": [target]},
        }
        for name in ("First", "Second")
    }
    return {
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Heard": {"Type": "AWS::SQS::Queue"},
        "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {**code, **heard}},
        "Permission": permission("Function", allowed),
        **rules,
    }


def test_a_function_gets_the_events_of_the_rules_that_may_invoke_it(stacks: Stacks, local_aws: LocalAws) -> None:
    source, sqs = f"source.{uuid4().hex[:8]}", local_aws.client("sqs")
    name = stacks.create(guarded(source, "First"))
    heard, dead = stacks.physical_id(name, "Heard"), stacks.physical_id(name, "Dead")

    def put() -> None:
        entries = [{"Source": source, "DetailType": kind, "Detail": "{}"} for kind in ("First", "Second")]
        local_aws.client("events").put_events(Entries=entries)

    def next_of(url: str) -> tuple[str, ...]:
        [message] = eventually(lambda: sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages"))
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        told = message.get("MessageAttributes", {})
        why = [told[key]["StringValue"] for key in ("RULE_ARN", "ERROR_CODE") if key in told]
        return json.loads(message["Body"])["detail-type"], *why

    put()
    before = next_of(heard)[0], next_of(dead)
    stacks.update(name, guarded(source, "Second"))
    put()
    after = next_of(heard)[0], next_of(dead)

    rules = {kind: stacks.physical_id(name, kind) for kind in ("First", "Second")}
    assert stacks.status(name) == "UPDATE_COMPLETE"
    arns = {kind: f"arn:aws:events:us-east-1:123456789012:rule/{rules[kind]}" for kind in rules}
    assert before == ("First", ("Second", arns["Second"], "NO_PERMISSIONS"))
    assert after == ("Second", ("First", arns["First"], "NO_PERMISSIONS"))
    assert [gap for gap in local_aws.gaps() if gap["stack"] == name] == []
