"""Questions become answers: best labels first, and one bad picture does not spoil its neighbours."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import classifier
from inference.classifier import Classifier
from inference.model import Model
from inference.refusal import RefusalError
from inference.settings import Settings
from tests.containers.inference import pictures
from tests.functions.image_analysis.corpus import CONTENTS


@pytest.fixture(scope="module")
def made(colours: Path) -> Classifier:
    """A classifier of red, green and blue."""
    settings = Settings.read({"INFERENCE_TOP_K": "2", "INFERENCE_MAX_PIXELS": "1000000"}, processors=1)
    return Classifier(Model.load(colours, cores=1), settings)


def several(*contents: bytes) -> bytes:
    return json.dumps({"images": [base64.b64encode(content).decode() for content in contents]}).encode()


@pytest.mark.parametrize("colour", ["red", "green", "blue"])
def test_classifier_names_the_best_labels_first(made: Classifier, colour: str) -> None:
    answer = made.answer("image/png", pictures.plain(colour))

    predictions = answer.document["predictions"]
    assert isinstance(predictions, list)
    assert predictions[0]["label"] == colour
    assert len(predictions) == 2


def test_classifier_answers_several_in_their_order_around_a_bad_one(made: Classifier) -> None:
    body = several(pictures.plain("red"), CONTENTS["WebP"][0], b"", pictures.bomb(5000), pictures.plain("blue"))

    answer = made.answer("application/json", body)

    results = answer.document["results"]
    assert isinstance(results, list)
    assert [one["predictions"][0]["label"] if "predictions" in one else one["error"]["code"] for one in results] == [
        "red",
        "not_a_picture",
        "empty",
        "too_many_pixels",
        "blue",
    ]
    assert answer.images == 5


def test_classifier_answers_one_in_a_list_with_a_list(made: Classifier) -> None:
    assert set(made.answer("application/json", several(pictures.plain("red"))).document) == {"results"}


def test_classifier_refuses_a_request_whose_only_picture_is_bad(made: Classifier) -> None:
    with pytest.raises(RefusalError) as refused:
        made.answer("image/webp", CONTENTS["WebP"][0])

    assert refused.value.status == 415


def test_classifier_sees_the_picture_and_not_its_declared_type(made: Classifier) -> None:
    assert made.answer("image/jpeg", pictures.plain("red")) == made.answer("image/png", pictures.plain("red"))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(1, 30))
def test_predictions_are_sorted_and_no_more_than_asked_for(scores: list[float], top_k: int) -> None:
    labels = [str(number) for number in range(len(scores))]

    found = classifier.predictions(labels, np.array(scores), top_k)

    assert len(found) == min(top_k, len(scores))
    assert [one["score"] for one in found] == sorted((round(score, 6) for score in scores), reverse=True)[:top_k]
    assert len({one["label"] for one in found}) == len(found)
    json.dumps(found, allow_nan=False)
