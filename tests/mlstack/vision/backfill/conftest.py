"""Stages to fill."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.mlstack.vision.backfill.lab import FAILED, Lab


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A stage whose runs never end by themselves."""
    with mock_aws():
        yield Lab(monkeypatch)


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A stage whose runs do every batch."""
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield Lab(monkeypatch)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A stage whose runs fail at every batch."""
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield Lab(monkeypatch, FAILED)
