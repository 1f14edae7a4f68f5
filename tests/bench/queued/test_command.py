"""`python -m bench.queued`."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench import serving
from bench.queued import __main__ as command
from bench.queued.assumptions import SOURCES
from bench.queued.policies import ALWAYS_ON, DEPLOYED
from bench.queued.table import duration
from bench.serving import PROCESSORS, Load, Served
from tests.bench.queued.made import template

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(tmp_path: Path) -> Invoke:
    """Run it against a template that is written by hand."""
    (tmp_path / "mlstack-sandbox-Ecs.template.json").write_text(json.dumps(template()))

    def invoked(*arguments: str) -> Result:
        wanted = ["--assembly", str(tmp_path), "--month", "silence", *arguments]
        return CliRunner().invoke(command.main, wanted, env={"COLUMNS": "200"})

    return invoked


def test_command_prints_a_plain_table_and_what_it_rests_on(invoke: Invoke) -> None:
    outcome = invoke()

    assert outcome.exit_code == 0
    assert "\x1b" not in outcome.output
    lines = outcome.output.splitlines()
    assert lines[0].startswith("A service of 0.5 vCPU, 3 GB, x86_64, 0 to 7 tasks, from mlstack-sandbox-Ecs")
    assert sum(line.startswith(("always-on ", "queue, ")) and " 43 " in line for line in lines) == 7
    assert all(any(line.startswith(f"- {what}") for line in lines) for what in SOURCES)
    assert "always-on instance: t3.medium, the cheapest" in outcome.output


def test_command_prints_json_with_figures_and_assumptions(invoke: Invoke) -> None:
    outcome = invoke("--json", "--interruptions", "0.5", "--service", "photos")

    told = json.loads(outcome.output)
    assert [*told["months"]] == ["silence"]
    assert told["months"]["silence"][ALWAYS_ON]["ratio"] == 1
    assert told["months"]["silence"][DEPLOYED]["answered"] == 43
    assert told["assumed"]["interruptions_per_hour"] == 0.5
    assert told["service"]["scaling"]["rules"][1]["counts"] == ["in flight", "sent", "visible"]


def test_command_says_the_same_for_the_same_seed(invoke: Invoke) -> None:
    assert invoke("--json", "--seed", "1").output == invoke("--json", "--seed", "1").output


@pytest.mark.parametrize("arguments", [("--service", "texts"), ("--month", "no such month"), ("--seed", "-1")])
def test_command_refuses_with_exit_code_two_and_no_traceback(invoke: Invoke, arguments: tuple[str, ...]) -> None:
    outcome = invoke(*arguments)

    assert outcome.exit_code == 2
    assert "Traceback" not in outcome.output


def test_settings_defaults_are_taken_where_nothing_is_synthesized(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "ROOT", tmp_path)

    outcome = CliRunner().invoke(command.main, ["--month", "silence"], env={"COLUMNS": "200"})

    assert outcome.exit_code == 0
    assert outcome.output.startswith("A service of 1 vCPU, 2 GB, arm64, 0 to 2 tasks, from the settings' defaults.")


def test_service_that_is_named_must_be_synthesized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ROOT", tmp_path)

    outcome = CliRunner().invoke(command.main, ["--service", "photos"])

    assert outcome.exit_code == 2
    assert "has no service called 'photos' that scales; synthesize a profile" in outcome.output


def test_measured_answers_take_the_place_of_the_assumed_ones(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    load = Load(per_second=PROCESSORS / 0.005, p50_ms=1.0, p99_ms=2.0, peak_mib=100.0)
    slow = replace(load, per_second=PROCESSORS / 0.05)
    served = Served(1.5, drawing=load, drawing_in_process=load, photo=slow, photo_in_process=slow)
    monkeypatch.setattr(serving, "measure", lambda _rounds: served)

    told = json.loads(invoke("--json", "--measure").output)

    assert told["assumed"]["answer_s"] == {"low": pytest.approx(0.005), "high": pytest.approx(0.05)}


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, "-"), (1.0949, "1.09 s"), (19.4, "19 s"), (90, "1.5 min"), (5400, "1.5 h")]
)
def test_duration_is_shown_in_the_unit_that_fits(seconds: float | None, shown: str) -> None:
    assert duration(seconds) == shown
