"""The catalogue against AWS's own description of Rekognition."""

from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from shared.analyses import ANALYSES, ENROLMENT, FAST_REGIONS, PERSON, WITH_COLLECTION, person_of, wanted
from tests.functions.image_analysis.lab import OPTIONS
from tests.functions.shared.rekognition import NAMED, answer

IMAGE = {"Image": {"S3Object": {"Bucket": "media", "Name": "a"}}}
MODEL: Any = get_session().get_service_model("rekognition")
TARGETS = {"CollectionId": "collection", "ProjectVersionArn": "project_version"}
ROUTES = {"": ("labels",), "photos/": ("faces", "labels"), "photos/x/": ("text",), "people/": ("enrolment",)}


def asked(name: str) -> dict[str, Any]:
    return IMAGE | ANALYSES[name].request(dict(OPTIONS.get(name, {})) | {"person": "alice"})


def report(value: dict[str, Any], shape: Any) -> str:  # noqa: ANN401 (botocore's shapes have no common type)
    found: str = ParamValidator().validate(value, shape).generate_report()
    return found


@pytest.mark.parametrize("name", ANALYSES)
def test_request_is_one_that_rekognition_takes(name: str) -> None:
    shape = MODEL.operation_model(ANALYSES[name].operation).input_shape

    assert report(asked(name), shape) == ""
    assert asked(name).keys() <= shape.members.keys()


@pytest.mark.parametrize("name", ANALYSES)
def test_operation_is_called_as_boto3_names_it(name: str) -> None:
    operation = ANALYSES[name].operation

    assert xform_name(operation) in {xform_name(known) for known in MODEL.operation_names}
    assert operation in MODEL.operation_names


@pytest.mark.parametrize("name", ANALYSES)
def test_answer_of_the_lab_has_the_shape_of_awss(name: str) -> None:
    operation = ANALYSES[name].operation

    assert report(answer(operation, asked(name)), MODEL.operation_model(operation).output_shape) == ""


@pytest.mark.parametrize("name", ANALYSES)
def test_names_are_read_from_the_answer(name: str) -> None:
    found = list(ANALYSES[name].names(answer(ANALYSES[name].operation, asked(name))))

    assert found == NAMED[name]


@pytest.mark.parametrize("name", ANALYSES)
def test_target_is_the_resource_that_the_request_names(name: str) -> None:
    required = MODEL.operation_model(ANALYSES[name].operation).input_shape.required_members
    named = [TARGETS[member] for member in required if member in TARGETS]

    assert named == ([ANALYSES[name].target] if ANALYSES[name].target else [])


def test_analyses_with_a_collection_are_those_that_name_one() -> None:
    assert {"people", ENROLMENT} == WITH_COLLECTION


def test_person_of_an_enrolment_is_what_rekognition_takes_as_external_image_id() -> None:
    shape = MODEL.operation_model("IndexFaces").input_shape.members["ExternalImageId"]

    assert (PERSON.pattern, shape.metadata) == (
        "[a-zA-Z0-9_.\\-:]{1,255}",
        {"min": 1, "max": 255, "pattern": "[a-zA-Z0-9_.\\-:]+"},
    )


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-west-1"])
def test_fast_regions_have_the_higher_quota(region: str) -> None:
    assert region in FAST_REGIONS
    assert ANALYSES["labels"].quota.of(region) == 50
    assert ANALYSES["labels"].quota.of("eu-central-1") == 5


def test_only_a_search_without_a_face_says_that_there_is_nothing() -> None:
    assert {name for name, one in ANALYSES.items() if one.nothing} == {"people"}


def test_faces_are_counted_with_the_emotion_that_is_most_likely() -> None:
    face = {"Confidence": 99.0, "Emotions": [{"Type": "HAPPY", "Confidence": 90.0}, {"Type": "SAD", "Confidence": 5.0}]}

    found = list(ANALYSES["faces"].names({"FaceDetails": [face, {"Confidence": 80.0}]}))

    assert found == [("Face", 99.0), ("Happy", 90.0), ("Face", 80.0)]


def test_match_of_a_face_without_a_name_names_nobody() -> None:
    matches = [{"Similarity": 99.0, "Face": {"FaceId": "1"}}]

    assert list(ANALYSES["people"].names({"FaceMatches": matches})) == []


@pytest.mark.parametrize("image_properties", [True, False])
def test_colours_are_asked_for_only_where_the_profile_says_so(*, image_properties: bool) -> None:
    options = {"max_labels": 1, "min_confidence": 1.0, "image_properties": image_properties}

    assert ("IMAGE_PROPERTIES" in ANALYSES["labels"].request(options)["Features"]) is image_properties


@pytest.mark.parametrize(
    ("key", "analyses"),
    [
        ("a.jpg", ("labels",)),
        ("photos/a.jpg", ("labels", "faces")),
        ("photos/x/a.jpg", ("labels", "faces", "text")),
        ("people/alice/1.jpg", ("labels", "enrolment")),
    ],
)
def test_object_gets_the_analyses_of_every_prefix_that_it_lies_under(key: str, analyses: tuple[str, ...]) -> None:
    assert wanted(ROUTES, key) == analyses


@pytest.mark.parametrize(
    ("key", "person"),
    [
        ("people/alice/1.jpg", "alice"),
        ("people/alice/holiday/1.jpg", "alice"),
        ("people/a.b_c-d:7/1.jpg", "a.b_c-d:7"),
        ("people/1.jpg", None),
        ("people//1.jpg", None),
        ("people/Zoë/1.jpg", None),
        ("people/two words/1.jpg", None),
        ("people/alice\n/1.jpg", None),
        (f"people/{'x' * 256}/1.jpg", None),
        ("elsewhere/alice/1.jpg", None),
        ("PEOPLE/alice/1.jpg", None),
    ],
)
def test_person_is_the_first_folder_under_the_enrolment_prefix(key: str, person: str | None) -> None:
    assert person_of(ROUTES, key) == person


def test_person_is_read_under_the_longest_enrolment_prefix() -> None:
    routes = {"": ("enrolment",), "people/": ("enrolment",), "people/staff/": ("labels",)}

    assert [person_of(routes, key) for key in ("people/staff/1.jpg", "bob/1.jpg")] == ["staff", "bob"]


@given(key=st.text(max_size=50))
def test_any_key_names_a_person_that_rekognition_takes_or_nobody(key: str) -> None:
    person = person_of({"people/": ("enrolment",)}, f"people/{key}")

    assert person is None or (PERSON.fullmatch(person) and key.startswith(f"{person}/"))
