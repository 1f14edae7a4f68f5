"""An AWS inside this process for the functions' tests."""

from collections.abc import Iterator

import pytest
from moto import mock_aws


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start an AWS without any resource, and end it with the test."""
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    with mock_aws():
        yield
