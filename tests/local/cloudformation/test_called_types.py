"""Types that their service's own calls make: collections, alarms, dashboards, invoke settings."""

import json

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import Resource, inventory
from tests.local.rekognition.conftest import PNG
from tests.local.stacks import Stacks, Template

ROLE = "arn:aws:iam::123456789012:role/any"


def collection(**properties: object) -> dict[str, Template]:
    return {"Collection": {"Type": "AWS::Rekognition::Collection", "Properties": properties}}


def test_collection_has_a_name_tags_and_an_arn_and_goes_with_its_faces(stacks: Stacks, local_aws: LocalAws) -> None:
    rekognition = local_aws.client("rekognition")
    arn = {"Arn": {"Value": {"Fn::GetAtt": ["Collection", "Arn"]}}}
    before = inventory(local_aws.client)
    name = stacks.create(collection(Tags=[{"Key": "stage", "Value": "test"}]), Outputs=arn)
    made, said = stacks.physical_id(name, "Collection"), stacks.outputs(name)["Arn"]
    rekognition.index_faces(CollectionId=made, Image={"Bytes": PNG})
    left = inventory(local_aws.client) - before

    stacks.update(name, collection(Tags=[{"Key": "stage", "Value": "other"}]), Outputs=arn)
    tags = rekognition.list_tags_for_resource(ResourceArn=said)["Tags"]
    kept = rekognition.describe_collection(CollectionId=made)["FaceCount"]
    stacks.delete(name)

    assert said == f"arn:aws:rekognition:us-east-1:123456789012:collection/{made}"
    assert left == {Resource("collection", made), Resource("stack", name)}
    assert tags == {"stage": "other"}
    assert kept == 1
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        rekognition.describe_collection(CollectionId=made)


def test_collection_with_another_name_is_another_collection(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create(collection(CollectionId="before"))

    stacks.update(name, collection(CollectionId="after"))

    assert stacks.physical_id(name, "Collection") == "after"
    assert local_aws.client("rekognition").list_collections()["CollectionIds"] == ["after"]


def monitoring(threshold: int) -> dict[str, Template]:
    alarm = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": "any"}],
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Period": 60,
        "Statistic": "Maximum",
        "Threshold": threshold,
        "TreatMissingData": "notBreaching",
    }
    metric = {"Metric": {"Namespace": "AWS/Lambda", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"}
    queries = [
        {"Id": "rate", "Expression": "errors * 2", "Label": "twice"},
        {"Id": "errors", "MetricStat": metric, "ReturnData": False},
    ]
    mathematical = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 1}
    body = json.dumps({"widgets": [], "threshold": threshold})
    return {
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm},
        "Math": {"Type": "AWS::CloudWatch::Alarm", "Properties": {**mathematical, "Metrics": queries}},
        "Dashboard": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": body}},
    }


def test_alarms_and_dashboards_keep_their_names_when_they_change(stacks: Stacks, local_aws: LocalAws) -> None:
    cloudwatch, before = local_aws.client("cloudwatch"), inventory(local_aws.client)
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Alarm", "Arn"]}}}
    name = stacks.create(monitoring(1), Outputs=outputs)
    alarm, dashboard = stacks.physical_id(name, "Alarm"), stacks.physical_id(name, "Dashboard")
    kinds = sorted(resource.kind for resource in inventory(local_aws.client) - before)

    stacks.update(name, monitoring(5), Outputs=outputs)
    [changed] = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    body = json.loads(cloudwatch.get_dashboard(DashboardName=dashboard)["DashboardBody"])
    arn = stacks.outputs(name)["Arn"]
    stacks.delete(name)

    assert kinds == ["alarm", "alarm", "dashboard", "stack"]
    assert (changed["Threshold"], changed["AlarmArn"]) == (5.0, arn)
    assert body["threshold"] == 5
    assert inventory(local_aws.client) == before


def test_event_invoke_config_is_put(stacks: Stacks, local_aws: LocalAws) -> None:
    function = {"Runtime": "python3.13", "Handler": "index.handle", "Role": ROLE, "Code": {"ZipFile": "x = 1"}}
    settings = {"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 1}

    name = stacks.create(
        {
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            "Config": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": settings},
        }
    )

    made = stacks.physical_id(name, "Function")
    found = local_aws.client("lambda").get_function_event_invoke_config(FunctionName=made)
    assert found["MaximumRetryAttempts"] == 1
