"""A model that leaves the profile leaves a group that CloudFormation deletes next: an update empties it."""

from typing import Any

import pytest

from tests.functions.cloudformation import Address, Context
from tests.functions.shared.cloud import Cloud, Fault, refusing
from tests.functions.trained_models.conftest import JOB
from tests.functions.trained_models.sagemaker import SageMaker
from tests.functions.trained_models.test_handler import GROUP, OLD, event, serve
from trained_models import handler

LEAVING = "mlstack-sandbox-leaving"


def version(group: str, number: int) -> str:
    """A version's ARN."""
    return f"arn:aws:sagemaker:us-east-1:1:model-package/{group}/{number}"


def update(address: Address, kind: str = "Update", *, old: object, seconds: int = 900, **new: Any) -> dict[str, Any]:  # noqa: ANN401 (a request's properties)
    """Ask for a change of the resource, and give the answer."""
    asked = event(kind, address.url, **new)
    before = {**asked["ResourceProperties"], "Groups": old}
    handler.handle({**asked, "OldResourceProperties": before}, Context(seconds))
    return address.bodies[-1]


@pytest.fixture(autouse=True)
def full(sagemaker: SageMaker) -> None:
    """Groups with versions, more than a page of them, and everything else that a deletion takes."""
    for group in (GROUP, LEAVING):
        sagemaker.versions[group] = [version(group, number) for number in range(5)]
    serve(sagemaker)
    sagemaker.add("TrainingJob", JOB, "InProgress")
    sagemaker.logs.add("/aws/sagemaker/TrainingJobs", JOB)


def untouched(sagemaker: SageMaker) -> bool:
    """Whether all that an update leaves alone is there."""
    return (
        len(sagemaker.versions[GROUP]) == 5
        and sagemaker.kept["TrainingJob"][JOB].status == "InProgress"
        and all(sagemaker.names(kind) for kind in ("Endpoint", "EndpointConfig", "Model"))
        and sagemaker.logs.logged("/aws/sagemaker/TrainingJobs") == [JOB]
    )


@pytest.mark.usefixtures("time", "cloud")
def test_a_group_that_leaves_is_emptied(sagemaker: SageMaker, address: Address) -> None:
    said = update(address, old=[GROUP, LEAVING], EmptyGroups="true")

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", OLD)
    assert sagemaker.versions[LEAVING] == []
    assert untouched(sagemaker)


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("Update", {"old": [GROUP, LEAVING], "EmptyGroups": "false"}),
        ("Update", {"old": [GROUP, LEAVING], "EmptyGroups": ""}),
        ("Update", {"old": [GROUP], "EmptyGroups": "true"}),
        ("Update", {"old": [], "EmptyGroups": "true"}),
        ("Update", {"old": None, "EmptyGroups": "true"}),
        ("Create", {"old": [GROUP, LEAVING], "EmptyGroups": "true"}),
    ],
)
def test_nothing_else_is_touched(
    sagemaker: SageMaker, cloud: Cloud, address: Address, kind: str, asked: dict[str, Any]
) -> None:
    said = update(address, kind, **asked)

    assert said["Status"] == "SUCCESS"
    assert cloud.calls == []
    assert len(sagemaker.versions[LEAVING]) == 5
    assert untouched(sagemaker)


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("old", [[GROUP, "mlstack-other-waste-sorter"], [3], "mlstack-sandbox-leaving"])
def test_a_group_of_others_that_leaves_is_refused(
    sagemaker: SageMaker, cloud: Cloud, address: Address, old: object
) -> None:
    said = update(address, old=old, EmptyGroups="true")

    assert (said["Status"], said["PhysicalResourceId"]) == ("FAILED", OLD)
    assert "begin with mlstack-sandbox-" in said["Reason"]
    assert cloud.calls == []
    assert untouched(sagemaker)


@pytest.mark.usefixtures("time", "cloud")
def test_a_group_that_is_gone_already_has_no_versions(sagemaker: SageMaker, address: Address) -> None:
    del sagemaker.versions[LEAVING]

    assert update(address, old=[GROUP, LEAVING], EmptyGroups="true")["Status"] == "SUCCESS"


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("place", range(9))
def test_a_fault_that_passes_changes_nothing(
    sagemaker: SageMaker, cloud: Cloud, address: Address, place: int, *, lost: bool
) -> None:
    answer = refusing("InternalFailure", 500) if lost else refusing("ThrottlingException", 400)
    cloud.faults = [Fault(answer=answer, place=place, after=lost)]

    said = update(address, old=[GROUP, LEAVING], EmptyGroups="true")

    assert said["Status"] == "SUCCESS"
    assert cloud.struck
    assert sagemaker.versions[LEAVING] == []
    assert untouched(sagemaker)


@pytest.mark.usefixtures("time")
def test_a_group_that_cannot_be_emptied_is_told(sagemaker: SageMaker, cloud: Cloud, address: Address) -> None:
    cloud.faults = [Fault(answer=refusing("ConflictException"), operation="DeleteModelPackage")]

    said = update(address, old=[GROUP, LEAVING], EmptyGroups="true", seconds=120)

    assert said["Status"] == "FAILED"
    assert f"model package {LEAVING}/0" in said["Reason"]
    assert untouched(sagemaker)
