"""A backfill: a manifest in, one function call a batch, and no permission to spare."""

import json
import time
from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import boto3
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from moto import mock_aws

from checks import service_calls, state_machines, templates
from mlstack.assembly import Assembly
from stacks.ai_services.backfill import Backfill, BackfillProps
from stacks.aws_solutions import AwsSolutions
from stacks.components.bucket import PrivateBucket, PrivateBucketProps
from stacks.components.retention import Retention
from tests.templates.synthesis import FLAGS

LIFE_OF_AN_EXPRESS_CHILD_S = 300
# statelint 3.1 knows only MaxItems there; Step Functions wants it:
# https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
UNKNOWN_TO_STATELINT = 'Field "InputType" not allowed'


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """A stack with a backfill, synthesized under the rule packs."""
    folder = tmp_path_factory.mktemp("backfill")
    app = cdk.App(context=FLAGS, outdir=str(folder))
    stack = cdk.Stack(app, "mlstack-sandbox-Vision", env=cdk.Environment(region="eu-west-1"))
    results = PrivateBucket(stack, "Results", PrivateBucketProps(retention=Retention.EPHEMERAL)).resource
    function = lambda_.Function.from_function_attributes(
        stack, "Function", function_arn="arn:aws:lambda:eu-west-1:123456789012:function:analyse", same_environment=True
    )
    Backfill(
        stack,
        "Backfill",
        BackfillProps(function=function, results=results, log_retention=logs.RetentionDays.ONE_WEEK, max_concurrency=7),
    )
    cdk.Validations.of(app).add_plugins(AwsSolutions(app))
    app.synth()
    return Assembly.read(folder)


@pytest.fixture(scope="module")
def batches(assembly: Assembly) -> dict[str, Any]:
    """The Map, with every value known."""
    [definition] = state_machines.definitions(assembly)
    states: Any = definition.body["States"]
    found: dict[str, Any] = states["Batches"]
    return found


def statements(assembly: Assembly) -> Iterator[tuple[set[str], str]]:
    """What the state machine's role may do, and on what."""
    [stack] = assembly.stacks
    for name, policy in stack.of_type("AWS::IAM::Policy").items():
        if name.startswith("Backfill"):
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                action = statement["Action"]
                yield ({action} if isinstance(action, str) else set(action)), json.dumps(statement["Resource"])


def test_the_template_and_its_definition_pass_every_gate(assembly: Assembly) -> None:
    findings = [
        finding
        for gate in (templates, state_machines, service_calls)
        for finding in gate.check(assembly).findings
        if UNKNOWN_TO_STATELINT not in str(finding)
    ]

    assert findings == []


def test_each_batch_is_one_express_child_and_only_some_run_at_once(batches: dict[str, Any]) -> None:
    assert batches["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    assert batches["MaxConcurrency"] == 7
    assert batches["ItemReader"]["ReaderConfig"] == {"InputType": "JSON"}


def test_a_batch_that_fails_is_counted_and_ends_no_other(batches: dict[str, Any]) -> None:
    [analyse] = batches["ItemProcessor"]["States"].values()

    assert batches["ToleratedFailurePercentage"] == 100
    assert "Catch" not in analyse


def test_retries_wait_longer_each_time_and_leave_a_child_time_to_work(batches: dict[str, Any]) -> None:
    [analyse] = batches["ItemProcessor"]["States"].values()
    passing, cut_off = analyse["Retry"]

    waits = [
        min(passing["IntervalSeconds"] * passing["BackoffRate"] ** turn, passing["MaxDelaySeconds"])
        for turn in range(passing["MaxAttempts"])
    ]

    assert {"ComeAgainError", "Lambda.TooManyRequestsException"} <= set(passing["ErrorEquals"])
    assert (passing["JitterStrategy"], max(waits)) == ("FULL", 60)
    assert sum(waits) + analyse["TimeoutSeconds"] < LIFE_OF_AN_EXPRESS_CHILD_S
    assert cut_off["MaxAttempts"] * analyse["TimeoutSeconds"] < LIFE_OF_AN_EXPRESS_CHILD_S


def test_outcomes_go_to_s3_under_the_runs_own_name(batches: dict[str, Any]) -> None:
    prefix = batches["ResultWriter"]["Parameters"]["Prefix.$"]

    assert prefix == "States.Format('vision/backfill/{}/results', $$.Execution.Name)"
    assert set(batches["ResultSelector"]) == {"map_run.$", "results.$"}


def test_the_role_may_do_exactly_what_a_run_does(assembly: Assembly) -> None:
    granted = {action: resource for actions, resource in statements(assembly) for action in actions}

    assert {action for action in granted if not action.startswith("logs:")} == {
        "lambda:InvokeFunction",
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
        "states:DescribeExecution",
        "states:StartExecution",
        "states:StopExecution",
    }
    assert granted["lambda:InvokeFunction"].endswith(':function:analyse"')
    assert granted["s3:GetObject"].endswith('/vision/backfill/*"]]}')
    assert granted["s3:PutObject"].endswith('/vision/backfill/*/results/*"]]}')
    assert {action for action, resource in granted.items() if resource == '"*"'} == {
        action for action in granted if action.startswith("logs:")
    }


def test_errors_are_logged_without_data_to_a_group_that_goes_with_the_stack(assembly: Assembly) -> None:
    [stack] = assembly.stacks
    [machine] = stack.of_type("AWS::StepFunctions::StateMachine").values()
    [group] = stack.of_type("AWS::Logs::LogGroup").values()

    assert machine["Properties"]["LoggingConfiguration"]["Level"] == "ERROR"
    assert machine["Properties"]["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert (group["DeletionPolicy"], group["Properties"]["RetentionInDays"]) == ("Delete", 7)
    assert group["Properties"]["LogGroupName"] == "/aws/vendedlogs/states/mlstack-sandbox-Vision-Backfill"


@pytest.mark.parametrize("analyses", [None, ["labels"]])
def test_a_run_hands_every_batch_of_its_manifest_to_the_function(
    batches: dict[str, Any], analyses: list[str] | None
) -> None:
    manifest = [{"bucket": "media", "objects": [{"key": f"{number} \N{CAT FACE}\n.jpg"}]} for number in range(3)]

    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        handed, output = ran(batches, manifest, analyses)

    expected = [{"backfill": "run", "analyses": analyses, **batch} for batch in manifest]
    assert sorted(handed, key=str) == sorted(expected, key=str)
    assert output["results"]["Key"].startswith("vision/backfill/run/results/")


def ran(
    batches: dict[str, Any], manifest: list[dict[str, Any]], analyses: list[str] | None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What the function is handed by a run over a manifest, and the run's output, as moto's interpreter has it."""
    key = "vision/backfill/x/manifest.json"
    s3, machines, sqs = boto3.client("s3"), boto3.client("stepfunctions"), boto3.client("sqs")
    queue = sqs.create_queue(QueueName="handed")["QueueUrl"]
    s3.create_bucket(Bucket=batches["ItemReader"]["Parameters"]["Bucket"])
    s3.put_object(Bucket=batches["ItemReader"]["Parameters"]["Bucket"], Key=key, Body=json.dumps(manifest))
    machine = machines.create_state_machine(
        name="x", definition=runnable(batches, queue), roleArn="arn:aws:iam::123456789012:role/x"
    )
    run = machines.start_execution(
        stateMachineArn=machine["stateMachineArn"],
        name="run",
        input=json.dumps({"manifest": key, "analyses": analyses}),
    )
    while (told := machines.describe_execution(executionArn=run["executionArn"]))["status"] == "RUNNING":
        time.sleep(0.02)
    assert told["status"] == "SUCCEEDED"
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages], json.loads(told["output"])


def runnable(batches: dict[str, Any], queue: str) -> str:
    """The definition with a queue in the function's place, in the words that moto 5.2 has."""
    copy: dict[str, Any] = json.loads(json.dumps(batches))
    copy["ToleratedFailurePercentage"] = 100.0
    copy["ItemProcessor"]["ProcessorConfig"]["ExecutionType"] = "STANDARD"
    [analyse] = copy["ItemProcessor"]["States"].values()
    del analyse["ResultSelector"]
    analyse["Resource"] = "arn:aws:states:::sqs:sendMessage"
    analyse["Parameters"] = {"QueueUrl": queue, "MessageBody.$": analyse["Parameters"]["Payload.$"]}
    return json.dumps({"StartAt": "Batches", "States": {"Batches": copy}})
