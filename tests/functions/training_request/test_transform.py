"""Batch transform: what is sent as one request, and as what."""

from dataclasses import replace

import pytest

from tests.functions.training_request.conftest import (
    FOUND,
    PACKAGE,
    VERSION,
    Everything,
    Json,
    planned,
    refusals,
    train,
    version,
)

NEW = {"data": "s3://datasets/new/"}


def transformed(request: Json, suffix: str, **wanted: object) -> Json:
    facts = replace(VERSION if "version" in request else FOUND, listings=Everything(suffix))
    found: Json = planned(request | {"transform": {**NEW, **wanted}}, facts)["transform"]
    return found


@pytest.mark.parametrize(
    ("suffix", "content_type"),
    [
        (".jpg", "image/jpeg"),
        (".JPEG", "image/jpeg"),
        (".png", "image/png"),
        ("", "application/x-image"),
        (".gif", "application/x-image"),
    ],
)
def test_a_picture_is_one_request_and_has_the_type_of_its_name(suffix: str, content_type: str) -> None:
    found = transformed(train(), suffix)

    assert found["TransformInput"]["ContentType"] == content_type
    assert (found["TransformInput"]["SplitType"], found["BatchStrategy"]) == ("None", "SingleRecord")
    assert found["TransformOutput"]["AssembleWith"] == "None"
    assert found["MaxPayloadInMB"] == 6
    assert found["max_run_seconds"] == 3600


def test_a_table_is_sent_line_by_line() -> None:
    kmeans = train(
        algorithm="kmeans",
        data={"train": "s3://datasets/x/"},
        hyperparameters={"k": 3, "feature_dim": 9},
        max_run_minutes=30,
    )

    found = transformed(kmeans, ".csv")

    assert found["TransformInput"]["ContentType"] == "text/csv"
    assert (found["TransformInput"]["SplitType"], found["BatchStrategy"]) == ("Line", "MultiRecord")
    assert (found["TransformOutput"]["Accept"], found["TransformOutput"]["AssembleWith"]) == (
        "application/jsonlines",
        "Line",
    )


def test_somebody_may_name_the_type() -> None:
    assert transformed(train(), ".jpg", content_type="image/png")["TransformInput"]["ContentType"] == "image/png"


def test_a_type_that_the_model_does_not_take_is_refused() -> None:
    said = refusals(train() | {"transform": {**NEW, "content_type": "text/csv"}})

    assert said == {
        "transform.content_type": (
            "text/csv is none that the model takes: image/jpeg, image/png, application/x-image and application/json"
        )
    }


def test_a_version_takes_what_its_package_says() -> None:
    facts = replace(VERSION, package=replace(PACKAGE, content_types=("text/csv",), response_types=("text/csv",)))

    found = planned(version(transform=NEW), facts)["transform"]

    assert found["TransformInput"]["ContentType"] == "text/csv"
    assert found["TransformOutput"]["Accept"] == "text/csv"
