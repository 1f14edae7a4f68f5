"""Creation and update let every group be there; neither deletes a group, a version or anything else."""

from typing import Any

import pytest

from tests.functions.cloudformation import Address, Context, Time
from tests.functions.shared.cloud import Cloud, Fault, refusing
from tests.functions.trained_models.conftest import JOB, STAGE
from tests.functions.trained_models.sagemaker import SageMaker
from tests.functions.trained_models.test_handler import GROUP, OLD, event, serve
from trained_models import handler

SEEDS = "mlstack-sandbox-seeds"
TAGS = {"owner": "ml team", "cost-centre": "ml-sandbox"}
TAGGED = {**TAGS, "mlstack:stage": STAGE, "mlstack:model": "seeds"}
KINDS = ["Create", "Update"]
WRITES = ("Stop", "Delete", "Update")


def ask(address: Address, kind: str = "Create", seconds: int = 900, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 (a request's properties)
    """Create or update the resource, by default as one of two groups, and give the answer."""
    asked = event(kind, address.url, **{"Groups": [GROUP, SEEDS], "Tags": TAGS, **properties})
    handler.handle(asked, Context(seconds))
    return address.bodies[-1]


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("empty", ["true", "false"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_group_that_is_missing_is_made_with_the_tags_of_the_stage(
    sagemaker: SageMaker, cloud: Cloud, address: Address, kind: str, empty: str
) -> None:
    said = ask(address, kind, EmptyGroups=empty)

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", OLD)
    assert [*sagemaker.registry.kept] == [GROUP, SEEDS]
    assert sagemaker.registry.kept[SEEDS].tags == TAGGED
    assert sagemaker.registry.kept[SEEDS].description == "Versions of the model seeds"
    assert {call.operation for call in cloud.calls} == {"CreateModelPackageGroup"}


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("kind", KINDS)
def test_a_group_that_an_earlier_stage_left_is_taken_over_with_its_versions(
    sagemaker: SageMaker, cloud: Cloud, address: Address, kind: str
) -> None:
    left = sagemaker.registry.add(SEEDS, 3, {"owner": "somebody else", "mlstack:stage": STAGE, "kept": "too"})

    said = ask(address, kind)

    assert said["Status"] == "SUCCESS"
    assert left.tags == {**TAGGED, "kept": "too"}
    assert len(left.versions) == 3
    assert [*sagemaker.registry.kept] == [SEEDS, GROUP]
    assert all(not call.operation.startswith(WRITES) for call in cloud.calls)


@pytest.mark.usefixtures("time")
def test_what_is_there_as_it_should_be_is_left_alone(sagemaker: SageMaker, cloud: Cloud, address: Address) -> None:
    first = ask(address)
    before = {name: dict(group.tags) for name, group in sagemaker.registry.kept.items()}
    cloud.effects.clear()

    again = ask(address)

    assert first == again
    assert again["Status"] == "SUCCESS"
    assert {name: group.tags for name, group in sagemaker.registry.kept.items()} == before
    assert {call.operation for call in cloud.effects} == {"DescribeModelPackageGroup", "ListTags"}


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("kind", KINDS)
def test_a_group_of_another_stage_is_not_taken(sagemaker: SageMaker, cloud: Cloud, address: Address, kind: str) -> None:
    other = "mlstack-sandbox-b-seeds"
    theirs = sagemaker.registry.add(other, 2, {"mlstack:stage": "sandbox-b"})

    said = ask(address, kind, Groups=[other], EmptyGroups="true")

    assert said["Status"] == "FAILED"
    assert said["Reason"] == f"the model package group {other} is of stage sandbox-b: give the model another name"
    assert (theirs.tags, len(theirs.versions)) == ({"mlstack:stage": "sandbox-b"}, 2)
    assert cloud.struck == []


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("empty", ["true", "false"])
@pytest.mark.parametrize("now", [[GROUP], []])
def test_a_model_that_leaves_the_profile_leaves_its_group_and_versions(
    sagemaker: SageMaker, cloud: Cloud, address: Address, now: list[str], empty: str
) -> None:
    for name in (GROUP, SEEDS):
        sagemaker.registry.add(name, 5, {"mlstack:stage": STAGE})
    serve(sagemaker)
    job = sagemaker.add("TrainingJob", JOB, "InProgress")

    said = ask(address, "Update", Groups=now, EmptyGroups=empty)

    assert said["Status"] == "SUCCESS"
    assert [len(group.versions) for group in sagemaker.registry.kept.values()] == [5, 5]
    assert all(not call.operation.startswith(WRITES) for call in cloud.calls)
    assert job.status == "InProgress"


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"Stage": ""}, "no Stage"),
        ({"Stage": None}, "no Stage"),
        ({"Groups": ["mlstack-other-seeds"]}, "begin with mlstack-sandbox-"),
        ({"Groups": SEEDS}, "begin with mlstack-sandbox-"),
        ({"Groups": [3]}, "begin with mlstack-sandbox-"),
        ({"Tags": [{"Key": "owner", "Value": "me"}]}, "a mapping of keys to values"),
        ({"Tags": {"aws:owner": "me"}}, "no key of AWS's own"),
    ],
)
def test_a_resource_that_does_not_say_it_clearly_fails_and_makes_nothing(
    address: Address, cloud: Cloud, kind: str, properties: dict[str, Any], words: str
) -> None:
    said = ask(address, kind, **properties)

    assert said["Status"] == "FAILED"
    assert words in said["Reason"]
    assert cloud.calls == []


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("operation", ["CreateModelPackageGroup", "DescribeModelPackageGroup", "ListTags", "AddTags"])
def test_the_words_of_a_refusal_reach_cloudformation(
    sagemaker: SageMaker, cloud: Cloud, address: Address, operation: str
) -> None:
    sagemaker.registry.add(GROUP)
    cloud.faults = [Fault(answer=refusing("AccessDeniedException", 400, "you may not"), operation=operation)]

    said = ask(address)

    assert said["Status"] == "FAILED"
    assert "AccessDeniedException" in said["Reason"]
    assert "you may not" in said["Reason"]
    assert len(cloud.struck) == 1


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("place", range(5))
def test_a_fault_that_passes_at_any_call_changes_nothing(
    sagemaker: SageMaker, cloud: Cloud, address: Address, place: int, *, lost: bool
) -> None:
    sagemaker.registry.add(GROUP, 2)
    answer = refusing("InternalFailure", 500) if lost else refusing("ThrottlingException", 400)
    cloud.faults = [Fault(answer=answer, place=place, after=lost)]

    said = ask(address)

    assert said["Status"] == "SUCCESS"
    assert cloud.struck
    assert [(group.tags["mlstack:stage"], group.tags["owner"]) for group in sagemaker.registry.kept.values()] == [
        (STAGE, "ml team"),
        (STAGE, "ml team"),
    ]
    assert len(sagemaker.registry.kept[GROUP].versions) == 2


@pytest.mark.parametrize(
    ("code", "status"), [("ThrottlingException", 400), ("InternalFailure", 500), ("ServiceUnavailable", 503)]
)
def test_an_outage_is_told_after_a_minute(cloud: Cloud, address: Address, time: Time, code: str, status: int) -> None:
    cloud.faults = [Fault(answer=refusing(code, status))]

    said = ask(address)

    assert said["Status"] == "FAILED"
    assert code in said["Reason"]
    assert 15 < (time.now() - Time.present).total_seconds() < 90


@pytest.mark.usefixtures("time")
def test_a_group_that_may_not_be_done_in_time_is_not_begun(cloud: Cloud, address: Address) -> None:
    said = ask(address, seconds=200)

    assert said["Status"] == "FAILED"
    assert said["Reason"].endswith("deploy again, which goes on from here")
    assert cloud.calls == []
