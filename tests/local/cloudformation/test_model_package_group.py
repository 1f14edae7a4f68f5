"""A model package group of a template: made, tagged anew, refused to go with versions in it, replaced by name."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import Resource, inventory
from tests.local.stacks import Stacks, Template

PREFIX = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/"
OUTPUTS: Template = {
    "Ref": {"Value": {"Ref": "Group"}},
    **{
        name: {"Value": {"Fn::GetAtt": ["Group", name]}}
        for name in ("ModelPackageGroupArn", "ModelPackageGroupStatus", "CreationTime")
    },
}


def group(name: str, stage: str = "test", **more: str) -> dict[str, Template]:
    tags = [{"Key": "mlstack:stage", "Value": stage}]
    properties = {"ModelPackageGroupName": name, "Tags": tags, **more}
    return {"Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": properties}}


@pytest.fixture
def sagemaker(local_aws: LocalAws) -> Any:  # noqa: ANN401 - a client
    return local_aws.client("sagemaker")


def test_group_is_its_arn_and_keeps_its_versions_when_its_tags_change(
    stacks: Stacks,
    local_aws: LocalAws,
    sagemaker: Any,  # noqa: ANN401 - a client
) -> None:
    before = inventory(local_aws.client)
    name = stacks.create(group("tagged", ModelPackageGroupDescription="é"), Outputs=OUTPUTS)
    said = stacks.outputs(name)
    version = sagemaker.create_model_package(ModelPackageGroupName="tagged")["ModelPackageArn"]
    made = inventory(local_aws.client) - before

    stacks.update(name, group("tagged", "other", ModelPackageGroupDescription="é"), Outputs=OUTPUTS)

    tags = sagemaker.list_tags(ResourceArn=said["Ref"])["Tags"]
    kept = sagemaker.list_model_packages(ModelPackageGroupName="tagged")["ModelPackageSummaryList"]
    sagemaker.delete_model_package(ModelPackageName=version)
    stacks.delete(name)
    assert said["Ref"] == said["ModelPackageGroupArn"] == f"{PREFIX}tagged"
    assert said["ModelPackageGroupStatus"] == "Completed"
    assert datetime.fromisoformat(said["CreationTime"]) <= datetime.now(UTC)
    assert made == {
        Resource("model package group", "tagged"),
        Resource("model package", version),
        Resource("stack", name),
    }
    assert tags == [{"Key": "mlstack:stage", "Value": "other"}]
    assert [one["ModelPackageArn"] for one in kept] == [version]
    assert inventory(local_aws.client) == before


def test_group_with_versions_stops_the_stacks_deletion_until_they_are_gone(
    stacks: Stacks,
    sagemaker: Any,  # noqa: ANN401 - a client
) -> None:
    name = stacks.create(group("full"))
    version = sagemaker.create_model_package(ModelPackageGroupName="full")["ModelPackageArn"]

    stacks.delete(name)
    refused, reasons = stacks.status(name), stacks.reasons(name)
    sagemaker.delete_model_package(ModelPackageName=version)
    stacks.delete(name)

    assert refused == "DELETE_FAILED"
    assert f"Cannot delete Model Package Group {PREFIX}full because it contains Model Package Versions" in reasons
    assert stacks.status(name) == "DELETED"


def test_group_with_another_name_is_another_group(stacks: Stacks, sagemaker: Any) -> None:  # noqa: ANN401 - a client
    name = stacks.create(group("former"))

    stacks.update(name, group("latter"))

    listed = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert stacks.physical_id(name, "Group") == f"{PREFIX}latter"
    assert [one["ModelPackageGroupName"] for one in listed] == ["latter"]


def test_group_cannot_be_replaced_under_its_own_name(stacks: Stacks) -> None:
    name = stacks.create(group("same", ModelPackageGroupDescription="before"))

    stacks.update(name, group("same", ModelPackageGroupDescription="after"))

    assert stacks.status(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert f"Model Package Group already exists: {PREFIX}same" in stacks.reasons(name)


def test_group_that_somebody_deleted_does_not_stop_the_stacks_deletion(
    stacks: Stacks,
    sagemaker: Any,  # noqa: ANN401 - a client
) -> None:
    name = stacks.create(group("gone"))
    sagemaker.delete_model_package_group(ModelPackageGroupName="gone")

    stacks.delete(name)

    assert stacks.status(name) == "DELETED"
