"""A server with the smallest model, started once for a module's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.inference import models, server_lab
from tests.containers.inference.server_lab import Server


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model that tells red, green and blue."""
    return models.Folder(graph=models.colours()).write(tmp_path_factory.mktemp("colours"))


@pytest.fixture(scope="module")
def sleepy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model that takes long for bright pictures."""
    return models.Folder(graph=models.sleepy()).write(tmp_path_factory.mktemp("sleepy"))


@pytest.fixture(scope="module")
def server(colours: Path) -> Iterator[Server]:
    """A server of colours with two threads."""
    with server_lab.serving(
        colours, INFERENCE_THREADS="2", INFERENCE_MAX_CONCURRENCY="16", INFERENCE_MAX_PIXELS="16000000"
    ) as server:
        yield server
