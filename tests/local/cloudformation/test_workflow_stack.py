"""A stack like a training workflow's: its machine and its registry are heard through rules, a function, a topic."""

import json
from typing import Any

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import inventory
from tests.local.patience import eventually
from tests.local.stacks import Stacks, Template
from tests.local.test_event_rules import attribute, permission

TELLS = """
import boto3, os
def handle(event, context):
    detail = event["detail"]
    message = detail.get("error") or f"{detail['ModelApprovalStatus']} {detail['ModelPackageVersion']}"
    boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Subject=event["detail-type"], Message=message)
"""
ANSWERS = """
import json, urllib.request
def handle(event, context):
    names = ("StackId", "RequestId", "LogicalResourceId")
    said = {"Status": "SUCCESS", "PhysicalResourceId": "models", **{name: event[name] for name in names}}
    request = urllib.request.Request(event["ResponseURL"], data=json.dumps(said).encode(), method="PUT")
    urllib.request.urlopen(request)
"""
FAILS = {"StartAt": "Gate", "States": {"Gate": {"Type": "Fail", "Error": "GateNotPassed", "Cause": "0.61"}}}
GROUP = "mlstack-stacked-waste"


def role(service: str) -> Template:
    allow = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [allow]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}


def function(code: str, **variables: Any) -> Template:  # noqa: ANN401 - JSON
    properties = {
        "Runtime": "python3.13",
        "Handler": "index.handle",
        "Role": attribute("Role"),
        "Timeout": 20,
        "Code": {"ZipFile": code},
        "Environment": {"Variables": variables},
        "LoggingConfig": {"LogGroup": {"Ref": "Logs"}},
    }
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def rule(source: str, kind: str, **detail: Any) -> Template:  # noqa: ANN401 - JSON
    pattern = {"source": [source], "detail-type": [kind], "detail": detail}
    target = {"Id": "Target0", "Arn": attribute("Outcome"), "DeadLetterConfig": {"Arn": attribute("Dead")}}
    retried = {**target, "RetryPolicy": {"MaximumRetryAttempts": 2}}
    return {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern, "Targets": [retried]}}


def sending(queue: str, service: str) -> Template:
    allow = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sqs:SendMessage"}
    properties = {"Queues": [{"Ref": queue}], "PolicyDocument": {"Statement": [{**allow, "Resource": "*"}]}}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}


def resources() -> dict[str, Template]:
    publish = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": {"Ref": "Topic"}}
    machine = {"RoleArn": attribute("MachineRole"), "DefinitionString": json.dumps(FAILS)}
    subscription = {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": attribute("Heard")}
    trained = {"ServiceToken": attribute("Custom"), "Groups": [attribute("Group", "ModelPackageGroupArn")]}
    policy = {"Topics": [{"Ref": "Topic"}], "PolicyDocument": {"Statement": [publish]}}
    ends = ["SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"]
    return {
        "Role": role("lambda"),
        "MachineRole": role("states"),
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "TopicPolicy": {"Type": "AWS::SNS::TopicPolicy", "Properties": policy},
        "Heard": {"Type": "AWS::SQS::Queue"},
        "HeardPolicy": sending("Heard", "sns"),
        "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": subscription},
        "Dead": {"Type": "AWS::SQS::Queue"},
        "DeadPolicy": sending("Dead", "events"),
        "Outcome": function(TELLS, TOPIC={"Ref": "Topic"}),
        "Custom": function(ANSWERS),
        "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
        "Ended": rule(
            "aws.states",
            "Step Functions Execution Status Change",
            status=ends,
            stateMachineArn=[{"Ref": "Machine"}],
        ),
        "Approved": rule(
            "aws.sagemaker",
            "SageMaker Model Package State Change",
            ModelPackageGroupName=[{"prefix": "mlstack-stacked-"}],
            UpdatedModelPackageFields=["ModelApprovalStatus"],
        ),
        "EndedMay": permission("Outcome", "Ended"),
        "ApprovedMay": permission("Outcome", "Approved"),
        "Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {"ModelPackageGroupName": GROUP}},
        "Trained": {"Type": "Custom::TrainedModels", "Properties": trained},
    }


def test_what_a_workflow_and_its_registry_do_is_heard_and_all_of_it_goes(stacks: Stacks, local_aws: LocalAws) -> None:
    before = inventory(local_aws.client)
    sagemaker, sqs = local_aws.client("sagemaker"), local_aws.client("sqs")
    name = stacks.create(resources())
    machine, heard = stacks.physical_id(name, "Machine"), stacks.physical_id(name, "Heard")
    dead = stacks.physical_id(name, "Dead")

    def next_message() -> str:
        messages = eventually(lambda: sqs.receive_message(QueueUrl=heard).get("Messages"))
        sqs.delete_message(QueueUrl=heard, ReceiptHandle=messages[0]["ReceiptHandle"])
        return str(json.loads(messages[0]["Body"])["Message"])

    local_aws.client("stepfunctions").start_execution(stateMachineArn=machine)
    failed = next_message()
    version = sagemaker.create_model_package(ModelPackageGroupName=GROUP)["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=version, ModelApprovalStatus="Approved")
    approved = next_message()
    undelivered = sqs.receive_message(QueueUrl=dead).get("Messages", [])
    sagemaker.delete_model_package(ModelPackageName=version)
    stacks.delete(name)

    assert (failed, approved, undelivered) == ("GateNotPassed", "Approved 1", [])
    assert [gap for gap in local_aws.gaps() if gap["stack"] == name] == []
    assert stacks.status(name) == "DELETED"
    assert inventory(local_aws.client) == before
