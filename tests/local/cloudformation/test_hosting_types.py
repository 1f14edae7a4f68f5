"""Images, models and endpoints of templates: made, changed in place or anew, rolled back, gone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import inventory
from tests.local.builds import ROLE, run
from tests.local.fake_image import BUILDSPEC, SOURCE, archive
from tests.local.packing import zipped
from tests.local.stacks import Stacks, Template

Json = dict[str, Any]
NEEDS = {"MinMemoryRequiredInMb": 512}
DIMENSION = "sagemaker:inference-component:DesiredCopyCount"
LIFECYCLE = {"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 2}}


def attribute(name: str, of: str) -> Template:
    return {"Fn::GetAtt": [name, of]}


def images(bucket: str, **repository: object) -> dict[str, Template]:
    rules = json.dumps({"rules": [{**LIFECYCLE, "action": {"type": "expire"}}]})
    variables = [{"Name": "IMAGE_REPOSITORY_URI", "Value": attribute("Repository", "RepositoryUri")}]
    return {
        "Repository": {
            "Type": "AWS::ECR::Repository",
            "Properties": {
                "EmptyOnDelete": True,
                "ImageTagMutability": "IMMUTABLE",
                "ImageScanningConfiguration": {"ScanOnPush": True},
                "LifecyclePolicy": {"LifecyclePolicyText": rules},
                "Tags": [{"Key": "stage", "Value": "test"}],
                **repository,
            },
        },
        "Project": {
            "Type": "AWS::CodeBuild::Project",
            "Properties": {
                "ServiceRole": ROLE,
                "Artifacts": {"Type": "NO_ARTIFACTS"},
                "Source": {"Type": "S3", "Location": f"{bucket}/source.zip", "BuildSpec": BUILDSPEC},
                "Environment": {
                    "Type": "LINUX_CONTAINER",
                    "ComputeType": "BUILD_GENERAL1_SMALL",
                    "Image": "aws/codebuild/standard:7.0",
                    "PrivilegedMode": True,
                    "EnvironmentVariables": variables,
                },
                "Tags": [{"Key": "stage", "Value": "test"}],
            },
        },
    }


def hosting(bucket: str, image: str, environment: Json, **variant: object) -> dict[str, Template]:
    container = {"Image": image, "ModelDataUrl": f"s3://{bucket}/model.tar.gz", "Environment": environment}
    settings = variant or {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 2}}
    carries = {"VariantName": "AllTraffic", "ModelName": attribute("Model", "ModelName"), **settings}
    return {
        "Model": {
            "Type": "AWS::SageMaker::Model",
            "Properties": {"ExecutionRoleArn": ROLE, "PrimaryContainer": container},
        },
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [carries]}},
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                "EndpointName": "templated",
                "EndpointConfigName": attribute("Config", "EndpointConfigName"),
                "Tags": [{"Key": "setting", "Value": "set" if environment else "unset"}],
            },
        },
    }


@pytest.fixture
def bucket(code_bucket: str, local_aws: LocalAws) -> str:
    """A bucket with the source of an image and a model's data."""
    s3 = local_aws.client("s3")
    s3.put_object(Bucket=code_bucket, Key="source.zip", Body=zipped(SOURCE))
    s3.put_object(Bucket=code_bucket, Key="model.tar.gz", Body=archive(answer_txt="the model"))
    return code_bucket


@pytest.fixture
def image(bucket: str, stacks: Stacks, local_aws: LocalAws) -> str:
    """An image that a stack's project has built."""
    outputs = {"Uri": {"Value": attribute("Repository", "RepositoryUri")}, "Project": {"Value": {"Ref": "Project"}}}
    said = stacks.outputs(stacks.create(images(bucket), Outputs=outputs))
    assert run(local_aws, said["Project"], "v1")["buildStatus"] == "SUCCEEDED"
    return f"{said['Uri']}:v1"


@pytest.fixture(autouse=True)
def logs(local_aws: LocalAws) -> Iterator[None]:
    """Log groups outlive what wrote into them, here as on AWS."""
    forget_logs(local_aws)
    yield
    forget_logs(local_aws)


def forget_logs(aws: LocalAws) -> None:
    logs = aws.client("logs")
    for prefix in ("/aws/codebuild/", "/aws/sagemaker/"):
        for group in logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]:
            logs.delete_log_group(logGroupName=group["logGroupName"])


def ask(aws: LocalAws, **more: str) -> str:
    runtime = aws.client("sagemaker-runtime")
    body: bytes = runtime.invoke_endpoint(EndpointName="templated", Body=b"hi", **more)["Body"].read()
    return body.decode()


def test_a_repository_keeps_its_settings_through_an_update_and_goes_with_its_images(
    bucket: str, stacks: Stacks, local_aws: LocalAws
) -> None:
    ecr, before = local_aws.client("ecr"), inventory(local_aws.client)
    name = stacks.create(images(bucket))
    made, project = (stacks.physical_id(name, part) for part in ("Repository", "Project"))
    first = ecr.describe_repositories(repositoryNames=[made])["repositories"][0]
    rules = json.loads(ecr.get_lifecycle_policy(repositoryName=made)["lifecyclePolicyText"])["rules"]
    run(local_aws, project, "v1")

    changed = images(bucket, ImageTagMutability="MUTABLE")
    del changed["Repository"]["Properties"]["LifecyclePolicy"]
    changed["Project"]["Properties"]["Description"] = "changed"
    stacks.update(name, changed)
    second = ecr.describe_repositories(repositoryNames=[made])["repositories"][0]
    described = local_aws.client("codebuild").batch_get_projects(names=[project])["projects"][0]
    with pytest.raises(ClientError, match="LifecyclePolicyNotFoundException"):
        ecr.get_lifecycle_policy(repositoryName=made)
    kept = ecr.list_images(repositoryName=made)["imageIds"]
    stacks.delete(name)

    forget_logs(local_aws)
    assert (first["imageTagMutability"], first["imageScanningConfiguration"]) == ("IMMUTABLE", {"scanOnPush": True})
    assert rules[0]["selection"]["countNumber"] == 2
    assert (second["imageTagMutability"], described["description"]) == ("MUTABLE", "changed")
    assert [one["imageTag"] for one in kept] == ["v1"]
    assert inventory(local_aws.client) == before


def test_a_repository_that_is_not_to_be_emptied_keeps_its_stack(
    bucket: str, stacks: Stacks, local_aws: LocalAws
) -> None:
    name = stacks.create(images(bucket, EmptyOnDelete=False))
    run(local_aws, stacks.physical_id(name, "Project"), "v1")

    stacks.delete(name)
    refused = stacks.status(name)
    local_aws.client("ecr").delete_repository(repositoryName=stacks.physical_id(name, "Repository"), force=True)

    assert refused == "DELETE_FAILED"


def test_an_endpoint_is_made_changed_and_taken_away(
    bucket: str, image: str, stacks: Stacks, local_aws: LocalAws
) -> None:
    sagemaker, outputs = local_aws.client("sagemaker"), {"Ref": {"Value": {"Ref": "Endpoint"}}}
    name = stacks.create(hosting(bucket, image, {}), Outputs=outputs)
    first, arn = ask(local_aws), stacks.outputs(name)["Ref"]
    config = stacks.physical_id(name, "Config")

    stacks.update(name, hosting(bucket, image, {"SETTING": "new"}), Outputs=outputs)
    second, configs = ask(local_aws), sagemaker.list_endpoint_configs()["EndpointConfigs"]
    tags = sagemaker.list_tags(ResourceArn=arn)["Tags"]
    stacks.delete(name)

    assert (first, second) == ("the model||hi", "the model|new|hi")
    assert arn == "arn:aws:sagemaker:us-east-1:123456789012:endpoint/templated"
    assert len(configs) == 1
    assert configs[0]["EndpointConfigArn"] != config
    assert tags == [{"Key": "setting", "Value": "set"}]
    assert stacks.status(name) == "DELETED"
    assert local_aws.report()["containers"] == {}
    assert sagemaker.list_models()["Models"] == sagemaker.list_endpoint_configs()["EndpointConfigs"] == []


def test_an_update_that_does_not_become_well_brings_everything_back(
    bucket: str, image: str, stacks: Stacks, local_aws: LocalAws
) -> None:
    sagemaker = local_aws.client("sagemaker")
    name = stacks.create(hosting(bucket, image, {}))
    before = {part: stacks.physical_id(name, part) for part in ("Model", "Config", "Endpoint")}

    queue: Template = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "only-in-the-update"}}
    stacks.update(name, {"Queue": queue, **hosting(bucket, image, {"ENDS": "yes"})})

    assert stacks.status(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert "did not pass the ping health check" in stacks.reasons(name)
    assert {part: stacks.physical_id(name, part) for part in before} == before
    assert ask(local_aws) == "the model||hi"
    assert [len(sagemaker.list_models()["Models"]), len(sagemaker.list_endpoint_configs()["EndpointConfigs"])] == [1, 1]
    assert "only-in-the-update" not in str(local_aws.client("sqs").list_queues())


@pytest.mark.parametrize(
    ("environment", "tag", "reason"),
    [({"ENDS": "yes"}, "v1", "ping health check"), ({}, "v2", "for the production variant AllTraffic exist")],
)
def test_an_endpoint_that_cannot_be_served_fails_its_stack(  # noqa: PLR0913, PLR0917 - a table's columns
    bucket: str, image: str, stacks: Stacks, local_aws: LocalAws, environment: Json, tag: str, reason: str
) -> None:
    name = stacks.create(hosting(bucket, image.replace(":v1", f":{tag}"), environment))

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert reason in stacks.reasons(name)
    assert local_aws.client("sagemaker").list_endpoints()["Endpoints"] == []


def components(bucket: str, image: str, environment: Json, most: int) -> dict[str, Template]:
    """An endpoint with a component that scales to nothing."""
    carrier = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    scaling = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2}
    parts = hosting(bucket, image, environment, **carrier, ManagedInstanceScaling=scaling)
    config = parts["Config"]["Properties"]
    config["ExecutionRoleArn"] = ROLE
    del config["ProductionVariants"][0]["ModelName"]
    specification = {"ModelName": attribute("Model", "ModelName"), "ComputeResourceRequirements": NEEDS}
    return {
        **parts,
        "Component": {
            "Type": "AWS::SageMaker::InferenceComponent",
            "Properties": {
                "InferenceComponentName": "part",
                "EndpointName": attribute("Endpoint", "EndpointName"),
                "VariantName": "AllTraffic",
                "Specification": specification,
                "RuntimeConfig": {"CopyCount": 1},
            },
        },
        "Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "DependsOn": "Component",
            "Properties": {
                "ServiceNamespace": "sagemaker",
                "ResourceId": "inference-component/part",
                "ScalableDimension": DIMENSION,
                "MinCapacity": 0,
                "MaxCapacity": most,
                "RoleARN": ROLE,
            },
        },
        "Policy": {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
            "Properties": {
                "PolicyName": "follow",
                "PolicyType": "TargetTrackingScaling",
                "ScalingTargetId": {"Ref": "Target"},
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": most,
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"
                    },
                },
            },
        },
    }


def test_a_component_and_its_scaling_are_made_changed_and_taken_away(
    bucket: str, image: str, stacks: Stacks, local_aws: LocalAws
) -> None:
    forget_logs(local_aws)  # that of the image's build
    before, scaling = inventory(local_aws.client), local_aws.client("application-autoscaling")
    name = stacks.create(components(bucket, image, {}, 2))
    policy, first = stacks.physical_id(name, "Policy"), ask(local_aws, InferenceComponentName="part")

    stacks.update(name, components(bucket, image, {"SETTING": "new"}, 3))
    second = ask(local_aws, InferenceComponentName="part")
    [target] = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    [changed] = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    same = stacks.physical_id(name, "Policy")
    stacks.delete(name)

    forget_logs(local_aws)
    assert (first, second) == ("the model||hi", "the model|new|hi"), stacks.reasons(name)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 3)
    assert (same, changed["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]) == (policy, 3.0)
    assert stacks.status(name) == "DELETED"
    assert inventory(local_aws.client) == before


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("inference-component/nobody", "Could not find inference component"),
        ("endpoint/nobody/variant/AllTraffic", "Could not find endpoint"),
    ],
)
def test_what_does_not_exist_does_not_scale(local_aws: LocalAws, resource: str, reason: str) -> None:
    dimension = DIMENSION if resource.startswith("inference") else "sagemaker:variant:DesiredInstanceCount"
    target = {"ServiceNamespace": "sagemaker", "ResourceId": resource, "ScalableDimension": dimension}
    scaling = local_aws.client("application-autoscaling")

    with pytest.raises(ClientError, match=reason):
        scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=1)
    with pytest.raises(ClientError, match="No scalable target registered"):
        scaling.put_scaling_policy(
            **target, PolicyName="p", PolicyType="StepScaling", StepScalingPolicyConfiguration={}
        )
