"""One deployed stage on a local AWS for every story that is told on it."""

from collections.abc import Iterator

import pytest

from mlstack.account import Account, of_local
from mlstack.local.aws import LocalAws
from mlstack.local.synthesis import synthesize
from mlstack.target import Target
from mlstack.vision.uploads import VisionStage


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The sandbox profile, deployed by the real CDK CLI."""
    folder = tmp_path_factory.mktemp("deployed")
    synthesize(folder, "sandbox")
    with LocalAws.start(folder) as aws:
        aws.bootstrap()
        aws.deploy()
        yield aws


@pytest.fixture(scope="session")
def account(deployed: LocalAws) -> Account:
    """The account of the deployed stage."""
    return of_local(deployed)


@pytest.fixture(scope="session")
def vision(account: Account) -> VisionStage:
    """The deployed vision stack."""
    return VisionStage.find(Target(account, "sandbox"))
