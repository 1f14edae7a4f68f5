"""The AWS calls of state machines are what the APIs take."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from checks import service_calls
from checks.shapes import spelled
from mlstack.assembly import Assembly

ROLE = {"Fn::GetAtt": ["Role", "Arn"]}
TRAINING: dict[str, Any] = {
    "TrainingJobName.$": "$$.Execution.Name",
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage.$": "$.image", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath.$": "States.Format('s3://{}/models', $.bucket)"},
    "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.g5.xlarge", "VolumeSizeInGB": 30},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}
TRAIN = "arn:aws:states:::sagemaker:createTrainingJob.sync"
SDK = "arn:aws:states:::aws-sdk:"
PUT: dict[str, Any] = {"TableName": "runs", "Item": {"id": {"S.$": "$.id"}, "steps": {"N": "3"}}}


def task(resource: str, parameters: Any = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    given = {} if parameters is None else {"Parameters": parameters}
    return {"Type": "Task", "Resource": resource, "End": True, **given, **more}


def machine(state: dict[str, Any]) -> dict[str, Any]:
    definition = {"StartAt": "Call", "States": {"Call": state}}
    return {
        "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": definition}},
        "Role": {"Type": "AWS::IAM::Role"},
    }


def training(path: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    """The good training job with one part set, or left out where the value is None."""
    parameters = copy.deepcopy(TRAINING)
    *parents, last = path.split(".")
    inside = parameters
    for parent in parents:
        inside = inside[parent]
    inside[last] = value
    if value is None:
        del inside[last]
    return parameters


@pytest.mark.parametrize(
    ("resource", "parameters"),
    [
        (TRAIN, TRAINING),
        (SDK + "sagemaker:describeTrainingJob", {"TrainingJobName.$": "$.name"}),
        (SDK + "sfn:startExecution", {"StateMachineArn": "arn:aws:states:us-east-1:111122223333:stateMachine:Next"}),
        (SDK + "cloudwatchlogs:describeLogGroups", {}),
        (SDK + "rekognition:detectLabels", {"Image": {"S3Object": {"Bucket": "photos", "Name.$": "$.key"}}}),
        (SDK + "sagemakerruntime:invokeEndpoint", {"EndpointName": "e", "Body": {"any": "thing"}}),
        (SDK + "ecs:stopTask", {"Cluster": "lab", "Task.$": "$.task"}),
        (SDK + "rds:stopDBInstance", {"DbInstanceIdentifier": "lab"}),
        ("arn:aws:states:::lambda:invoke", {"FunctionName": "f", "Payload": {"any": ["thing"]}}),
        ("arn:aws:states:::lambda:invoke.waitForTaskToken", {"FunctionName": "f", "Payload.$": "$"}),
        ("arn:aws:states:::dynamodb:putItem", PUT),
        ("arn:aws:states:::sns:publish", {"TopicArn": "t", "Message": {"as": "an object"}}),
        ("arn:aws:states:::events:putEvents", {"Entries": [{"Detail": {"a": 1}, "DetailType": "d", "Source": "s"}]}),
        ("arn:aws:states:::ecs:runTask.sync", {"TaskDefinition": "t", "LaunchType": "FARGATE"}),
        ("arn:aws-cn:states:::batch:submitJob.sync", {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"}),
        ("arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": "arn:x", "Input": {"a.$": "$.b"}}),
    ],
)
def test_service_calls_pass_where_the_api_would_take_them(
    stack_of: Callable[..., Assembly], resource: str, parameters: dict[str, Any]
) -> None:
    report = service_calls.check(stack_of(machine(task(resource, parameters))))

    assert report.findings == ()
    assert report.scope == "1 state machine, 1 AWS call, 0 unchecked calls"


def test_service_calls_read_jsonata(stack_of: Callable[..., Assembly]) -> None:
    good = {"TrainingJobName": "{% $states.input.name %}", "ExtraTags.$": "$.tags", "TrainingJobNam": "x"}

    messages = [
        finding.message
        for finding in service_calls.check(
            stack_of(machine(task(SDK + "sagemaker:describeTrainingJob", Arguments=good)))
        ).findings
    ]

    assert [message.partition(": ")[2] for message in messages] == [
        "ExtraTags.$ is no parameter",
        "TrainingJobNam is no parameter; did you mean TrainingJobName?",
    ]


@pytest.mark.parametrize(
    ("resource", "parameters", "message"),
    [
        ("arn:aws:states:::sagemaker:createTrainingJobs.sync", TRAINING, "did you mean createTrainingJob?"),
        (
            SDK + "sagemaker:describeTrainingJobz",
            {},
            "no action describeTrainingJobz; did you mean describeTrainingJob?",
        ),
        (SDK + "sagemakr:describeTrainingJob", {}, "no service sagemakr; did you mean sagemaker?"),
        (SDK + "events:putEvents", {"Entries": []}, "no service events"),
        (SDK + "sagemaker:createTrainingJob.sync", TRAINING, "does not exist as .sync"),
        ("arn:aws:states:::sagemaker:createModel.sync", {}, "does not exist as .sync"),
        ("arn:aws:states:::sagemaker:describeTrainingJob", {}, "no optimised integration describeTrainingJob"),
        ("arn:aws:states:::rekognition:detectLabels", {}, "write aws-sdk:rekognition:detectLabels"),
        (TRAIN, training("OutputDataConfig", None), "OutputDataConfig is missing"),
        (TRAIN, training("ResourceConfig.InstanceType", "ml.g5.xlargee"), "did you mean ml.g5.xlarge?"),
        (TRAIN, training("ResourceConfig.InstanceTyp", "ml.g5.xlarge"), "ResourceConfig.InstanceTyp is no parameter"),
        (TRAIN, training("ResourceConfig.InstanceCount", "1"), "'1' is not a whole number"),
        (TRAIN, training("StoppingCondition.MaxRuntimeInSeconds", 0), "0 is less than 1"),
        (TRAIN, training("EnableNetworkIsolation", "true"), "'true' is not true or false"),
        (TRAIN, training("InputDataConfig", {}), "InputDataConfig: {} is not a list"),
        (TRAIN, training("ResourceConfig", []), "ResourceConfig: [] is not an object"),
        (TRAIN, training("TrainingJobName", "no_underscores"), "does not match"),
        (TRAIN, training("TrainingJobName", "a" * 64), "64 characters is more than 63"),
        (TRAIN, training("TrainingJobName", "$.name"), "its key must end in .$"),
        (TRAIN, training("Environment", {"not-a-name": "x"}), "the key Environment.not-a-name"),
        (SDK + "ecs:stopTask", {"cluster": "lab", "Task": "t"}, "cluster is no parameter; did you mean Cluster?"),
        (SDK + "ecs:stopTask", {"Cluster": "lab"}, "Task is missing"),
        ("arn:aws:states:::dynamodb:putItem", {**PUT, "Item": {"n": {"N": 3}}}, "Item.n.N: 3 is not a string"),
        (SDK + "sns:publish", {"Message": {"as": "an object"}}, "is not a string"),
        (SDK + "bedrockagent:createDataSource", {}, "is missing"),
    ],
)
def test_service_calls_catch_what_the_api_would_refuse(
    stack_of: Callable[..., Assembly], resource: str, parameters: dict[str, Any], message: str
) -> None:
    findings = service_calls.check(stack_of(machine(task(resource, parameters)))).findings

    assert any(finding.place == "Lab/Machine/Call" and message in finding.message for finding in findings), findings


@pytest.mark.parametrize(
    "outer",
    [
        {"Type": "Map", "ItemProcessor": {"States": {"Inner": task(SDK + "sqs:sendMessagez", {})}}},
        {"Type": "Map", "Iterator": {"States": {"Inner": task(SDK + "sqs:sendMessagez", {})}}},
        {"Type": "Parallel", "Branches": [{"States": {}}, {"States": {"Inner": task(SDK + "sqs:sendMessagez", {})}}]},
    ],
)
def test_service_calls_are_found_inside_other_states(stack_of: Callable[..., Assembly], outer: dict[str, Any]) -> None:
    findings = service_calls.check(stack_of(machine(outer))).findings

    assert [finding.place for finding in findings] == ["Lab/Machine/Inner"]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (
            task("arn:aws:states:::apigateway:invoke", {"ApiEndpoint": "x"}),
            "apigateway:invoke has parameters of its own",
        ),
        (
            task("arn:aws:states:::elasticmapreduce:addStep.sync", {}),
            "elasticmapreduce:addStep has parameters of its own",
        ),
        (task("arn:aws:lambda:us-east-1:111122223333:function:f"), "is no service integration"),
        (task(TRAIN), "sagemaker:createTrainingJob takes its parameters from the state's input"),
        (task(TRAIN, Arguments="{% $states.input %}"), "takes its parameters from an expression"),
        (
            {"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {}}},
            "s3:listObjectsV2 of a Map has parameters of its own",
        ),
    ],
)
def test_service_calls_that_cannot_be_judged_are_counted_and_named(
    stack_of: Callable[..., Assembly], state: dict[str, Any], reason: str
) -> None:
    report = service_calls.check(stack_of(machine(state)))

    assert report.scope == "1 state machine, 0 AWS calls, 1 unchecked call"
    assert [reason in finding.message for finding in report.unjudged] == [True]


def test_service_calls_report_a_definition_that_cannot_be_read(stack_of: Callable[..., Assembly]) -> None:
    properties = {"DefinitionString": {"Ref": "Nobody"}}

    report = service_calls.check(
        stack_of({"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}})
    )

    assert len(report.findings) == 1


@pytest.mark.parametrize(
    ("native", "expected"),
    [
        ("cluster", ("Cluster",)),
        ("InstanceType", ("InstanceType",)),
        ("S3Uri", ("S3Uri",)),
        ("DBInstanceIdentifier", ("DBInstanceIdentifier", "DbInstanceIdentifier")),
        ("MD5OfBody", ("MD5OfBody", "Md5OfBody")),
    ],
)
def test_parameters_are_spelled_as_step_functions_spells_them(native: str, expected: tuple[str, ...]) -> None:
    assert spelled(native) == expected
