"""What a response of Rekognition says, read for a page."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.vision.gallery.marks import Box, Mark, box_of, marks
from shared.analyses import ANALYSES

PLACE = {"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4}
OTHER = {"Left": 0.5, "Top": 0.5, "Width": 0.25, "Height": 0.25}
AT_PLACE, AT_OTHER = box_of(PLACE), box_of(OTHER)
RESPONSES: Mapping[str, tuple[Mapping[str, Any], list[Mark]]] = {
    "labels": (
        {
            "Labels": [
                {
                    "Name": "Dog",
                    "Confidence": 98.5,
                    "Instances": [
                        {"BoundingBox": PLACE, "Confidence": 98.5},
                        {"BoundingBox": OTHER, "Confidence": 71.0},
                    ],
                },
                {"Name": "Outdoors", "Confidence": 99.0, "Instances": []},
            ]
        },
        [
            Mark("labels", "Outdoors", 99.0),
            Mark("labels", "Dog", 98.5, AT_PLACE),
            Mark("labels", "Dog", 71.0, AT_OTHER),
        ],
    ),
    "faces": (
        {
            "FaceDetails": [
                {
                    "BoundingBox": PLACE,
                    "Confidence": 99.5,
                    "Emotions": [{"Type": "HAPPY", "Confidence": 97.0}, {"Type": "CALM", "Confidence": 2.0}],
                }
            ]
        },
        [Mark("faces", "Face", 99.5, AT_PLACE), Mark("faces", "Happy", 97.0)],
    ),
    "moderation": (
        {"ModerationLabels": [{"Name": "Violence", "ParentName": "", "Confidence": 91.0}]},
        [Mark("moderation", "Violence", 91.0)],
    ),
    "text": (
        {
            "TextDetections": [
                {"Type": "LINE", "DetectedText": "EXIT 5", "Confidence": 95.0, "Geometry": {"BoundingBox": PLACE}},
                {"Type": "WORD", "DetectedText": "EXIT", "Confidence": 99.0, "Geometry": {"BoundingBox": OTHER}},
            ]
        },
        [Mark("text", "EXIT 5", 95.0, AT_PLACE)],
    ),
    "celebrities": (
        {"CelebrityFaces": [{"Name": "Ada", "MatchConfidence": 90.0, "Face": {"BoundingBox": PLACE}}]},
        [Mark("celebrities", "Ada", 90.0, AT_PLACE)],
    ),
    "protective_equipment": (
        {
            "Persons": [
                {
                    "BoundingBox": OTHER,
                    "BodyParts": [
                        {
                            "Name": "HEAD",
                            "EquipmentDetections": [{"Type": "HEAD_COVER", "Confidence": 88.0, "BoundingBox": PLACE}],
                        },
                        {"Name": "FACE", "EquipmentDetections": []},
                    ],
                }
            ]
        },
        [Mark("protective_equipment", "HEAD_COVER", 88.0, AT_PLACE)],
    ),
    "custom_labels": (
        {
            "CustomLabels": [
                {"Name": "scratch", "Confidence": 80.0, "Geometry": {"BoundingBox": PLACE}},
                {"Name": "whole", "Confidence": 70.0},
            ]
        },
        [Mark("custom_labels", "scratch", 80.0, AT_PLACE), Mark("custom_labels", "whole", 70.0)],
    ),
    "people": (
        {
            "SearchedFaceBoundingBox": PLACE,
            "FaceMatches": [
                {"Similarity": 99.0, "Face": {"ExternalImageId": "alice"}},
                {"Similarity": 98.0, "Face": {"ExternalImageId": "alice"}},
            ],
        },
        [Mark("people", "alice", 99.0, AT_PLACE)],
    ),
    "enrolment": (
        {"FaceRecords": [{"Face": {"ExternalImageId": "alice", "Confidence": 99.9, "BoundingBox": PLACE}}]},
        [Mark("enrolment", "alice", 99.9, AT_PLACE)],
    ),
}


@pytest.mark.parametrize("analysis", RESPONSES)
def test_each_analysis_gives_its_names_and_boxes(analysis: str) -> None:
    response, expected = RESPONSES[analysis]

    assert marks(analysis, response) == expected


@pytest.mark.parametrize("analysis", ANALYSES)
def test_a_page_names_what_the_functions_record(analysis: str) -> None:
    response, _ = RESPONSES[analysis]

    recorded = {name for name, _ in ANALYSES[analysis].names(response)}

    assert {one.name for one in marks(analysis, response)} == recorded


def test_an_analysis_that_nobody_knows_has_no_marks() -> None:
    assert marks("smells", {"Labels": [{"Name": "Dog", "Confidence": 99}]}) == []


def test_a_label_without_a_place_counts_once() -> None:
    response = {"Labels": [{"Name": "Dog", "Confidence": 90.0, "Instances": [{"Confidence": 90.0}] * 3}]}

    assert marks("labels", response) == [Mark("labels", "Dog", 90.0)]


def test_a_face_of_somebody_else_is_not_named() -> None:
    response = {"SearchedFaceBoundingBox": PLACE, "FaceMatches": [{"Similarity": 99.0, "Face": {"FaceId": "x"}}]}

    assert marks("people", response) == []


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ((-0.1, -0.2, 0.5, 0.5), Box(0.0, 0.0, 0.4, 0.3)),
        ((0.75, 0.5, 0.5, 0.75), Box(0.75, 0.5, 0.25, 0.5)),
        ((0.0, 0.0, 1.0, 1.0), Box(0.0, 0.0, 1.0, 1.0)),
    ],
)
def test_a_box_is_cut_to_the_picture(sides: tuple[float, ...], expected: Box) -> None:
    found = box_of(dict(zip(("Left", "Top", "Width", "Height"), sides, strict=True)))

    assert found
    assert (found.left, found.top) == (expected.left, expected.top)
    assert (found.width, found.height) == pytest.approx((expected.width, expected.height))


@pytest.mark.parametrize(
    "given_box",
    [
        None,
        {},
        [0, 0, 1, 1],
        PLACE | {"Left": 1.0},
        PLACE | {"Width": 0.0},
        PLACE | {"Width": -1.0},
        PLACE | {"Left": float("nan")},
        PLACE | {"Height": float("nan")},
        PLACE | {"Top": "0.1"},
        PLACE | {"Left": float("-inf"), "Width": float("inf")},
    ],
)
def test_what_is_no_box_is_none(given_box: object) -> None:
    assert box_of(given_box) is None


@pytest.mark.parametrize("confidence", [None, "99", float("nan"), float("inf")])
def test_a_name_without_a_confidence_is_left_out(confidence: object) -> None:
    assert marks("moderation", {"ModerationLabels": [{"Name": "Violence", "Confidence": confidence}]}) == []


def test_what_can_be_read_before_a_document_breaks_is_shown() -> None:
    response = {"ModerationLabels": [{"Name": "Violence", "Confidence": 91.0}, {"Confidence": 1.0}]}

    assert marks("moderation", response) == [Mark("moderation", "Violence", 91.0)]


NAMES = [
    *(
        "Labels",
        "Name",
        "Confidence",
        "Instances",
        "BoundingBox",
        "FaceDetails",
        "Emotions",
        "Type",
        "ModerationLabels",
    ),
    *("TextDetections", "Geometry", "DetectedText", "CelebrityFaces", "Face", "Persons", "BodyParts", "CustomLabels"),
    *("EquipmentDetections", "FaceMatches", "ExternalImageId", "FaceRecords", "Left", "Top", "Width", "Height"),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.just("LINE"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=20,
)


@given(st.sampled_from(sorted(ANALYSES)), ANYTHING, st.data())
def test_a_document_of_any_shape_gives_marks_that_can_be_drawn(
    analysis: str, anything: object, data: st.DataObject
) -> None:
    shaped = data.draw(
        st.sampled_from([anything, {name: [anything] for name in NAMES}, dict.fromkeys(NAMES, anything)])
    )

    for one in marks(analysis, shaped):
        assert one.name
        assert one.confidence - one.confidence == 0
        assert one.box is None or (0 <= one.box.left < 1 and 0 < one.box.left + one.box.width <= 1.0000001)
