"""Versions of a group are registered, approved, listed and deleted as SageMaker does, and the bus hears of it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.patience import eventually

Json = dict[str, Any]
PREFIX = "arn:aws:sagemaker:us-east-1:123456789012:"
CONTAINER = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/i:1", "ModelDataUrl": "s3://b/model.tar.gz"}
SERVED = {"Containers": [CONTAINER], "SupportedContentTypes": ["image/png"]}


@pytest.fixture
def sagemaker(local_aws: LocalAws) -> Any:  # noqa: ANN401 - a client
    return local_aws.client("sagemaker")


@pytest.fixture
def group(sagemaker: Any) -> Iterator[str]:  # noqa: ANN401 - a client
    """A group, gone with its versions."""
    name = f"group-{uuid4().hex[:8]}"
    sagemaker.create_model_package_group(ModelPackageGroupName=name, Tags=[{"Key": "stage", "Value": "test"}])
    yield name
    for arn in listed(sagemaker, name):
        sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=name)


def listed(sagemaker: Any, group: str, **more: object) -> list[str]:  # noqa: ANN401 - a client
    pages = sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group, **more)
    return [one["ModelPackageArn"] for page in pages for one in page["ModelPackageSummaryList"]]


def register(sagemaker: Any, group: str, **more: object) -> str:  # noqa: ANN401 - a client
    made = sagemaker.create_model_package(ModelPackageGroupName=group, InferenceSpecification=SERVED, **more)
    return str(made["ModelPackageArn"])


@pytest.fixture
def heard(local_aws: LocalAws) -> Iterator[Callable[[str], Callable[[], list[Json]]]]:
    """Listens to the events of a group; each call gives those that came since."""
    sqs, events, name = local_aws.client("sqs"), local_aws.client("events"), f"heard-{uuid4().hex[:8]}"
    url, arn = sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:us-east-1:123456789012:{name}"
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [allow]})})

    def listen(group: str) -> Callable[[], list[Json]]:
        pattern = {
            "source": ["aws.sagemaker"],
            "detail-type": ["SageMaker Model Package State Change"],
            "detail": {"ModelPackageGroupName": [group]},
        }
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])

        def read() -> list[Json]:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return [json.loads(message["Body"]) for message in messages]

        return read

    yield listen
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)
    sqs.delete_queue(QueueUrl=url)


def test_a_version_waits_for_approval_and_tells_all_it_was_given(sagemaker: Any, group: str) -> None:  # noqa: ANN401
    metrics = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://b/evaluation.json"}}}
    arn = register(sagemaker, group, ModelMetrics=metrics, CustomerMetadataProperties={"job": "j"})

    said = sagemaker.describe_model_package(ModelPackageName=arn)

    assert arn == f"{PREFIX}model-package/{group}/1"
    assert (said["ModelPackageGroupName"], said["ModelPackageVersion"]) == (group, 1)
    assert (said["ModelApprovalStatus"], said["ModelPackageStatus"]) == ("PendingManualApproval", "Completed")
    assert (said["InferenceSpecification"], said["ModelMetrics"]) == (SERVED, metrics)
    assert said["CustomerMetadataProperties"] == {"job": "j"}
    assert "LastModifiedTime" not in said
    assert sagemaker.describe_model_package(ModelPackageName=f"{group}/1")["ModelPackageArn"] == arn


def test_an_approval_changes_what_it_names_and_nothing_else(sagemaker: Any, group: str) -> None:  # noqa: ANN401
    arn = register(sagemaker, group, CustomerMetadataProperties={"job": "j", "gone": "soon"})

    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="é")
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"endpoint": "e"},
        CustomerMetadataPropertiesToRemove=["gone", "never there"],
    )

    said = sagemaker.describe_model_package(ModelPackageName=arn)
    assert (said["ModelApprovalStatus"], said["ApprovalDescription"]) == ("Approved", "é")
    assert said["CustomerMetadataProperties"] == {"job": "j", "endpoint": "e"}
    assert said["InferenceSpecification"] == SERVED
    assert said["LastModifiedTime"] > said["CreationTime"]


def test_versions_are_listed_in_pages_oldest_first_or_newest_first(sagemaker: Any, group: str) -> None:  # noqa: ANN401
    made = [register(sagemaker, group) for _ in range(5)]
    sagemaker.update_model_package(ModelPackageArn=made[2], ModelApprovalStatus="Approved")

    oldest = listed(sagemaker, group, PaginationConfig={"PageSize": 2})
    newest = listed(sagemaker, f"{PREFIX}model-package-group/{group}", SortOrder="Descending")

    assert oldest == made
    assert newest == made[::-1]
    assert listed(sagemaker, group, ModelApprovalStatus="Approved") == [made[2]]
    assert listed(sagemaker, group, CreationTimeAfter=datetime(2200, 1, 1, tzinfo=UTC)) == []
    assert sagemaker.list_model_packages()["ModelPackageSummaryList"] == []


def test_a_version_is_never_given_out_twice(sagemaker: Any, group: str) -> None:  # noqa: ANN401 - a client
    first = register(sagemaker, group)
    sagemaker.delete_model_package(ModelPackageName=first)

    with ThreadPoolExecutor(8) as threads:
        made = {*threads.map(lambda _: register(sagemaker, group), range(8))}

    assert made == {f"{PREFIX}model-package/{group}/{version}" for version in range(2, 10)}


def test_a_registration_that_is_repeated_is_the_same_version(sagemaker: Any, group: str) -> None:  # noqa: ANN401
    made = {register(sagemaker, group, ClientToken="once") for _ in range(2)}

    assert [*made] == listed(sagemaker, group)


def test_a_group_with_versions_is_not_deleted(sagemaker: Any, group: str) -> None:  # noqa: ANN401 - a client
    register(sagemaker, group)

    with pytest.raises(ClientError, match=r"ConflictException.*contains Model Package Versions"):
        sagemaker.delete_model_package_group(ModelPackageGroupName=group)

    assert sagemaker.describe_model_package_group(ModelPackageGroupName=group)["ModelPackageGroupStatus"] == "Completed"


def test_what_cannot_be_registered_is_refused_with_a_reason(sagemaker: Any, group: str) -> None:  # noqa: ANN401
    def refusal(**asked: object) -> str:
        with pytest.raises(ClientError) as refused:
            sagemaker.create_model_package(InferenceSpecification=SERVED, **asked)
        return str(refused.value)

    assert "Tags cannot be specified" in refusal(ModelPackageGroupName=group, Tags=[{"Key": "a", "Value": "b"}])
    assert f"{PREFIX}model-package-group/none does not exist." in refusal(ModelPackageGroupName="none")
    assert "Cannot determine which one to use" in refusal(ModelPackageGroupName=group, ModelPackageName="single")
    assert "Missing ARN" in refusal()
    assert "modelApprovalStatus" in refusal(ModelPackageGroupName=group, ModelApprovalStatus="Perhaps")
    assert listed(sagemaker, group) == []


@pytest.mark.parametrize("operation", ["describe_model_package", "delete_model_package"])
def test_what_is_not_there_does_not_exist(operation: str, sagemaker: Any, group: str) -> None:  # noqa: ANN401
    with pytest.raises(ClientError, match=f"ModelPackage {PREFIX}model-package/{group}/7 does not exist"):
        getattr(sagemaker, operation)(ModelPackageName=f"{PREFIX}model-package/{group}/7")


def test_a_single_package_is_apart_from_groups_and_has_tags_of_its_own(sagemaker: Any, group: str) -> None:  # noqa: ANN401
    version, name = register(sagemaker, group), f"single-{uuid4().hex[:8]}"
    tags = [{"Key": "own", "Value": "yes"}]
    arn = sagemaker.create_model_package(ModelPackageName=name, InferenceSpecification=SERVED, Tags=tags)[
        "ModelPackageArn"
    ]

    sagemaker.add_tags(ResourceArn=version, Tags=[{"Key": "more", "Value": "x"}])
    singles = [one["ModelPackageName"] for one in sagemaker.list_model_packages()["ModelPackageSummaryList"]]
    everything = sagemaker.list_model_packages(ModelPackageType="Both", NameContains=name)["ModelPackageSummaryList"]
    told = sagemaker.list_tags(ResourceArn=arn)["Tags"]
    sagemaker.delete_model_package(ModelPackageName=name)

    assert singles == [name]
    assert [one["ModelPackageArn"] for one in everything] == [arn]
    assert told == tags
    of_the_group = sagemaker.list_tags(ResourceArn=f"{PREFIX}model-package-group/{group}")["Tags"]
    assert {tag["Key"] for tag in of_the_group} == {"stage", "more"}


def test_the_bus_hears_of_a_registration_and_of_an_approval(
    sagemaker: Any,  # noqa: ANN401 - a client
    group: str,
    heard: Callable[[str], Callable[[], list[Json]]],
) -> None:
    read = heard(group)
    arn = register(sagemaker, group, CustomerMetadataProperties={"job": "j"})
    [registered] = eventually(read)

    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Rejected")

    [rejected] = eventually(read)
    detail = rejected["detail"]
    assert registered["detail"]["ModelApprovalStatus"] == "PendingManualApproval"
    assert "UpdatedModelPackageFields" not in registered["detail"]
    assert rejected["resources"] == [arn]
    assert (detail["ModelPackageArn"], detail["ModelPackageVersion"]) == (arn, 1)
    assert (detail["ModelApprovalStatus"], detail["UpdatedModelPackageFields"]) == (
        "Rejected",
        ["ModelApprovalStatus"],
    )
    assert detail["CustomerMetadataProperties"] == {"job": "j"}
    assert datetime.fromisoformat(detail["CreationTime"]) <= datetime.now(UTC)
