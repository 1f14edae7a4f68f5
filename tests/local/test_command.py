"""`mlstack local` on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlstack.local import command
from mlstack.local.aws import LocalAws

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    return lambda *arguments: CliRunner().invoke(command.local, arguments)


@pytest.fixture
def here(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    """The commands find the tests' own server."""
    monkeypatch.setattr(command, "WORK", local_aws.folder)
    return local_aws


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The commands find no server."""
    monkeypatch.setattr(command, "WORK", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["up", "deploy", "status", "down"])
def test_each_command_shows_an_example(run: Run, name: str) -> None:
    said = run(name, "--help")

    assert said.exit_code == 0
    assert f"Example: mlstack local {name}" in said.output


def test_status_says_where_it_is_up(run: Run, here: LocalAws) -> None:
    said = run("status", "--json")

    facts = json.loads(said.output)
    assert facts["up"] is True
    assert facts["endpoint"] == here.place.endpoint
    assert {"stacks", "skipped", "functions", "custom_resources", "queues"} <= facts.keys()


def test_status_says_in_words_what_is_up_and_what_is_canned(run: Run, here: LocalAws) -> None:
    said = run("status")

    assert here.place.endpoint in said.output
    assert "Answers of rekognition" in said.output
    assert "canned" in said.output


@pytest.mark.usefixtures("nowhere")
def test_status_without_a_server_is_no_error(run: Run) -> None:
    said = run("status", "--json")

    assert said.exit_code == 0
    assert json.loads(said.output) == {"up": False}


@pytest.mark.usefixtures("nowhere")
def test_down_without_a_server_is_no_error(run: Run) -> None:
    assert run("down").exit_code == 0
