"""The catalogue of video analyses fits Rekognition's own model, and reads what it answers."""

from typing import Any

import pytest

from shared.video_analyses import VIDEO_ANALYSES, Seen, gets_per_second, wanted_of_video
from stacks.vision_settings import Vision
from tests.functions.video_start import rekognition

NAMES = list(VIDEO_ANALYSES)


def example(name: str, found: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A page of an analysis in AWS's shape."""
    kind = VIDEO_ANALYSES[name].get.removeprefix("Get")
    page = {rekognition.LISTS[kind]: rekognition.FOUND[kind] if found is None else found}
    rekognition.check_answer(VIDEO_ANALYSES[name].get, page)
    return page


@pytest.mark.parametrize("name", NAMES)
def test_every_request_with_the_profiles_defaults_is_one_that_rekognition_takes(name: str) -> None:
    analysis = VIDEO_ANALYSES[name]

    request = analysis.request(Vision().options(name))

    rekognition.check_request(analysis.start, request | {"Video": {}})


@pytest.mark.parametrize("name", NAMES)
def test_every_start_has_its_get(name: str) -> None:
    analysis = VIDEO_ANALYSES[name]

    assert analysis.start.removeprefix("Start") == analysis.get.removeprefix("Get")
    assert {analysis.start, analysis.get} <= set(rekognition.model().operation_names)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_without_anything_names_nothing(name: str) -> None:
    assert list(VIDEO_ANALYSES[name].seen(example(name, []))) == []


def test_labels_and_moderation_are_named_with_their_time() -> None:
    labels = list(VIDEO_ANALYSES["labels"].seen(example("labels")))
    moderation = list(VIDEO_ANALYSES["moderation"].seen(example("moderation")))

    assert labels == [Seen("Cat", 80.0, 500, 500), Seen("Cat", 95.5, 100, 100), Seen("Dog", 70.0, 900, 900)]
    assert moderation == [Seen("Weapons", 91.0, 4000, 4000), Seen("Smoking", 60.0, 100, 100)]


def test_faces_are_counted_with_the_strongest_emotion() -> None:
    bare = {"Timestamp": 9, "Face": {"Confidence": 90.0}}

    seen = list(VIDEO_ANALYSES["faces"].seen(example("faces", [rekognition.face(5), bare])))

    assert seen == [Seen("Face", 99.5, 5, 5), Seen("Calm", 91.0, 5, 5), Seen("Face", 90.0, 9, 9)]


def test_text_is_named_by_line_and_not_again_by_word() -> None:
    assert list(VIDEO_ANALYSES["text"].seen(example("text"))) == [Seen("EXIT", 95.0, 7, 7)]


def test_segments_last_from_their_begin_to_their_end() -> None:
    seen = list(VIDEO_ANALYSES["segments"].seen(example("segments")))

    assert seen == [
        Seen("BlackFrames", 88.0, 0, 40),
        Seen("Shot", 97.0, 40, 1000),
        Seen("Shot", 97.0, 1000, 2000),
    ]


@pytest.mark.parametrize(("region", "rate"), [("us-east-1", 20), ("us-gov-west-1", 20), ("eu-central-1", 5)])
def test_results_may_be_asked_for_as_often_as_the_region_allows(region: str, rate: float) -> None:
    assert gets_per_second(region) == rate


def test_a_video_gets_the_analyses_of_every_prefix_that_it_lies_under_in_one_order() -> None:
    routes = {"v/": ("text", "labels"), "v/films/": ("segments", "text"), "w/": ("faces",)}

    assert wanted_of_video(routes, "v/films/a.mp4") == ("labels", "text", "segments")
    assert wanted_of_video(routes, "v/a.mp4") == ("labels", "text")
    assert wanted_of_video(routes, "x/a.mp4") == ()
