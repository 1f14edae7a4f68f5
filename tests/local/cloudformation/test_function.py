"""A function is made and changed with everything that its template says."""

import json

from mlstack.local.aws import LocalAws
from tests.local.stacks import Stacks, Template


def resources(code: str, **more: object) -> dict[str, Template]:
    properties = {
        "Runtime": "python3.13",
        "Handler": "index.handle",
        "Role": "arn:aws:iam::123456789012:role/any",
        "Code": {"ZipFile": code},
        "Timeout": 20,
        **more,
    }
    return {"Function": {"Type": "AWS::Lambda::Function", "Properties": properties}}


def answer(local_aws: LocalAws, name: str) -> object:
    return json.loads(local_aws.client("lambda").invoke(FunctionName=name)["Payload"].read())


def test_a_stacks_update_deploys_code_and_environment(stacks: Stacks, local_aws: LocalAws) -> None:
    code = "import os\ndef handle(event, context): return [{}, os.environ.get('COLOUR')]"
    name = stacks.create(resources(code.format(1), Environment={"Variables": {"COLOUR": "red"}}))
    function = stacks.physical_id(name, "Function")

    first = answer(local_aws, function)
    stacks.update(name, resources(code.format(2), Environment={"Variables": {"COLOUR": "blue"}}))
    second = answer(local_aws, function)
    stacks.update(name, resources(code.format(3)))
    third = answer(local_aws, function)

    assert first == [1, "red"]
    assert second == [2, "blue"]
    assert third == [3, None]


def test_a_function_logs_where_its_template_says(stacks: Stacks, local_aws: LocalAws) -> None:
    made = resources("def handle(event, context): print('hello')", LoggingConfig={"LogGroup": {"Ref": "Group"}})
    made["Group"] = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "own-group"}}
    name = stacks.create(made)
    function = stacks.physical_id(name, "Function")

    answer(local_aws, function)

    logs = local_aws.client("logs")
    [stream] = logs.describe_log_streams(logGroupName="own-group")["logStreams"]
    lines = logs.get_log_events(logGroupName="own-group", logStreamName=stream["logStreamName"])["events"]
    assert "hello" in [line["message"] for line in lines]
    assert logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function}")["logGroups"] == []


def test_inline_node_code_runs(stacks: Stacks, local_aws: LocalAws) -> None:
    made = resources("exports.handle = async () => 'from node';", Runtime="nodejs22.x")

    function = stacks.physical_id(stacks.create(made), "Function")

    assert answer(local_aws, function) == "from node"


def test_a_layer_that_is_not_loaded_is_reported(stacks: Stacks, local_aws: LocalAws) -> None:
    layer = "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3:1"

    name = stacks.create(resources("def handle(event, context): pass", Layers=[layer]))

    [gap] = [gap for gap in local_aws.gaps() if gap["stack"] == name]
    assert gap["reason"] == f"layer {layer} is not loaded"


def test_a_functions_architecture_and_tags_are_kept(stacks: Stacks, local_aws: LocalAws) -> None:
    made = resources("def handle(event, context): pass", Architectures=["arm64"], Tags=[{"Key": "layer", "Value": "x"}])

    function = stacks.physical_id(stacks.create(made), "Function")

    said = local_aws.client("lambda").get_function(FunctionName=function)
    assert said["Configuration"]["Architectures"] == ["arm64"]
    assert said["Tags"]["layer"] == "x"
