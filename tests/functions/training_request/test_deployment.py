"""Versions and endpoints: which are there, and whether they may be used and changed."""

from dataclasses import replace

import pytest

from tests.functions.training_request.conftest import (
    ENDPOINT,
    FOUND,
    GPU,
    PACKAGE,
    VERSION,
    Json,
    planned,
    refusals,
    train,
    version,
)
from training_request.facts import Endpoint

DEPLOY = {"endpoint": "waste"}
AUTOMATIC = {"approval": "automatic", "deploy": DEPLOY}


def test_an_endpoint_that_is_not_there_is_made_without_instances() -> None:
    plan = planned(train() | AUTOMATIC)

    assert plan["approval"] == "Approved"
    assert plan["deploy"] == {"endpoint": "mlstack-sandbox-waste", "memory_mb": 2048, "max_concurrency": 5}


def test_a_model_that_waits_for_approval_is_not_deployed() -> None:
    said = refusals(train() | {"deploy": DEPLOY})

    assert said == {
        "deploy": 'only an approved model is deployed: set approval to "automatic", or register it without deploy, '
        "approve it (`mlstack models approve waste-sorter VERSION`) and deploy that version"
    }


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": "Updating"}, "mlstack-sandbox-waste is Updating; try again when it is InService or gone"),
        ({"status": "Deleting"}, "mlstack-sandbox-waste is Deleting; try again when it is InService or gone"),
        (
            {"status": "Failed", "failure_reason": "no capacity"},
            (
                "mlstack-sandbox-waste is Failed (no capacity); delete it first: "
                "`aws sagemaker delete-endpoint --endpoint-name mlstack-sandbox-waste`"
            ),
        ),
        (
            {"with_model": False},
            (
                "mlstack-sandbox-waste hosts inference components, whose models are changed one by one and not by its "
                "configuration; name another endpoint, or change the component in the profile and deploy"
            ),
        ),
        (
            {"serverless": False},
            (
                "mlstack-sandbox-waste has instances, a role, a network and alarms of its own, which a model of the "
                "workflow would take from it; name the model's artifacts as its model in the profile and deploy, or "
                "name another endpoint"
            ),
        ),
        (
            {"variants": ("A", "B")},
            "mlstack-sandbox-waste has the variants A and B; name an endpoint with one model",
        ),
    ],
)
def test_an_endpoint_that_cannot_be_changed_is_refused(changed: Json, reason: str) -> None:
    facts = replace(FOUND, endpoint=replace(ENDPOINT, **changed))

    assert refusals(train() | AUTOMATIC, facts) == {"deploy.endpoint": reason}


def test_an_endpoint_of_the_profile_keeps_its_own_configuration() -> None:
    facts = replace(FOUND, endpoint=replace(ENDPOINT, ours=False))

    assert refusals(train() | AUTOMATIC, facts) == {}
    said = refusals(train() | {"approval": "automatic", "deploy": DEPLOY | {"memory_mb": 4096}}, facts)
    assert said["deploy.endpoint"].endswith("leave out memory_mb and max_concurrency, or name another endpoint")


def test_the_model_of_an_endpoint_of_the_profile_is_replaced_and_that_is_said_before() -> None:
    [warning] = planned(train() | AUTOMATIC, replace(FOUND, endpoint=replace(ENDPOINT, ours=False)))["warnings"]

    assert "is of the profile and serves another model" in warning


def test_an_endpoint_that_cannot_be_looked_at_is_refused() -> None:
    facts = replace(FOUND, endpoint_failure="AccessDeniedException: not you")

    said = refusals(train() | AUTOMATIC, facts)

    assert said == {"deploy.endpoint": "mlstack-sandbox-waste cannot be looked at: AccessDeniedException: not you"}


def test_a_version_of_an_algorithm_is_deployed_with_its_own_image() -> None:
    package = replace(PACKAGE, image="xgboost:1", metadata={"algorithm": "xgboost"})

    assert planned(version(deploy=DEPLOY), replace(VERSION, package=package))["serving"]["image"] == "xgboost:1"


def test_a_version_is_deployed_with_the_stages_present_image_and_its_artifacts() -> None:
    aged = replace(VERSION, package=replace(PACKAGE, image="inference:of-its-day"))

    plan = planned(version(deploy=DEPLOY), aged)

    assert (plan["path"], plan["register"], plan["version"], plan["package"]) == ("version", False, 3, PACKAGE.arn)
    assert plan["approval"] == "Approved"
    assert plan["serving"]["image"] == PACKAGE.image
    assert plan["serving"]["artifacts"] == PACKAGE.artifacts
    assert plan["metadata"] == {}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"package": None}, "waste-sorter has no version 3; it has 3, 2 and 1"),
        ({"package": None, "versions": ()}, "waste-sorter has no version 3; it has none yet; train one first"),
        (
            {"package": None, "package_failure": "AccessDeniedException: not you"},
            "the versions of waste-sorter cannot be read: AccessDeniedException: not you",
        ),
        (
            {"package": replace(PACKAGE, status="Failed")},
            "version 3 of waste-sorter cannot be used: its status is Failed",
        ),
        (
            {"package": replace(PACKAGE, approval="PendingManualApproval")},
            (
                "version 3 of waste-sorter waits for approval, and only an approved one is deployed: "
                "`mlstack models approve waste-sorter 3`"
            ),
        ),
        (
            {"package": replace(PACKAGE, approval="Rejected")},
            (
                "version 3 of waste-sorter is rejected, and only an approved one is deployed: "
                "`mlstack models approve waste-sorter 3`"
            ),
        ),
    ],
)
def test_a_version_that_cannot_be_deployed_is_refused(changed: Json, reason: str) -> None:
    said = refusals(version(deploy=DEPLOY), replace(VERSION, **changed))

    assert said == {"version": reason}


def test_a_version_that_nobody_approved_may_be_tried_on_pictures() -> None:
    facts = replace(VERSION, package=replace(PACKAGE, approval="PendingManualApproval"))

    plan = planned(version(transform={"data": "s3://datasets/new/"}), facts)

    assert plan["approval"] == "PendingManualApproval"


def test_a_version_alone_is_nothing_to_do() -> None:
    said = refusals(version(), VERSION)

    assert said == {"request": 'does nothing with the version: add "compile", "deploy" or "transform"'}


def test_an_endpoint_that_the_workflow_made_may_grow() -> None:
    request = train() | {"approval": "automatic", "deploy": DEPLOY | {"memory_mb": 4096}}

    assert planned(request, replace(FOUND, endpoint=ENDPOINT))["deploy"]["memory_mb"] == 4096


@pytest.mark.parametrize("endpoint", [None, ENDPOINT])
def test_a_serverless_endpoint_has_no_gpu(endpoint: Endpoint | None) -> None:
    request = train(instance_type="ml.g4dn.xlarge") | AUTOMATIC

    plan = planned(request, replace(FOUND, endpoint=endpoint), told=GPU)

    assert plan["warnings"] == ["deploy.endpoint: mlstack-sandbox-waste is serverless and computes without a GPU"]


@pytest.mark.parametrize("status", ["InService", "Failed", "Updating"])
@pytest.mark.parametrize("stages", [{"sandbox-a"}, {"sandbox-a", "sandbox"}])
def test_an_endpoint_of_another_stage_is_neither_changed_nor_to_be_deleted(status: str, stages: set[str]) -> None:
    there = replace(ENDPOINT, status=status, stages=frozenset(stages))

    said = refusals(train() | AUTOMATIC, replace(FOUND, endpoint=there))

    reason = "mlstack-sandbox-waste is an endpoint of stage sandbox-a, not of sandbox; name another endpoint"
    assert said == {"deploy.endpoint": reason}


@pytest.mark.parametrize("stages", [set[str](), {"sandbox"}])
def test_an_endpoint_of_this_stage_or_of_nobody_is_changed(stages: set[str]) -> None:
    facts = replace(FOUND, endpoint=replace(ENDPOINT, stages=frozenset(stages)))

    assert refusals(train() | AUTOMATIC, facts) == {}
