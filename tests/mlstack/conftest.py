"""Two deployed stages, each on a local AWS of its own, for the stories that are told on them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mlstack import command
from mlstack.account import Account, of_local
from mlstack.local.aws import LocalAws
from mlstack.local.synthesis import synthesize
from mlstack.target import Target
from mlstack.vision.uploads import VisionStage

EVERYTHING = Path(__file__).with_name("everything.toml")
Run = Callable[..., tuple[int, str, str]]


@contextmanager
def standing(folder: Path, profile: str) -> Iterator[LocalAws]:
    """A stage, deployed by the real CDK CLI on a local AWS of its own."""
    synthesize(folder, profile)
    with LocalAws.start(folder) as aws:
        aws.bootstrap()
        aws.deploy()
        yield aws


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The sandbox profile, deployed by the real CDK CLI."""
    with standing(tmp_path_factory.mktemp("deployed"), "sandbox") as aws:
        yield aws


@pytest.fixture(scope="session")
def account(deployed: LocalAws) -> Account:
    """The account of the deployed stage."""
    return of_local(deployed)


@pytest.fixture(scope="session")
def vision(account: Account) -> VisionStage:
    """The deployed vision stack."""
    return VisionStage.find(Target(account, "sandbox"))


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Every feature of both layers: the SageMaker story is told on it, then the vision story, which destroys it."""
    with standing(tmp_path_factory.mktemp("everything"), str(EVERYTHING)) as aws:
        yield aws


@pytest.fixture
def run(stage: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on that stage; gives its exit code and what it wrote to stdout and stderr."""
    return runner(stage, monkeypatch, capsys)


@pytest.fixture
def run_in_sandbox(deployed: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The same on the sandbox."""
    return runner(deployed, monkeypatch, capsys)


def runner(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr("mlstack.account.WORK", aws.folder)

    def ran(*arguments: str | Path) -> tuple[int, str, str]:
        code = 0
        try:
            command.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        written = capsys.readouterr()
        return code, written.out, written.err

    return ran
