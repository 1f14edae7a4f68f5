"""A stage with results for everything that reads them."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from moto import mock_aws

from mlstack import account, deployment
from tests.mlstack.vision.results_lab import TABLE, Lab


@pytest.fixture(scope="module")
def built() -> Iterator[Lab]:
    """The clients of an AWS inside this process; to make them takes longer than most tests."""
    with mock_aws():
        yield Lab.build()


@pytest.fixture
def lab(built: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """An empty stage, which the commands find."""
    monkeypatch.setattr(account, "choose", lambda *_: built.account)
    monkeypatch.setattr(deployment, "outputs", lambda *_: {"ResultsTableName": TABLE})
    built.create()
    yield built
    built.delete()


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()
