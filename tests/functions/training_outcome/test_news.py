"""A person learns from one paragraph what happened and what to do, and a program from a small document."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.training_outcome.conftest import EXECUTION, OUTPUT, REQUEST
from training_outcome import approval, ended
from training_outcome.ended import Left
from training_outcome.execution import UNKNOWN, Execution, is_whole

JOB = "mlstack-sandbox-0badcafe"
STOPPED = Left("training job", JOB)
RUNNING = Left(
    "endpoint", "mlstack-sandbox-sorter", "DeleteEndpoint: AccessDenied: no", "aws sagemaker delete-endpoint"
)


def execution(status: str, *, output: object = None, request: object = REQUEST, **more: str) -> Execution:
    """An execution that ended."""
    detail = {"executionArn": EXECUTION, "name": "first", "status": status, "stopDate": 1763793000000, **more}
    detail |= {"input": json.dumps(request), "output": json.dumps(output) if output is not None else None}
    return Execution.read(detail)


@pytest.mark.parametrize(
    ("output", "headline", "text"),
    [
        (
            OUTPUT,
            "mlstack sandbox: waste-sorter version 3 waits for approval",
            (
                "The training workflow of waste-sorter in stage"
                " sandbox finished. Its accuracy is 0.9312. Version 3 waits"
                " for approval: `mlstack models approve waste-sorter 3 --stage sandbox`. The execution is first."
            ),
        ),
        (
            OUTPUT
            | {
                "approval": "Approved",
                "endpoint": "mlstack-sandbox-sorter",
                "transformed": "s3://models/t/",
                "compiled": "s3://models/c.tar.gz",
            },
            "mlstack sandbox: waste-sorter version 3 finished",
            (
                "The training workflow of waste-sorter in stage"
                " sandbox finished. Its accuracy is 0.9312. It is version 3."
                " The compiled model is s3://models/c.tar.gz. Endpoint mlstack-sandbox-sorter serves it. The batch's"
                " answers are under s3://models/t/. The execution is first."
            ),
        ),
        (
            {"model": "waste-sorter", "metric": None, "value": None, "version": None},
            "mlstack sandbox: waste-sorter finished",
            ("The training workflow of waste-sorter in stage sandbox finished. The execution is first."),
        ),
    ],
)
def test_a_success_says_what_was_made_and_what_waits(output: dict[str, Any], headline: str, text: str) -> None:
    news = ended.news("sandbox", execution("SUCCEEDED", output=output), [])

    assert (news.headline, news.text, news.kind) == (headline, text, "Training Workflow Finished")


@pytest.mark.parametrize(
    ("status", "more", "left", "headline", "text"),
    [
        (
            "FAILED",
            {"error": "TrainingJobFailed", "cause": "training job x failed: AlgorithmError: no pictures."},
            [],
            "mlstack sandbox: waste-sorter failed: TrainingJobFailed",
            (
                "The training workflow of waste-sorter in stage"
                " sandbox failed: TrainingJobFailed: training job x failed:"
                " AlgorithmError: no pictures. The execution is first."
            ),
        ),
        (
            "ABORTED",
            {},
            [STOPPED, Left("compilation job", JOB)],
            "mlstack sandbox: waste-sorter was stopped",
            (
                "The training workflow of waste-sorter in stage"
                " sandbox was stopped. What it left running was stopped:"
                f" training job {JOB}, compilation job {JOB}. The execution is first."
            ),
        ),
        (
            "ABORTED",
            {"cause": "wrong data"},
            [RUNNING],
            "mlstack sandbox: waste-sorter was stopped",
            (
                "The training workflow of waste-sorter in stage"
                " sandbox was stopped: wrong data. The endpoint"
                " mlstack-sandbox-sorter could not be ended (DeleteEndpoint: AccessDenied: no): end it with"
                " `aws sagemaker delete-endpoint`. The execution is first."
            ),
        ),
        (
            "TIMED_OUT",
            {"error": "States.Timeout"},
            [],
            "mlstack sandbox: waste-sorter took longer than it may and was stopped",
            (
                "The training workflow of waste-sorter in stage"
                " sandbox took longer than it may and was stopped:"
                " States.Timeout. The execution is first."
            ),
        ),
    ],
)
def test_a_failure_says_why_and_what_still_runs(
    status: str, more: dict[str, str], left: list[Left], headline: str, text: str
) -> None:
    news = ended.news("sandbox", execution(status, **more), left)

    assert (news.headline, news.text, news.kind) == (headline, text, "Training Workflow Failed")


@pytest.mark.parametrize(
    ("output", "version", "waits"),
    [
        (OUTPUT, 3, True),
        ({**OUTPUT, "version": None}, 3, True),
        ({**OUTPUT, "version": None, "package_arn": None}, None, False),
        ({**OUTPUT, "version": "4"}, 4, True),
        ({**OUTPUT, "version": None, "package_arn": "arn:aws:sagemaker:x:1:model-package/unversioned"}, None, False),
        ({**OUTPUT, "version": {"a": 1}}, None, False),
        ({**OUTPUT, "path": "version"}, 3, False),
        ({**OUTPUT, "approval": "Approved"}, 3, False),
        ({**OUTPUT, "approval": None}, 3, False),
    ],
)
def test_a_new_version_that_is_not_approved_waits_for_a_person(
    output: dict[str, Any], version: int | None, *, waits: bool
) -> None:
    one = execution("SUCCEEDED", output=output)

    assert (one.version, one.waits) == (version, waits)
    assert ("mlstack models approve" in ended.news("sandbox", one, []).text) is waits


def test_a_program_learns_the_same() -> None:
    finished = ended.news("sandbox", execution("SUCCEEDED", output=OUTPUT), [])
    failed = ended.news("sandbox", execution("FAILED", error="E", cause="c"), [STOPPED, RUNNING])

    about = {"stage": "sandbox", "model": "waste-sorter", "execution": "first", "execution_arn": EXECUTION}
    assert finished.detail == {**OUTPUT, **about, "status": "SUCCEEDED"}
    assert failed.detail == {
        **about,
        "status": "FAILED",
        "error": "E",
        "reason": "c",
        "stopped": [f"training job {JOB}"],
        "not_stopped": ["endpoint mlstack-sandbox-sorter"],
    }
    assert json.loads(str(failed.entry["Detail"])) == {"key": f"{EXECUTION}#FAILED#1763793000000", **failed.detail}
    assert failed.entry["Source"] == "mlstack.training"


@pytest.mark.parametrize("request_", [None, [], "x", {}, {"model": 3}, {"model": " "}, {"model": None, "deploy": "x"}])
def test_a_request_that_names_no_model_is_told_too(request_: object) -> None:
    one = execution("FAILED", request=request_, error="RequestError", cause="model: is missing")

    assert one.model == UNKNOWN
    assert one.endpoint is None
    assert "RequestError: model: is missing" in ended.news("sandbox", one, []).text


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", "a" * 64, 3, None, ["a"]])
def test_an_endpoint_without_a_name_is_none(name: object) -> None:
    assert execution("ABORTED", request={"deploy": {"endpoint": name}}).endpoint is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*OUTPUT, "deploy"]), inner),
    max_leaves=20,
)


@given(
    status=st.sampled_from(["SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"]),
    output=JSON,
    request_=JSON,
    error=st.text(max_size=2000),
    cause=st.text(max_size=40_000),
)
def test_whatever_an_execution_says_can_be_told(
    status: str, output: object, request_: object, error: str, cause: str
) -> None:
    one = execution(status, output=output, request=request_, error=error, cause=cause)

    news = ended.news("sandbox", one, [STOPPED, RUNNING])

    assert 0 < len(news.headline) < 100
    assert news.headline.isascii()
    assert news.headline.isprintable()
    assert "\n" not in news.text
    assert len(news.text) < 10_000
    assert len(str(news.entry["Detail"])) < 50_000


@pytest.mark.parametrize(
    ("error", "headline"),
    [
        ("E" * 200, f"mlstack sandbox: waste-sorter failed: {'E' * 58}..."),
        ("E" * 61, f"mlstack sandbox: waste-sorter failed: {'E' * 61}"),
        ("Müll\nund 🗑", "mlstack sandbox: waste-sorter failed: M?ll und ?"),
    ],
)
def test_a_subject_is_as_sns_takes_it(error: str, headline: str) -> None:
    assert ended.news("sandbox", execution("FAILED", error=error), []).headline == headline


@pytest.mark.parametrize("value", [{"a": 1}, [1], "x" * 5000, None, True, 3])
def test_an_event_stays_small_whatever_an_output_holds(value: object) -> None:
    detail = ended.news("sandbox", execution("SUCCEEDED", output=dict.fromkeys(OUTPUT, value)), []).detail

    assert all(one is None or isinstance(one, str | int | float) for one in detail.values())
    assert all(len(str(one)) <= 1000 for one in detail.values())


PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/mlstack-sandbox-waste-sorter/3"
CHANGED = {
    "ModelPackageGroupName": "mlstack-sandbox-waste-sorter",
    "ModelPackageVersion": 3,
    "ModelPackageArn": PACKAGE,
    "ModelApprovalStatus": "Approved",
    "ApprovalDescription": "looks good",
    "CreationTime": "2026-11-22T06:00:00.000Z",
    "LastModifiedTime": "2026-11-22T07:00:00.000Z",
    "UpdatedModelPackageFields": ["ModelApprovalStatus", "ApprovalDescription"],
}


def test_an_approval_is_told_with_its_description() -> None:
    news = approval.news("sandbox", CHANGED)

    assert news is not None
    assert news.kind == "Model Package Approval Changed"
    assert news.headline == "mlstack sandbox: waste-sorter version 3 approved"
    assert news.text == ("Version 3 of waste-sorter in stage sandbox was approved: looks good. It can be deployed now.")
    assert news.detail == {
        "stage": "sandbox",
        "model": "waste-sorter",
        "group": "mlstack-sandbox-waste-sorter",
        "version": 3,
        "package_arn": PACKAGE,
        "approval": "Approved",
        "description": "looks good",
    }


def test_a_rejection_is_told_too() -> None:
    news = approval.news("sandbox", {**CHANGED, "ModelApprovalStatus": "Rejected", "ApprovalDescription": None})

    assert news is not None
    assert news.headline == "mlstack sandbox: waste-sorter version 3 rejected"
    assert news.text == "Version 3 of waste-sorter in stage sandbox was rejected. It cannot be deployed any more."


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, True),
        ({"UpdatedModelPackageFields": ["CustomerMetadataProperties"]}, False),
        ({"UpdatedModelPackageFields": ["ApprovalDescription"]}, False),
        ({"UpdatedModelPackageFields": ["ModelLifeCycle"]}, False),
        ({"UpdatedModelPackageFields": None}, False),
        ({"UpdatedModelPackageFields": [], "LastModifiedTime": None}, False),
        ({"UpdatedModelPackageFields": None, "LastModifiedTime": CHANGED["CreationTime"]}, False),
        ({"ModelApprovalStatus": "PendingManualApproval"}, False),
        ({"ModelApprovalStatus": None}, False),
        ({"ModelPackageGroupName": "mlstack-team-waste-sorter"}, False),
        ({"ModelPackageGroupName": None}, False),
    ],
)
def test_only_a_decision_about_this_stages_model_is_told(change: dict[str, Any], *, told: bool) -> None:
    assert (approval.news("sandbox", CHANGED | change) is not None) is told


@pytest.mark.parametrize(
    ("detail", "whole"),
    [
        ({"status": "SUCCEEDED", "input": "{}", "output": "{}"}, True),
        ({"status": "SUCCEEDED", "input": "{}", "output": None, "outputDetails": None}, False),
        ({"status": "SUCCEEDED", "output": "{}"}, False),
        ({"status": "FAILED", "input": "{}", "output": None}, True),
        ({"status": "FAILED", "input": None, "inputDetails": {"included": False}}, False),
    ],
)
def test_an_event_that_left_out_something_large_is_known(detail: dict[str, Any], *, whole: bool) -> None:
    assert is_whole(detail) is whole
