"""With an ephemeral stage go its groups and versions, and no other stage's; a durable stage leaves them all."""

import pytest

from tests.functions.cloudformation import Address
from tests.functions.shared.cloud import Call, Cloud, Fault, refusing
from tests.functions.trained_models.conftest import STAGE
from tests.functions.trained_models.sagemaker import SageMaker
from tests.functions.trained_models.test_handler import GROUP, OLD, delete

LEFT = "mlstack-sandbox-left-the-profile"
OURS = {"mlstack:stage": STAGE, "mlstack:model": "any"}


@pytest.mark.usefixtures("time", "cloud")
@pytest.mark.parametrize(
    ("empty", "left"),
    [("true", []), ("True", []), (True, []), ("false", [5, 3]), (False, [5, 3]), ("", [5, 3]), (None, [5, 3])],
)
def test_groups_go_with_their_versions_only_where_the_stage_keeps_nothing(
    sagemaker: SageMaker, address: Address, empty: object, left: list[int]
) -> None:
    sagemaker.registry.add(GROUP, 5, OURS)
    sagemaker.registry.add(LEFT, 3, OURS)

    said = delete(address, EmptyGroups=empty)

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", OLD)
    assert [len(group.versions) for group in sagemaker.registry.kept.values()] == left


@pytest.mark.usefixtures("time")
def test_a_durable_stage_does_not_even_look_at_its_groups(cloud: Cloud, address: Address) -> None:
    said = delete(address, EmptyGroups="false")

    assert said["Status"] == "SUCCESS"
    assert all("ModelPackage" not in call.operation for call in cloud.calls)


@pytest.mark.usefixtures("time", "cloud")
@pytest.mark.parametrize("unlisted", [False, True])
@pytest.mark.parametrize("tags", [OURS, {}, {"owner": "me"}])
def test_a_group_of_the_profile_goes_whether_or_not_it_is_tagged_or_listed_yet(
    sagemaker: SageMaker, address: Address, tags: dict[str, str], *, unlisted: bool
) -> None:
    sagemaker.registry.add(GROUP, 3, tags)
    sagemaker.registry.unlisted = {GROUP} if unlisted else set()

    assert delete(address, EmptyGroups="true")["Status"] == "SUCCESS"
    assert sagemaker.registry.kept == {}


@pytest.mark.usefixtures("time", "cloud")
@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("mlstack-sandbox-b-seeds", {"mlstack:stage": "sandbox-b"}),
        ("mlstack-sandbox-seeds", {}),
        ("mlstack-sandbox-seeds", {"mlstack:model": "seeds"}),
        ("mlstack-sandbox-seeds", {"mlstack:stage": "Sandbox"}),
        ("my-mlstack-sandbox-seeds", OURS),
        ("mlstack-sandbo-seeds", OURS),
        (GROUP, {"mlstack:stage": "sandbox-waste"}),
    ],
)
@pytest.mark.parametrize("unlisted", [False, True])
def test_a_group_of_others_stays_with_its_versions(
    sagemaker: SageMaker, address: Address, name: str, tags: dict[str, str], *, unlisted: bool
) -> None:
    for number in range(3):
        sagemaker.registry.add(f"{LEFT}{number}", 1, OURS)
    theirs = sagemaker.registry.add(name, 2, tags)
    sagemaker.registry.unlisted = {name} if unlisted else set()

    said = delete(address, EmptyGroups="true")

    assert said["Status"] == "SUCCESS"
    assert [*sagemaker.registry.kept] == [name]
    assert (theirs.tags, len(theirs.versions)) == (tags, 2)


@pytest.mark.usefixtures("time", "cloud")
def test_a_group_that_is_gone_has_no_versions(address: Address) -> None:
    assert delete(address, EmptyGroups="true")["Status"] == "SUCCESS"


@pytest.mark.usefixtures("time", "cloud")
def test_an_ill_tag_does_not_stop_a_deletion(sagemaker: SageMaker, address: Address) -> None:
    sagemaker.registry.add(GROUP, 1, OURS)

    assert delete(address, EmptyGroups="true", Tags={"aws:no": "!"})["Status"] == "SUCCESS"
    assert sagemaker.registry.kept == {}


@pytest.mark.usefixtures("time")
def test_a_version_that_is_registered_meanwhile_goes_too(sagemaker: SageMaker, cloud: Cloud, address: Address) -> None:
    group = sagemaker.registry.add(GROUP, 1, OURS)

    def register(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "DeleteModelPackageGroup" and not done:
            cloud.wait = lambda *_: None
            group.versions.append(f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{GROUP}/2")

    cloud.wait = register

    assert delete(address, EmptyGroups="true")["Status"] == "SUCCESS"
    assert sagemaker.registry.kept == {}


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize(
    ("operation", "words"),
    [("DeleteModelPackage", f"model package {GROUP}/1"), ("DeleteModelPackageGroup", f"model package group {GROUP}")],
)
def test_what_cannot_be_deleted_in_time_is_told_with_the_way_on(
    sagemaker: SageMaker, cloud: Cloud, address: Address, operation: str, words: str
) -> None:
    sagemaker.registry.add(GROUP, 1, OURS)
    cloud.faults = [Fault(answer=refusing("ConflictException"), operation=operation)]

    said = delete(address, 120, EmptyGroups="true")

    assert said["Status"] == "FAILED"
    assert "some groups of versions are left: destroy the stack again" in said["Reason"]
    assert said["Reason"].endswith(f"Left: {words}")
