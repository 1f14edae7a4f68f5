"""What AWS has closed: a day, a successor and a source; images and analyses are kept apart."""

import re
from datetime import date

import pytest

from catalogue.algorithms import ALGORITHMS
from catalogue.closed import CLOSED, CLOSED_IMAGES, Closed, closed_image
from catalogue.images import NAMES

EVERY = sorted({*CLOSED.values(), *CLOSED_IMAGES.values()}, key=lambda one: one.name)


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
def test_everything_closed_has_a_day_a_successor_and_a_source(one: Closed) -> None:
    assert date.fromisoformat(one.since) < date(2026, 11, 22)
    assert one.successor
    assert re.fullmatch(r"https://\S+", one.source)


@pytest.mark.parametrize("names", [CLOSED, CLOSED_IMAGES], ids=["analyses", "images"])
def test_names_are_written_as_they_are_looked_up(names: dict[str, Closed]) -> None:
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in names)


def test_an_analysis_is_never_mistaken_for_an_image() -> None:
    assert CLOSED.keys() & CLOSED_IMAGES.keys() == set()


@pytest.mark.parametrize(
    "name", [*NAMES, *ALGORITHMS, "", "mx", "mxnetwork", "clarifying", "image-classification-mxnet"]
)
def test_what_lives_is_not_called_closed(name: str) -> None:
    assert closed_image(name) is None


@pytest.mark.parametrize(
    "name", ["mxnet", "MXNET", "mxnet-training-gpu", "Elastic Inference", "tensorflow_inference_eia"]
)
def test_what_is_closed_is_found_however_it_is_written(name: str) -> None:
    assert closed_image(name)
