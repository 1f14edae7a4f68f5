"""`mlstack local` on the command line."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from click.testing import CliRunner, Result

from mlstack.command import main
from mlstack.local import command
from mlstack.local.aws import LocalAws
from mlstack.local.environment import Place
from mlstack.local.leftovers import Leftovers, Resource
from mlstack.local.report import Gap
from mlstack.local.turn import turn
from tests.local.announced import assembly, entry

Run = Callable[..., Result]
Deploy = Callable[..., tuple[int, list[str], list[str]]]
PRICE = "service front: idle $24.32 a month [x] [ack: mlstack:price:front]"


def interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def stopped(*_: object) -> NoReturn:
    pytest.fail("nothing is asked or started")


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


@pytest.fixture
def deploy(tmp_path: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Deploy:
    """Runs `mlstack local deploy` on an assembly that is there already, in a local AWS that does what it is told."""
    profile = tmp_path / "my own.toml"
    profile.touch()
    made = tmp_path / "made"
    made.mkdir()
    found = assembly(made, "Ecs", said={"Ecs": [entry(PRICE)]}, parameters=["/mlstack/lab/ecs/services/front"])
    monkeypatch.setattr(command, "synthesize", lambda *_: found)

    def ran(deploys: Callable[[], None], *arguments: str | Path) -> tuple[int, list[str], list[str]]:
        monkeypatch.setattr(LocalAws, "start", lambda *_, **__: Deployed(nowhere, deploys))
        code = 0
        try:
            main(["local", "deploy", *map(str, arguments)])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        written = capfd.readouterr()
        return code, written.out.splitlines(), [line for line in written.err.splitlines() if line]

    return ran


def test_a_deploy_says_first_what_it_would_cost_and_last_what_to_do(deploy: Deploy) -> None:
    code, lines, _ = deploy(lambda: None)

    assert code == 0
    assert lines[0] == "Price on AWS: service front: idle $24.32 a month [x]"
    assert lines[-1] == "Next: mlstack service list --stage lab"


@pytest.mark.parametrize("named", [True, False])
def test_an_interrupted_deploy_says_what_stays_and_how_to_go_on(deploy: Deploy, tmp_path: Path, *, named: bool) -> None:
    profile = tmp_path / "my own.toml"

    code, lines, errors = deploy(interrupt, *(["--profile", profile] if named else []))

    chosen = f" --profile '{profile}'" if named else ""
    assert code == 130
    assert errors[-2:] == [
        f"what is deployed stays; `mlstack local deploy{chosen}` goes on, `mlstack local down` takes it away",
        "mlstack: interrupted",
    ]
    assert not [line for line in lines if line.startswith("Next:")]


def test_an_interrupted_synthesis_promises_nothing(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "synthesize", interrupt)

    assert deploy(lambda: None) == (130, [], ["mlstack: interrupted"])


@pytest.mark.parametrize("words", [["down"], ["deploy"]])
@pytest.mark.parametrize("running", ["deploy", "destroy"])
def test_nothing_else_is_changed_while_a_deploy_or_a_destroy_runs(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], words: list[str], running: str
) -> None:
    monkeypatch.setattr(LocalAws, "find", stopped)
    monkeypatch.setattr(command, "synthesize", stopped)

    with turn(nowhere, running), pytest.raises(SystemExit) as end:
        main(["local", *words])

    said = f"mlstack: a {running} runs in this folder (process {os.getpid()}); wait for its end, or end it\n"
    assert (end.value.code, *capfd.readouterr()) == (2, "", said)


def test_what_was_kept_and_what_was_left_stand_apart(
    run: Run, tmp_path: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nowhere == tmp_path
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


class Deployed:
    """A local AWS that is deployed to."""

    def __init__(self, folder: Path, deploys: Callable[[], None]) -> None:
        self.folder = folder
        self.place = Place(port=1)
        self._deploys = deploys

    def bootstrap(self, _tell: object) -> None:
        pass

    def deploy(self, _tell: object) -> None:
        self._deploys()

    def stacks(self) -> dict[str, str]:
        return {"mlstack-lab-Ecs": "CREATE_COMPLETE"}

    def gaps(self) -> list[Gap]:
        return []
