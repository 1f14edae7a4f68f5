"""Endpoints: idle ones cost nothing, changes are guarded, names are stable, roles hold what one endpoint needs."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template

from mlstack.assembly import Stack
from tests.templates.synthesis import Synthesize, Synthesized

EVERY = tomllib.loads(Path(__file__).with_name("endpoints.toml").read_text(encoding="utf-8"))
NAMES = {name for kind in EVERY.values() for name in kind}

ALONE = {"vision": {"enabled": False}, "training": {"enabled": False}}


@pytest.fixture(scope="module")
def every(synthesize: Synthesize) -> Synthesized:
    """A stage with every kind of endpoint."""
    return synthesize("sandbox", {**ALONE, "endpoints": EVERY})


@pytest.fixture(scope="module")
def template(every: Synthesized) -> Template:
    """Its endpoints."""
    return every.template("Endpoints")


@pytest.fixture(scope="module")
def stack(every: Synthesized) -> Stack:
    """The same, as the command line reads it."""
    return every.stacks["Endpoints"]


def outputs(stack: Stack) -> dict[str, Any]:
    """What the stack tells."""
    return {name: one["Value"] for name, one in stack.template["Outputs"].items()}


def of_endpoint(stack: Stack, kind: str, name: str) -> dict[str, Any]:
    """The one resource of a type that names an endpoint, or something made for it."""
    found = [one for one in stack.of_type(kind).values() if f"mlstack-sandbox-{name}" in json.dumps(one["Properties"])]
    [one] = found
    properties: dict[str, Any] = one["Properties"]
    return properties


def config_of(stack: Stack, name: str) -> dict[str, Any]:
    """The configuration of an endpoint."""
    reference = of_endpoint(stack, "AWS::SageMaker::Endpoint", name)["EndpointConfigName"]["Fn::GetAtt"][0]
    properties: dict[str, Any] = stack.resources[reference]["Properties"]
    return properties


def variant_of(stack: Stack, name: str) -> dict[str, Any]:
    """The one variant of an endpoint."""
    [variant] = config_of(stack, name)["ProductionVariants"]
    found: dict[str, Any] = variant
    return found


def statements(stack: Stack) -> Iterator[dict[str, Any]]:
    """Every statement of every policy."""
    for policy in stack.of_type("AWS::IAM::Policy").values():
        yield from policy["Properties"]["PolicyDocument"]["Statement"]


def actions(statement: dict[str, Any]) -> list[str]:
    """What a statement allows."""
    allowed = statement["Action"]
    return [allowed] if isinstance(allowed, str) else allowed


def test_every_endpoint_has_a_stable_name_and_its_configuration_a_generated_one(stack: Stack) -> None:
    named = {one["Properties"]["EndpointName"] for one in stack.of_type("AWS::SageMaker::Endpoint").values()}

    assert named == {f"mlstack-sandbox-{name}" for name in NAMES}
    assert all(
        "EndpointConfigName" not in one["Properties"]
        for one in stack.of_type("AWS::SageMaker::EndpointConfig").values()
    )
    assert all("ModelName" not in one["Properties"] for one in stack.of_type("AWS::SageMaker::Model").values())


def test_every_endpoint_has_one_variant_whose_name_never_changes(stack: Stack) -> None:
    variants = [
        one["Properties"]["ProductionVariants"] for one in stack.of_type("AWS::SageMaker::EndpointConfig").values()
    ]

    assert [[variant["VariantName"] for variant in found] for found in variants] == [["AllTraffic"]] * len(NAMES)


def test_a_serverless_endpoint_has_memory_and_concurrency_and_no_instance(stack: Stack) -> None:
    variant = variant_of(stack, "forest")

    assert variant["ServerlessConfig"] == {"MaxConcurrency": 20, "MemorySizeInMB": 4096}
    assert not {"InstanceType", "InitialInstanceCount"} & set(variant)


def test_an_asynchronous_endpoint_falls_to_zero_on_its_backlog_and_wakes_on_the_first_request(
    stack: Stack, template: Template
) -> None:
    only_the_endpoint = [{"Name": "EndpointName", "Value": "mlstack-sandbox-bulk"}]

    target = of_target(stack, "Bulk")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 3)
    assert target["ScalableDimension"] == "sagemaker:variant:DesiredInstanceCount"
    template.has_resource_properties(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        {
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": Match.object_like(
                {
                    "CustomizedMetricSpecification": Match.object_like(
                        {"MetricName": "ApproximateBacklogSizePerInstance", "Dimensions": only_the_endpoint}
                    ),
                    "TargetValue": 8,
                }
            ),
        },
    )
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "MetricName": "HasBacklogWithoutCapacity",
            "Dimensions": only_the_endpoint,
            "Threshold": 1,
            "EvaluationPeriods": 2,
            "TreatMissingData": "missing",
            "AlarmActions": [{"Ref": Match.string_like_regexp("BulkWake.*")}],
        },
    )


def of_target(stack: Stack, construct: str) -> dict[str, Any]:
    """The scalable target that an endpoint's construct made."""
    found = [
        one["Properties"]
        for name, one in stack.of_type("AWS::ApplicationAutoScaling::ScalableTarget").items()
        if name.startswith(construct)
    ]
    [properties] = found
    target: dict[str, Any] = properties
    return target


def test_an_asynchronous_endpoint_is_made_with_one_instance_because_sagemaker_takes_no_less(stack: Stack) -> None:
    assert variant_of(stack, "bulk")["InitialInstanceCount"] == 1


def test_what_an_asynchronous_endpoint_keeps_expires_after_the_days_of_the_profile(template: Template) -> None:
    rule = {"Prefix": "asynchronous/bulk/", "ExpirationInDays": 3, "Status": "Enabled"}

    template.has_resource_properties(
        "AWS::S3::Bucket", {"LifecycleConfiguration": {"Rules": Match.array_with([Match.object_like(rule)])}}
    )


def test_an_asynchronous_endpoint_tells_a_topic_where_the_profile_wants_it(stack: Stack) -> None:
    told = config_of(stack, "bulk")["AsyncInferenceConfig"]["OutputConfig"]["NotificationConfig"]

    assert set(told) == {"SuccessTopic", "ErrorTopic"}
    assert "NotificationConfig" not in config_of(stack, "private")["AsyncInferenceConfig"]["OutputConfig"]


def test_a_realtime_endpoint_falls_to_no_copy_and_no_instance_and_wakes_when_asked_in_vain(
    stack: Stack, template: Template
) -> None:
    component = [{"Name": "InferenceComponentName", "Value": "mlstack-sandbox-waste-sorter"}]
    variant = variant_of(stack, "waste-sorter")

    assert variant["ManagedInstanceScaling"] == {
        "MaxInstanceCount": 2,
        "MinInstanceCount": 0,
        "ScaleInPolicy": {"Strategy": "IDLE_RELEASE"},
        "Status": "ENABLED",
    }
    assert "ModelName" not in variant
    assert "ExecutionRoleArn" in config_of(stack, "waste-sorter")
    target = of_target(stack, "WasteSorter")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 4)
    assert target["ResourceId"] == "inference-component/mlstack-sandbox-waste-sorter"
    assert target["ScalableDimension"] == "sagemaker:inference-component:DesiredCopyCount"
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "MetricName": "NoCapacityInvocationFailures",
            "Dimensions": component,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        },
    )


def test_a_component_has_the_processors_memory_and_accelerators_of_the_profile(stack: Stack) -> None:
    component = of_endpoint(stack, "AWS::SageMaker::InferenceComponent", "gpu")

    assert component["Specification"]["ComputeResourceRequirements"] == {
        "MinMemoryRequiredInMb": 8192,
        "NumberOfAcceleratorDevicesRequired": 1,
        "NumberOfCpuCoresRequired": 1,
    }


def test_a_component_scales_only_after_it_was_made(stack: Stack) -> None:
    [target] = [
        one
        for one in stack.of_type("AWS::ApplicationAutoScaling::ScalableTarget").values()
        if one["Properties"]["ResourceId"] == "inference-component/mlstack-sandbox-waste-sorter"
    ]

    made = {stack.resources[name]["Type"] for name in target["DependsOn"]}
    assert "AWS::SageMaker::InferenceComponent" in made


def test_a_classic_endpoint_has_two_instances_or_more_and_grows_by_requests(stack: Stack, template: Template) -> None:
    target = of_target(stack, "Steady")

    assert variant_of(stack, "steady")["InitialInstanceCount"] == 3
    assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 9)
    template.has_resource_properties(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        {
            "TargetTrackingScalingPolicyConfiguration": Match.object_like(
                {"PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}
            )
        },
    )


def test_a_canary_moves_a_part_waits_for_its_alarms_and_goes_back_by_itself(stack: Stack) -> None:
    endpoint = of_endpoint(stack, "AWS::SageMaker::Endpoint", "steady")

    deployment = endpoint["DeploymentConfig"]
    assert deployment["BlueGreenUpdatePolicy"] == {
        "MaximumExecutionTimeoutInSeconds": 3600,
        "TerminationWaitInSeconds": 900,
        "TrafficRoutingConfiguration": {
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 40},
            "Type": "CANARY",
            "WaitIntervalInSeconds": 600,
        },
    }
    watched = {
        stack.resources[alarm["AlarmName"]["Ref"]]["Properties"]["MetricName"]
        for alarm in deployment["AutoRollbackConfiguration"]["Alarms"]
    }
    assert watched == {"Invocation5XXErrors", "ModelLatency"}


def test_a_slow_model_is_measured_in_microseconds(template: Template) -> None:
    template.has_resource_properties("AWS::CloudWatch::Alarm", {"MetricName": "ModelLatency", "Threshold": 250_000})


def test_linear_and_rolling_deployments_are_what_they_are_called(stack: Stack) -> None:
    linear, rolling = (
        of_endpoint(stack, "AWS::SageMaker::Endpoint", name)["DeploymentConfig"] for name in ("linear", "rolling")
    )

    assert linear["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["LinearStepSize"]["Value"] == 25
    assert rolling["RollingUpdatePolicy"]["MaximumBatchSize"] == {"Type": "CAPACITY_PERCENT", "Value": 50}
    assert "BlueGreenUpdatePolicy" not in rolling


def test_a_deployment_keeps_the_instances_that_scaling_reached(stack: Stack) -> None:
    endpoint = of_endpoint(stack, "AWS::SageMaker::Endpoint", "steady")

    assert endpoint["RetainAllVariantProperties"] is True
    assert "ExcludeRetainedVariantProperties" not in endpoint  # AWS calls that unsupported for data capture


def test_a_new_model_of_an_asynchronous_endpoint_is_tried_on_an_instance_although_it_slept(stack: Stack) -> None:
    assert "RetainAllVariantProperties" not in of_endpoint(stack, "AWS::SageMaker::Endpoint", "bulk")


def test_roles_of_watched_endpoints_may_look_at_alarms_and_others_not(stack: Stack) -> None:
    looking = [one for one in statements(stack) if "cloudwatch:DescribeAlarms" in actions(one)]

    assert len(looking) == len(NAMES - set(EVERY["serverless"]))


def test_a_role_reads_the_model_before_too_because_an_endpoint_may_go_back(stack: Stack) -> None:
    read = [json.dumps(one["Resource"]) for one in statements(stack) if actions(one) == ["s3:GetObject"]]

    assert any("s3:::models/*.tar.gz" in text for text in read), read
    assert any('/*.gz"' in text for text in read)


def test_an_endpoint_is_deleted_before_the_bucket_that_it_writes_to_is_emptied(stack: Stack) -> None:
    for name in ("bulk", "steady"):
        [endpoint] = [
            one
            for one in stack.of_type("AWS::SageMaker::Endpoint").values()
            if one["Properties"]["EndpointName"] == f"mlstack-sandbox-{name}"
        ]

        before = {stack.resources[other]["Type"] for other in endpoint["DependsOn"]}
        assert {"AWS::S3::BucketPolicy", "Custom::S3AutoDeleteObjects"} <= before


def test_nothing_is_made_with_a_role_before_its_policy(stack: Stack) -> None:
    config = next(
        one
        for one in stack.of_type("AWS::SageMaker::EndpointConfig").values()
        if "ExecutionRoleArn" in one["Properties"]
    )

    assert "AWS::IAM::Policy" in {stack.resources[other]["Type"] for other in config["DependsOn"]}


def test_data_is_captured_as_often_and_kept_as_long_as_the_profile_says(stack: Stack, template: Template) -> None:
    capture = config_of(stack, "steady")["DataCaptureConfig"]
    rule = {"Prefix": "captured/steady/", "ExpirationInDays": 5}

    assert (capture["EnableCapture"], capture["InitialSamplingPercentage"]) == (True, 50)
    assert capture["CaptureOptions"] == [{"CaptureMode": "InputAndOutput"}]
    template.has_resource_properties(
        "AWS::S3::Bucket", {"LifecycleConfiguration": {"Rules": Match.array_with([Match.object_like(rule)])}}
    )


def test_every_endpoint_logs_to_a_group_that_ends_with_the_stack(stack: Stack) -> None:
    every = stack.of_type("AWS::Logs::LogGroup").values()
    groups = {one["Properties"]["LogGroupName"]: one for one in every if "LogGroupName" in one["Properties"]}

    assert set(groups) == {f"/aws/sagemaker/Endpoints/mlstack-sandbox-{name}" for name in NAMES} | {
        f"/aws/sagemaker/InferenceComponents/mlstack-sandbox-{name}" for name in EVERY["realtime"]
    }
    assert all(one["DeletionPolicy"] == "Delete" for one in groups.values())
    assert all(one["Properties"]["RetentionInDays"] == 7 for one in groups.values())


def test_an_endpoint_is_deleted_before_its_logs(stack: Stack) -> None:
    for endpoint in stack.of_type("AWS::SageMaker::Endpoint").values():
        before = {stack.resources[name]["Properties"].get("LogGroupName") for name in endpoint["DependsOn"]}

        assert f"/aws/sagemaker/Endpoints/{endpoint['Properties']['EndpointName']}" in before


def test_an_endpoint_in_the_vpc_has_no_way_in_and_https_out(stack: Stack) -> None:
    [group] = stack.of_type("AWS::EC2::SecurityGroup").values()

    assert "SecurityGroupIngress" not in group["Properties"]
    assert [rule["FromPort"] for rule in group["Properties"]["SecurityGroupEgress"]] == [443]
    isolated = [
        one["Properties"] for one in stack.of_type("AWS::SageMaker::Model").values() if "VpcConfig" in one["Properties"]
    ]
    assert [one["EnableNetworkIsolation"] for one in isolated] == [True]


def test_no_role_has_a_managed_policy_or_an_action_with_a_wildcard(every: Synthesized) -> None:
    for name in ("Endpoints", "Images"):
        stack = every.stacks[name]

        assert "AmazonSageMakerFullAccess" not in json.dumps(stack.template)
        roles = stack.of_type("AWS::IAM::Role").values()
        assert all(not role["Properties"].get("ManagedPolicyArns") for role in roles)
        assert not [action for one in statements(stack) for action in actions(one) if "*" in action]


def test_only_the_account_s_own_sagemaker_may_take_a_role(stack: Stack) -> None:
    for role in stack.of_type("AWS::IAM::Role").values():
        [trust] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if trust["Principal"] == {"Service": "lambda.amazonaws.com"}:
            continue  # the CDK's, which empties the bucket

        assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_what_names_no_resource_is_a_login_a_metric_or_a_network_interface(stack: Stack) -> None:
    everywhere = {action for one in statements(stack) if one["Resource"] == "*" for action in actions(one)}

    assert {action for action in everywhere if not action.startswith("ec2:")} == {
        "cloudwatch:PutMetricData",
        "ecr:GetAuthorizationToken",
    }


def test_the_own_image_is_pulled_by_a_tag_that_its_content_decides(stack: Stack, every: Synthesized) -> None:
    images = {
        json.dumps(one["Properties"]["PrimaryContainer"]["Image"])
        for one in stack.of_type("AWS::SageMaker::Model").values()
    }
    own = [image for image in images if "Fn::ImportValue" in image or "Fn::GetStackOutput" in image]

    [uri] = own
    assert tag_built(every.stacks["Images"]) in uri


def tag_built(stack: Stack) -> str:
    """The tag that the stage's build gives its image."""
    [build] = stack.of_type("Custom::ContainerImage").values()
    tag: str = build["Properties"]["Tag"]
    return tag


def test_aws_s_own_images_are_named_by_account_and_region(stack: Stack) -> None:
    images = [one["Properties"]["PrimaryContainer"]["Image"] for one in stack.of_type("AWS::SageMaker::Model").values()]

    assert [image for image in images if "xgboost" in image] == [
        "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
    ]


@pytest.mark.parametrize(
    ("name", "price"),
    [
        ("Plain", "$0.00 a month"),
        ("Bulk", "$0.40 a month (4 alarms)"),
        ("WasteSorter", "$0.40 a month (4 alarms)"),
        ("Steady", "$252.25 a month (3 x ml.m5.large and 4 alarms), and their disks"),
    ],
)
def test_every_endpoint_tells_what_it_costs_while_nobody_asks(stack: Stack, name: str, price: str) -> None:
    assert outputs(stack)[f"{name}IdlePrice"] == price


def test_a_price_that_nobody_knows_is_not_guessed(synthesize: Synthesize) -> None:
    elsewhere = synthesize(
        "sandbox",
        {
            "stage": {"region": "eu-central-1"},
            **ALONE,
            "endpoints": {"serverless": {}, "classic": {"a": {}}},
        },
    )

    assert outputs(elsewhere.stacks["Endpoints"])["AIdlePrice"] == (
        "not known in eu-central-1 (2 x ml.m5.large and 3 alarms), and their disks"
    )


def test_an_asynchronous_endpoint_tells_where_requests_go_and_answers_come(stack: Stack) -> None:
    told = outputs(stack)

    assert json.dumps(told["BulkRequests"]).endswith('"/asynchronous/bulk/requests/"]]}')
    assert json.dumps(told["BulkAnswers"]).endswith('"/asynchronous/bulk/answers/"]]}')


def test_the_price_is_said_at_every_synth(every: Synthesized) -> None:
    manifest = (every.folder / "manifest.json").read_text(encoding="utf-8")
    said = [
        entry["data"]
        for artifact in json.loads(manifest)["artifacts"].values()
        for entries in {**metadata_of(every, artifact), **artifact.get("metadata", {})}.values()
        for entry in entries
        if entry["type"] == "aws:cdk:info"
    ]

    assert len([text for text in said if "idle: $" in str(text)]) == len(NAMES)


def metadata_of(profile: Synthesized, artifact: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What constructs noted, which newer libraries keep in a file of its own."""
    name = artifact.get("additionalMetadataFile")
    found: dict[str, list[dict[str, Any]]] = json.loads((profile.folder / name).read_text()) if name else {}
    return found
