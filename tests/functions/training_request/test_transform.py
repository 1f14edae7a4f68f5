"""Batch transform: what is sent as one request, as what, and what of it would fail the whole job."""

from dataclasses import replace

import pytest

from inference.settings import BOUNDS, MIB
from inference.settings import Settings as Server
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
from training_request.facts import Listing, Object

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
    assert found["MaxPayloadInMB"] * found["MaxConcurrentTransforms"] == 20


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
    assert (found["MaxPayloadInMB"], found["Environment"]) == (6, {})
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


@pytest.mark.parametrize("request_", [train(), version()])
def test_the_projects_own_image_takes_as_much_as_a_request_holds(request_: Json) -> None:
    found = transformed(request_, ".png")

    most = int(found["Environment"]["INFERENCE_MAX_BYTES"])
    assert most == found["MaxPayloadInMB"] * MIB
    assert Server.read(found["Environment"], processors=1).max_bytes == most <= BOUNDS["INFERENCE_MAX_BYTES"].most


def test_a_version_of_a_built_in_algorithm_is_told_nothing_that_is_not_its_own() -> None:
    facts = replace(VERSION, package=replace(PACKAGE, metadata={"algorithm": "image-classification"}))

    found = planned(version(transform=NEW), facts)["transform"]

    assert (found["MaxPayloadInMB"], found["Environment"]) == (6, {})


def test_the_step_lets_machines_come_and_the_price_does_not() -> None:
    plan = planned(version(transform={**NEW, "max_run_minutes": 5}), VERSION)

    assert plan["transform"]["max_run_seconds"] == 5 * 60 + 900
    assert "at most 5 min" in plan["price"]["steps"][0]["what"]


def warned(*objects: Object, **wanted: object) -> list[str]:
    listing = Listing(found=NEW["data"], example=objects[0].key, objects=objects)
    facts = replace(VERSION, listings={NEW["data"]: listing})
    return [one for one in planned(version(transform={**NEW, **wanted}), facts)["warnings"] if "transform" in one]


def test_pictures_that_a_request_holds_are_nothing_to_warn_of() -> None:
    assert (
        warned(Object(key="new/1.JPG", size=20 * MIB), Object(key="new/2.png", size=1), Object(key="a", size=9)) == []
    )


@pytest.mark.parametrize(
    ("objects", "told"),
    [
        ([Object(key="new/2.jpg", size=20 * MIB + 1)], '"new/2.jpg" is larger than 20 MB'),
        ([Object(key="new/2.jpg", size=0)], '"new/2.jpg" is empty'),
        ([Object(key="new/.DS_Store", size=9)], '"new/.DS_Store" is not called .jpeg, .jpg or .png'),
        ([Object(key="my\nnote.txt", size=9)], '"my note.txt" is not called .jpeg, .jpg or .png'),
        (
            [Object(key=f"new/{number}.gif", size=9) for number in range(999)],
            '999 objects, such as "new/0.gif", are not called .jpeg, .jpg or .png',
        ),
    ],
)
def test_what_would_fail_the_whole_job_is_warned_of(objects: list[Object], told: str) -> None:
    [warning] = warned(Object(key="new/1.jpg", size=9), *objects)

    why = "one object that the model refuses fails the whole job, so take out what is none of its"
    assert warning == f"transform.data: {told}; {why}"


def test_documents_are_called_as_documents() -> None:
    [warning] = warned(Object(key="1.json", size=9), Object(key="2.jpg", size=9), content_type="application/json")

    assert '"2.jpg" is not called .json;' in warning


def test_lines_of_a_table_may_be_of_a_large_object() -> None:
    package = replace(PACKAGE, content_types=("text/csv",), metadata={"algorithm": "xgboost"})
    listing = Listing(found=NEW["data"], example="1.csv", objects=(Object(key="1.csv", size=99 * MIB),))
    facts = replace(VERSION, package=package, listings={NEW["data"]: listing})

    assert planned(version(transform=NEW), facts)["warnings"] == []
