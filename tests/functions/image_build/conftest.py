"""The lab, and CloudFormation's side of a request."""

from collections.abc import Iterator

import pytest

from tests.functions.cloudformation import address
from tests.functions.image_build.lab import Lab, opened

__all__ = ["address"]


@pytest.fixture
def lab() -> Iterator[Lab]:
    """One lab a test."""
    with opened() as made:
        yield made
