"""What the worker is told, and what it refuses to be told."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.containers.worker.desk import ENVIRONMENT, URL
from worker.place import Place, PlaceError
from worker.settings import BOUNDS, ModelSettings, QueueSettings, SettingsError

MODEL = {"MODEL_URI": "s3://models/a/model.tar.gz"}


def test_model_lies_in_the_volume_unless_it_is_told_otherwise() -> None:
    settings = ModelSettings.read(MODEL)

    assert settings.source == Place("models", "a/model.tar.gz")
    assert settings.folder == Path("/model")


def test_queue_needs_no_more_than_its_places() -> None:
    settings = QueueSettings.read(ENVIRONMENT)

    assert settings.queue_url == URL
    assert settings.port == 8080
    assert settings.poll_seconds + settings.drain_seconds < 60  # the container's stopTimeout


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"MODEL_URI": ""}, "MODEL_URI: an S3 URI is needed"),
        ({"MODEL_URI": "models/a"}, "MODEL_URI: an S3 URI is needed"),
        ({"MODEL_URI": "s3://models"}, "MODEL_URI: an S3 URI is needed"),
        ({"MODEL_URI": "s3://models/"}, "MODEL_URI: it names a folder"),
        ({"MODEL_URI": "s3://models/a/"}, "MODEL_URI: it names a folder"),
        ({"MAX_MODEL_BYTES": "many"}, "MAX_MODEL_BYTES: a whole number"),
    ],
)
def test_model_that_cannot_be_is_refused(told: Mapping[str, str], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        ModelSettings.read({**MODEL, **told})


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"QUEUE_URL": ""}, "QUEUE_URL: the URL of an SQS queue is needed"),
        ({"QUEUE_URL": "arn:aws:sqs:us-east-1:1:q"}, "QUEUE_URL: the URL"),
        ({"REQUESTS": "s3://traffic/requests"}, "REQUESTS: a prefix that ends in /"),
        ({"ANSWERS": "s3://traffic"}, "ANSWERS: an S3 URI is needed"),
        ({"FAILURES": "file:///failures/"}, "FAILURES: an S3 URI is needed"),
        ({"ANSWERS": ENVIRONMENT["REQUESTS"]}, "every answer would become a request"),
        ({"FAILURES": f"{ENVIRONMENT['REQUESTS']}failures/"}, "every answer would become a request"),
        ({"CONCURRENCY": "0"}, "CONCURRENCY: a whole number from 1 to 64"),
        ({"SERVER_PORT": "٨٠"}, "SERVER_PORT: a whole number"),
        ({"DRAIN_SECONDS": "-1"}, "DRAIN_SECONDS: a whole number"),
    ],
)
def test_queue_that_cannot_be_is_refused(told: Mapping[str, str], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        QueueSettings.read({**ENVIRONMENT, **told})


@given(name=st.sampled_from(sorted(set(BOUNDS) - {"MAX_MODEL_BYTES"})), text=st.text(max_size=20))
def test_number_is_within_its_bounds_or_refused_by_its_name(name: str, text: str) -> None:
    said = ""
    try:
        QueueSettings.read({**ENVIRONMENT, name: text})
    except SettingsError as error:
        said = str(error)
    else:
        assert not text.strip() or BOUNDS[name].least <= int(text) <= BOUNDS[name].most
    assert not said or said.startswith(f"{name}: ")
    assert "\n" not in said


@given(bucket=st.text(max_size=8), key=st.text(max_size=12))
def test_place_says_what_it_was_read_from(bucket: str, key: str) -> None:
    text = f"s3://{bucket}/{key}"

    try:
        place = Place.read(text)
    except PlaceError:
        assert not (bucket.isascii() and bucket.isalnum() and bucket.islower() and len(bucket) > 2)
    else:
        assert str(place) == text
        assert place.below("b").within(place)
