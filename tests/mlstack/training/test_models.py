"""`mlstack models`, and what is done with a version: compile, transform, deploy."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlstack.console import out
from shared.training_run import job_name
from tests.mlstack.training.conftest import (
    JPEG,
    MODELS,
    OUTCOME,
    PACKAGE,
    Run,
    asked,
    bodies,
    execution,
    keys,
)
from tests.mlstack.wire import Spoken, Wire, client, refused, said

REPORT: dict[str, Any] = {
    "metrics": {"accuracy": 0.9, "macro_f1": 0.89, "loss": 0.2},
    "per_class": {
        "compost": {"precision": 1, "recall": 0.8, "f1": 0.889, "count": 10},
        "landfill": {"precision": 0.83, "recall": 1.0, "f1": 0.909, "count": 1_000},
    },
    "confusion_matrix": {"labels": ["compost", "landfill"], "rows": [[8, 2], [0, 1_000]]},
    "multiclass_classification_metrics": {},
}
REPORT_KEY = "training/waste-sorter/x/evaluation/evaluation.json"
METADATA = {"execution": "waste-sorter-1", "algorithm": "own", "path": "train", "metric": "accuracy", "value": "0.9"}


def summary(number: int) -> dict[str, object]:
    """A version as it is listed."""
    return {
        "ModelPackageArn": f"{PACKAGE}/{number}",
        "ModelPackageVersion": number,
        "CreationTime": 1_790_000_000,
        "ModelPackageStatus": "Completed",
        "ModelPackageGroupName": "mlstack-sandbox-waste-sorter",
    }


def listed(*numbers: int) -> Spoken:
    """What ListModelPackages answers."""
    return said(ModelPackageSummaryList=[summary(number) for number in numbers])


def described(number: int = 3, approval: str = "Approved", **more: object) -> Spoken:
    """What DescribeModelPackage answers."""
    container = {"Image": "i", "ModelDataUrl": f"s3://{MODELS}/model.tar.gz"}
    told = {
        "ModelApprovalStatus": approval,
        "CustomerMetadataProperties": METADATA,
        "InferenceSpecification": {"Containers": [container]},
        "ModelMetrics": {
            "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": f"s3://{MODELS}/{REPORT_KEY}"}}
        },
    }
    return said(**summary(number) | told | more)


@pytest.fixture
def registered(wire: Wire) -> Wire:
    """Three versions, of which the third has a report and serves nowhere."""
    wire.answer("ListModelPackages", listed(3, 2, 1))
    wire.answer("DescribeModelPackage", described())
    wire.answer("ListEndpoints", said(Endpoints=[]))
    wire.answer("UpdateModelPackage", said(ModelPackageArn=f"{PACKAGE}/3"))
    wire.answer("DeleteModelPackage", said())
    report(REPORT)
    return wire


def report(told: object) -> None:
    """Write the report of the third version."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    client("s3").put_object(Bucket=MODELS, Key=REPORT_KEY, Body=body)


@pytest.fixture
def served(registered: Wire) -> Wire:
    """The third version serves at an endpoint."""
    one = {"EndpointName": "mlstack-sandbox-sorter", "EndpointArn": "a" * 30, "EndpointStatus": "InService"}
    registered.answer("ListEndpoints", said(Endpoints=[one | {"CreationTime": 1, "LastModifiedTime": 1}]))
    registered.answer("DescribeEndpoint", said(EndpointConfigName="c", EndpointStatus="InService"))
    registered.answer("DescribeEndpointConfig", said(ProductionVariants=[{"VariantName": "v", "ModelName": "m"}]))
    registered.answer("DescribeModel", said(PrimaryContainer={"ModelPackageName": f"{PACKAGE}/3"}))
    return registered


def test_versions_are_listed_with_approval_metric_and_origin(registered: Wire, run: Run) -> None:
    registered.answer(
        "DescribeModelPackage", described(), described(2, "PendingManualApproval"), described(1, "Rejected")
    )

    code, output, _ = run("models", "list", "waste-sorter")

    rows = [
        " ".join(line.split()) for line in output.splitlines() if line.startswith(" waste-sorter") or "accuracy" in line
    ]
    assert code == 0
    assert (
        rows[0]
        == "waste-sorter 3 approved accuracy=0.9 2026-09-21 14:13 UTC the project's image, one training waste-sorter-1"
    )
    assert [row.split(" accuracy")[0] for row in rows[1:]] == [
        "waste-sorter 2 waits for approval",
        "waste-sorter 1 rejected",
    ]
    assert asked(registered, "ListModelPackages")["ModelPackageGroupName"] == "mlstack-sandbox-waste-sorter"


def test_all_models_are_listed_where_none_is_named(registered: Wire, run: Run) -> None:
    told = json.loads(run("models", "list", "--json")[1])

    assert [one["model"] for one in told] == ["waste-sorter"] * 3 + ["churn"] * 3
    assert (told[0]["version"], told[0]["approval"], told[0]["metadata"]) == (3, "Approved", METADATA)
    groups = [one["ModelPackageGroupName"] for one in bodies(registered, "ListModelPackages")]
    assert groups == ["mlstack-sandbox-waste-sorter", "mlstack-sandbox-churn"]


def test_a_model_without_versions_says_how_to_make_one(registered: Wire, run: Run) -> None:
    registered.answer("ListModelPackages", listed())

    code, output, errors = run("models", "list", "churn")

    assert (code, output) == (0, "")
    assert "`mlstack train churn --data FOLDER` makes one" in errors


def test_a_version_is_shown_with_its_report(registered: Wire, run: Run) -> None:
    code, output, errors = run("models", "show", "waste-sorter", "3")

    rows = [" ".join(line.split()) for line in output.splitlines()]
    assert (code, errors) == (0, "")
    assert "accuracy 0.9000" in rows
    assert "landfill 0.830 1.000 0.909 1,000" in rows
    assert "compost 8 2" in rows
    assert asked(registered, "DescribeModelPackage")["ModelPackageName"] == f"{PACKAGE}/3"


TOLD = {
    **METADATA,
    "value": "0.8333333333333334",
    "gate": "at least 0.8",
    "instance_type": "ml.m5.xlarge",
    "spot": "spot",
    "job": "mlstack-sandbox-0a1b2c3d",
    "hyperparameters": "epochs=12 model=resnet-18",
}


def shown(run: Run) -> list[str]:
    """The lines about the third version."""
    return [" ".join(line.split()) for line in run("models", "show", "waste-sorter", "3")[1].splitlines()]


def test_how_a_version_was_made_is_told_once_and_in_words(registered: Wire, run: Run) -> None:
    description = "Made by execution waste-sorter-1"
    answer = described(CustomerMetadataProperties=TOLD, ModelPackageDescription=description)
    registered.answer("DescribeModelPackage", answer)

    rows = shown(run)

    assert "trained by the project's image, one training on spot ml.m5.xlarge" in rows
    assert "hyperparameters epochs=12 model=resnet-18" in rows
    assert "metric accuracy=0.8333, wanted: at least 0.8" in rows
    assert [row for row in rows if "waste-sorter-1" in row] == ["run waste-sorter-1"]
    assert not any("0.83333" in row or row.startswith(("algorithm", "path", "spot")) for row in rows)
    assert registered.calls("DescribeHyperParameterTuningJob") == []


def test_what_a_tuning_chose_is_told(registered: Wire, run: Run) -> None:
    told = TOLD | {"path": "tune", "spot": "on-demand", "algorithm": "xgboost"}
    registered.answer("DescribeModelPackage", described(CustomerMetadataProperties=told))
    best = {
        "TunedHyperParameters": {"learning_rate": "0.01"},
        "FinalHyperParameterTuningJobObjectiveMetric": {"MetricName": "validation:accuracy", "Value": 0.9},
    }
    registered.answer("DescribeHyperParameterTuningJob", said(BestTrainingJob=best))

    rows = shown(run)

    assert "trained by xgboost, the best of a tuning on ml.m5.xlarge" in rows
    assert "by learning_rate 0.01" in rows
    assert asked(registered, "DescribeHyperParameterTuningJob") == {
        "HyperParameterTuningJobName": "mlstack-sandbox-0a1b2c3d"
    }


def test_a_version_is_shown_though_its_tuning_cannot_be_seen(registered: Wire, run: Run) -> None:
    registered.answer("DescribeModelPackage", described(CustomerMetadataProperties=TOLD | {"path": "tune"}))
    registered.answer("DescribeHyperParameterTuningJob", refused("AccessDeniedException", "not you"))

    assert "trained by the project's image, the best of a tuning on spot ml.m5.xlarge" in shown(run)


def test_a_narrow_terminal_lists_versions_in_lines_of_whole_words(
    registered: Wire, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out, "_force_terminal", True)
    monkeypatch.setattr(out, "_width", 60)
    registered.answer("DescribeModelPackage", described(2, "PendingManualApproval", CustomerMetadataProperties=TOLD))

    code, output, _ = run("models", "list", "waste-sorter")

    assert code == 0
    assert all(len(line) <= 60 for line in output.splitlines())
    assert all(
        text in output
        for text in (
            "waste-sorter  version 2  waits for approval",
            "accuracy=0.8333  2026-09-21 14:13 UTC",
            "the project's image, one training on spot ml.m5.xlarge",
        )
    )


@pytest.mark.usefixtures("registered")
def test_a_terminal_shades_the_confusion(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "_force_terminal", True)
    monkeypatch.setattr(out, "_color_system", out._detect_color_system() or 3)  # noqa: SLF001 (rich has no other way)

    code, output, _ = run("models", "show", "waste-sorter", "3")

    assert code == 0
    assert "1,000" in output


@pytest.mark.usefixtures("registered")
def test_a_script_gets_the_report_whole(run: Run) -> None:
    told = json.loads(run("models", "show", "waste-sorter", "latest", "--json")[1])

    assert told["evaluation"] == {key: REPORT[key] for key in ("metrics", "per_class", "confusion_matrix")}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "is damaged: JSONDecodeError"),
        (b"[" * 100_000, "is damaged: RecursionError"),
        ([], "is damaged: AttributeError"),
        ({}, "is damaged: KeyError('metrics')"),
        ({"metrics": {"accuracy": "high"}}, "is damaged: ValueError"),
        ({"metrics": {}, "confusion_matrix": {"labels": 3, "rows": []}}, "is damaged: TypeError"),
    ],
)
@pytest.mark.usefixtures("registered")
def test_a_version_is_shown_though_its_report_is_damaged(run: Run, body: object, reason: str) -> None:
    report(body)

    code, output, errors = run("models", "show", "waste-sorter", "3")

    assert code == 0
    assert "approved" in output
    assert reason in errors


@pytest.mark.usefixtures("registered")
def test_a_report_that_is_gone_is_said_to_be(run: Run) -> None:
    client("s3").delete_object(Bucket=MODELS, Key=REPORT_KEY)

    code, output, errors = run("models", "show", "waste-sorter", "3")

    assert (code, "approved" in output) == (0, True)
    assert "evaluation.json is not there any more" in errors


@pytest.mark.usefixtures("registered")
def test_a_report_beyond_all_bounds_is_not_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlstack.training.models.report.LARGEST", 10)

    assert "bytes, and cannot be shown" in run("models", "show", "waste-sorter", "3")[2]


@pytest.mark.parametrize(
    ("operation", "command"),
    [
        ("ListModelPackages", "list"),
        ("DescribeModelPackage", "show"),
        ("ListEndpoints", "delete"),
        ("DescribeEndpoint", "delete"),
        ("DescribeModel", "reject"),
    ],
)
def test_whatever_aws_refuses_is_one_line(served: Wire, run: Run, operation: str, command: str) -> None:
    served.answer(operation, refused("AccessDeniedException", "not you"))

    code, _, errors = run("models", command, "waste-sorter", *([] if command == "list" else ["3"]))

    assert (code, len(errors.splitlines()), "not you" in errors) == (2, 1, True)


def test_a_report_that_s3_forbids_is_one_line(registered: Wire, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")

    def refuse(**_: object) -> None:
        raise refusal

    monkeypatch.setattr(client("s3"), "get_object", refuse)

    code, _, errors = run("models", "show", "waste-sorter", "3")

    assert (code, len(errors.splitlines()), "AccessDenied" in errors) == (2, 1, True)
    assert registered.calls("DescribeModelPackage")


@pytest.mark.usefixtures("registered")
def test_labels_cannot_play_with_the_terminal(run: Run) -> None:
    scores = {"precision": 0, "recall": 0, "f1": 0, "count": 0}
    matrix = {"labels": ["[red]x\x1b[2J"], "rows": [[0]]}
    report({"metrics": {"a\x1b[2J": 1}, "per_class": {"[/]\x1b[2J": scores}, "confusion_matrix": matrix})

    code, output, _ = run("models", "show", "waste-sorter", "3")

    assert code == 0
    assert "\x1b" not in output
    assert "[red]x" in output


def test_a_version_without_a_report_is_shown_without_one(registered: Wire, run: Run) -> None:
    registered.answer("DescribeModelPackage", said(**summary(1)))

    code, output, errors = run("models", "show", "waste-sorter", "1")

    assert (code, errors) == (0, "")
    assert "Evaluation" not in output


@pytest.mark.parametrize(
    ("verb", "approval", "told"),
    [
        ("approve", "Approved", "waste-sorter 3 is approved; `mlstack deploy waste-sorter 3` serves it"),
        ("reject", "Rejected", "waste-sorter 3 is rejected"),
    ],
)
def test_a_decision_is_written_down_with_its_reason(
    registered: Wire, run: Run, verb: str, approval: str, told: str
) -> None:
    code, _, errors = run("models", verb, "waste-sorter", "3", "--because", "so be it")

    assert (code, errors.strip()) == (0, told)
    assert asked(registered, "UpdateModelPackage") == {
        "ModelPackageArn": f"{PACKAGE}/3",
        "ModelApprovalStatus": approval,
        "ApprovalDescription": "so be it",
    }


def test_a_decision_without_a_reason_takes_the_place_of_the_reason_before(registered: Wire, run: Run) -> None:
    run("models", "reject", "waste-sorter", "3")

    assert asked(registered, "UpdateModelPackage")["ApprovalDescription"] == "no reason was given"


@pytest.mark.usefixtures("served")
def test_what_is_rejected_and_serves_all_the_same_is_named(run: Run) -> None:
    assert "served all the same by mlstack-sandbox-sorter" in run("models", "reject", "waste-sorter", "3")[2]


def test_a_decision_that_aws_refuses_is_one_line(registered: Wire, run: Run) -> None:
    registered.answer("UpdateModelPackage", refused("AccessDeniedException", "not you"))

    code, _, errors = run("models", "approve", "waste-sorter", "3")

    assert (code, len(errors.splitlines()), "not you" in errors) == (2, 1, True)


def test_a_deletion_shows_its_plan_and_stops(registered: Wire, run: Run) -> None:
    code, output, errors = run("models", "delete", "waste-sorter", "3")

    assert (code, registered.calls("DeleteModelPackage")) == (0, [])
    assert "To delete: waste-sorter 3" in output
    again = "mlstack models delete waste-sorter 3 --execute --stage sandbox"
    assert f"nothing was deleted; `{again}` deletes it, for good" in errors


def test_a_deletion_wants_the_stage_said(registered: Wire, run: Run) -> None:
    assert run("models", "delete", "waste-sorter", "3", "--execute")[0] == 2
    assert registered.calls("DeleteModelPackage") == []

    assert run("models", "delete", "waste-sorter", "3", "--execute", "--stage", "sandbox")[0] == 0
    assert asked(registered, "DeleteModelPackage") == {"ModelPackageName": f"{PACKAGE}/3"}


def test_what_serves_is_not_deleted(served: Wire, run: Run) -> None:
    code, _, errors = run("models", "delete", "waste-sorter", "3", "--execute", "--stage", "sandbox")

    assert (code, served.calls("DeleteModelPackage")) == (2, [])
    assert "is served by mlstack-sandbox-sorter, so it is not deleted; deploy another version there first" in errors


def test_what_serves_by_its_files_alone_is_not_deleted_either(served: Wire, run: Run) -> None:
    served.answer("DescribeModel", said(Containers=[{"Image": "i", "ModelDataUrl": f"s3://{MODELS}/model.tar.gz"}]))

    assert run("models", "delete", "waste-sorter", "3")[0] == 2

    served.answer("DescribeModel", said(Containers=[{"Image": "i", "ModelDataUrl": "s3://other/model.tar.gz"}]))
    assert run("models", "delete", "waste-sorter", "3")[0] == 0


@pytest.mark.parametrize(("value", "shown"), [("0.9666666666666667", "accuracy=0.9667"), ("odd", "accuracy=odd")])
def test_a_metric_is_shown_in_a_few_digits(registered: Wire, run: Run, value: str, shown: str) -> None:
    registered.answer("DescribeModelPackage", described(CustomerMetadataProperties=METADATA | {"value": value}))

    assert f" {shown} " in run("models", "list", "waste-sorter")[1]


def test_an_endpoint_that_goes_meanwhile_serves_nothing(served: Wire, run: Run) -> None:
    served.answer("DescribeEndpointConfig", refused("ValidationException", "Could not find endpoint configuration."))

    assert run("models", "delete", "waste-sorter", "3")[0] == 0


@pytest.mark.parametrize("version", ["0", "-1", "v3", "3.0", "٣", "9" * 12, "newest", ""])
def test_what_is_no_version_is_not_asked_for(registered: Wire, run: Run, version: str) -> None:
    code, _, errors = run("models", "show", "--", "waste-sorter", version)

    assert (code, registered.calls()) == (2, [])
    assert "is no version; write its number, latest or latest-approved" in errors


def test_a_version_that_is_not_there_names_the_list(registered: Wire, run: Run) -> None:
    code, _, errors = run("models", "show", "waste-sorter", "9")

    assert (code, errors) == (2, "mlstack: waste-sorter has no version 9; see `mlstack models list waste-sorter`\n")
    registered.answer("DescribeModelPackage", refused("ValidationException", "ModelPackage x does not exist."))
    assert "3 of waste-sorter was deleted meanwhile" in run("models", "show", "waste-sorter", "3")[2]


def test_the_latest_approved_is_asked_for_as_such(registered: Wire, run: Run) -> None:
    run("deploy", "waste-sorter", "latest-approved", "--plan")

    listing = asked(registered, "ListModelPackages")
    assert (listing["ModelApprovalStatus"], listing["SortOrder"]) == ("Approved", "Descending")
    registered.answer("ListModelPackages", listed())
    assert "waste-sorter has no approved version" in run("deploy", "waste-sorter", "latest-approved")[2]


@pytest.mark.parametrize(
    ("arguments", "request_"),
    [
        ("deploy waste-sorter 3", {"deploy": {"endpoint": "waste-sorter"}}),
        (
            "deploy waste-sorter latest --endpoint sorter --memory-mb 3072 --max-concurrency 9",
            {"deploy": {"endpoint": "sorter", "memory_mb": 3072, "max_concurrency": 9}},
        ),
        ("compile waste-sorter 3 --target jetson_nano", {"compile": {"target": "jetson_nano"}}),
        (
            "transform waste-sorter 3 --data s3://b/new/ --instance ml.c5.xlarge --instances 2 --max-minutes 9",
            {
                "transform": {
                    "data": "s3://b/new/",
                    "instance_type": "ml.c5.xlarge",
                    "instances": 2,
                    "max_run_minutes": 9,
                }
            },
        ),
    ],
)
def test_what_is_done_with_a_version_is_a_request_of_its_own(
    registered: Wire, run: Run, arguments: str, request_: dict[str, Any]
) -> None:
    code, output, _ = run(*arguments.split())

    assert code == 0
    assert asked(registered, "Invoke")["request"] == {"model": "waste-sorter", "version": 3} | request_
    assert json.loads(asked(registered, "StartExecution")["input"]) == asked(registered, "Invoke")["request"]
    assert "price: at most" in output


def test_nothing_is_suggested_for_a_version_that_was_there_before(registered: Wire, run: Run) -> None:
    outcome = OUTCOME | {"path": "version", "endpoint": None, "compiled": f"s3://{MODELS}/compiled.tar.gz"}
    registered.answer("DescribeExecution", execution(output=json.dumps(outcome)))

    _, output, errors = run("compile", "waste-sorter", "3", "--target", "jetson_nano")

    assert f"s3://{MODELS}/compiled.tar.gz" in output
    assert "next" not in errors


def batch(wire: Wire) -> str:
    """Let the run have written two predictions, one with a hostile name; gives their prefix."""
    prefix = "training/waste-sorter/x/transform/"
    for name in ("1.jpg.out", "deeper/2.png.out", "../../escape.out"):
        client("s3").put_object(Bucket=MODELS, Key=f"{prefix}{name}", Body=name.encode())
    uri = f"s3://{MODELS}/{prefix}"
    wire.answer("DescribeExecution", execution(output=json.dumps(OUTCOME | {"transformed": uri, "endpoint": None})))
    return uri


def test_predictions_are_fetched_into_a_folder(registered: Wire, run: Run, tmp_path: Path) -> None:
    batch(registered)
    (tmp_path / "new").mkdir()
    (tmp_path / "new/1.jpg").write_bytes(JPEG)

    code, _, errors = run("transform", "waste-sorter", "3", "--data", tmp_path / "new", "--to", tmp_path / "a/b")

    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.out"))
    assert code == 0
    assert found == ["a/b/1.jpg.out", "a/b/_/_/escape.out", "a/b/deeper/2.png.out"]
    assert "fetched 3 predictions into" in errors
    assert [key.rpartition("/batch/")[2] for key in keys()] == ["1.jpg"]


def left_over(*names: str, run: str = "waste-sorter-20261122-093000-3fa9") -> str:
    """Let a run have written predictions before it failed; gives their prefix."""
    prefix = f"training/waste-sorter/{job_name('sandbox', run)}/transform/"
    for name in names:
        client("s3").put_object(Bucket=MODELS, Key=f"{prefix}{name}", Body=b"{}")
    return f"s3://{MODELS}/{prefix}"


def failed(way: str = "transform", status: str = "FAILED") -> Spoken:
    """What DescribeExecution answers of a run that failed in its last step."""
    request = json.dumps({"model": "waste-sorter", "version": 3, way: {}})
    return execution(status, input=request, error="TransformJobFailed", cause="ClientError: See job logs")


@pytest.mark.parametrize("status", ["FAILED", "ABORTED", "TIMED_OUT"])
def test_what_a_failed_batch_predicted_all_the_same_is_fetched(
    registered: Wire, run: Run, tmp_path: Path, status: str
) -> None:
    registered.answer("DescribeExecution", failed(status=status))
    left_over("1.jpg.out", "2.jpg.out")

    code, _, errors = run("transform", "waste-sorter", "3", "--data", "s3://b/x", "--to", tmp_path / "to")

    assert code == 1
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == ["1.jpg.out", "2.jpg.out"]
    assert "TransformJobFailed: ClientError: See job logs\nfetched 2 predictions into" in errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("transform", "waste-sorter", "3", "--data", "s3://b/x"),
        ("models", "follow", "waste-sorter-20261122-093000-3fa9"),
    ],
)
def test_a_failed_batch_says_where_lies_what_it_predicted_all_the_same(
    registered: Wire, run: Run, arguments: tuple[str, ...]
) -> None:
    registered.answer("DescribeExecution", failed())
    uri = left_over("1.jpg.out")

    code, _, errors = run(*arguments)

    assert code == 1
    assert f"what it predicted all the same lies under {uri}; `aws s3 cp --recursive {uri} FOLDER` fetches it" in errors


@pytest.mark.parametrize(("way", "names"), [("transform", ()), ("deploy", ("1.jpg.out",))])
def test_a_run_that_predicted_nothing_is_not_looked_for_predictions(
    registered: Wire, run: Run, tmp_path: Path, way: str, names: tuple[str, ...]
) -> None:
    registered.answer("DescribeExecution", failed(way))
    left_over(*names)

    code, _, errors = run("transform", "waste-sorter", "3", "--data", "s3://b/x", "--to", tmp_path / "to")

    assert (code, list(tmp_path.iterdir())) == (1, [])
    assert errors.splitlines()[-1].endswith("TransformJobFailed: ClientError: See job logs")


def test_a_model_that_nobody_has_is_no_place_to_look(registered: Wire, run: Run) -> None:
    hostile = {"model": "waste-sorter/x; rm -rf", "transform": {}}
    registered.answer("DescribeExecution", execution("FAILED", input=json.dumps(hostile), error="RequestError"))
    job = job_name("sandbox", "waste-sorter-20261122-093000-3fa9")
    client("s3").put_object(Bucket=MODELS, Key=f"training/{hostile['model']}/{job}/transform/1.out", Body=b"{}")

    _, _, errors = run("models", "follow", "waste-sorter-20261122-093000-3fa9")

    assert "rm -rf" not in errors


def test_a_bucket_that_may_not_be_seen_hides_no_reason(
    registered: Wire, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered.answer("DescribeExecution", failed())

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "ListObjectsV2")

    monkeypatch.setattr(client("s3"), "list_objects_v2", refuse)

    code, _, errors = run("transform", "waste-sorter", "3", "--data", "s3://b/x")

    assert code == 1
    assert errors.splitlines()[-1].endswith("TransformJobFailed: ClientError: See job logs")


def test_predictions_replace_nothing(registered: Wire, run: Run, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")

    code, _, errors = run("transform", "waste-sorter", "3", "--data", "s3://b/x", "--to", tmp_path)

    assert (code, registered.calls()) == (2, [])
    assert "is there already and not empty; name another folder" in errors


def test_predictions_are_not_fetched_from_what_is_not_followed(registered: Wire, run: Run, tmp_path: Path) -> None:
    code, _, errors = run("transform", "waste-sorter", "3", "--data", "s3://b/x", "--to", tmp_path, "--no-follow")

    assert (code, registered.calls()) == (2, [])
    assert "--to waits for the end" in errors


def test_no_predictions_are_an_error(registered: Wire, run: Run, tmp_path: Path) -> None:
    outcome = OUTCOME | {"transformed": f"s3://{MODELS}/nothing/"}
    registered.answer("DescribeExecution", execution(output=json.dumps(outcome)))

    code, _, errors = run("transform", "waste-sorter", "3", "--data", "s3://b/x", "--to", tmp_path / "to")

    assert (code, f"nothing lies under s3://{MODELS}/nothing/" in errors) == (2, True)
