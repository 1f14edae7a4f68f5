"""`mlstack local` on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner, Result

from mlstack.command import mlstack
from mlstack.local import command
from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import Leftovers, Resource

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


def test_the_command_that_a_deploy_names_next_is_one() -> None:
    words = command.NEXT.replace("PHOTO...", __file__).split()[1:]

    found: click.Command = mlstack
    rest = [*words, "--stage", "x"]
    while isinstance(found, click.Group):
        found, rest = found.commands[rest[0]], rest[1:]

    assert found.make_context(found.name, rest).params["photos"] == (Path(__file__),)


def test_what_was_kept_and_what_was_left_stand_apart(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = (Resource("bucket", "photos"), Resource("log group", "/aws/lambda/stray"))
    (tmp_path / "manifest.json").touch()
    monkeypatch.setattr(LocalAws, "find", lambda _: Destroyed(tmp_path, found))

    said = run("down").stdout

    kept, left = said.index("Kept, as the profile says: 1"), said.index("Left after the destroy: 1")
    assert kept < said.index("photos") < left < said.index("/aws/lambda/stray")


class Destroyed:
    """A local AWS whose profile keeps its photos."""

    def __init__(self, assembly: Path, found: tuple[Resource, ...]) -> None:
        self.cdk = SimpleNamespace(assembly=assembly)
        self._found = found

    def retained(self) -> frozenset[Resource]:
        return frozenset({Resource("bucket", "photos")})

    def destroy(self, _tell: object) -> None:
        pass

    def leftovers(self) -> Leftovers:
        return Leftovers(resources=self._found, bootstrap=())

    def stop(self) -> None:
        pass
