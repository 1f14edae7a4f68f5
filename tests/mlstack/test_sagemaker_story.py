"""Layer 2 on the local AWS, in order: a notebook, and an endpoint of each kind served by the project's own code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlstack.local.aws import LocalAws
from mlstack.project import ROOT

WASTE = ROOT / "examples" / "waste"
KINDS = {"now-and-then": "serverless", "bulk": "asynchronous", "sorter": "realtime", "steady": "classic"}
Run = Callable[..., tuple[int, str, str]]


def best(verdict: dict[str, Any]) -> str:
    """The label with the highest score."""
    label: str = verdict["predictions"][0]["label"]
    return label


def test_the_whole_layer_is_there_and_nothing_was_skipped(stage: LocalAws) -> None:
    mine = {name: status for name, status in stage.stacks().items() if name.startswith("mlstack-")}

    layers = {"Network", "Storage"}, {"Vision"}, {"Images", "Notebook", "Endpoints"}
    assert {name.rpartition("-")[2] for name in mine} == set().union(*layers)
    assert set(mine.values()) == {"CREATE_COMPLETE"}
    assert stage.gaps() == []


@pytest.mark.parametrize("name", KINDS)
def test_an_endpoint_of_each_kind_answers_from_the_project_s_own_code(run: Run, name: str) -> None:
    code, written, _ = run("predict", name, *sorted(WASTE.glob("*-1.jpg")), "--json", "--timeout", "60")

    told = json.loads(written)
    assert code == 0
    assert [best(one) for one in told] == ["compost", "landfill", "recycling"]
    assert [len(one["predictions"]) for one in told] == [3, 3, 3]


@pytest.mark.parametrize("name", ["now-and-then", "bulk"])
def test_a_picture_that_the_model_refuses_is_named_with_its_reason(run: Run, tmp_path: Path, name: str) -> None:
    cut = tmp_path / "cut.jpg"
    cut.write_bytes((WASTE / "compost-1.jpg").read_bytes()[:600])

    code, written, _ = run("predict", name, cut, "--json", "--timeout", "60")

    [told] = json.loads(written)
    assert code == 1
    assert told["status"] == "refused"
    assert told["reason"]


def test_every_endpoint_tells_what_it_is_and_what_it_costs_idle(run: Run) -> None:
    code, written, _ = run("endpoint", "list", "--json")

    told = {one["name"]: one for one in json.loads(written)}
    assert code == 0
    assert {name: one["kind"] for name, one in told.items()} == KINDS
    assert {one["status"] for one in told.values()} == {"InService"}
    assert told["now-and-then"]["idle_price"] == "$0.00 a month"
    assert told["steady"]["idle_price"].startswith("$168.20 a month")


def test_containers_log_where_the_stack_says(stage: LocalAws) -> None:
    logs = stage.client("logs")

    events = logs.filter_log_events(logGroupName="/aws/sagemaker/Endpoints/mlstack-sandbox-now-and-then")["events"]

    said = [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
    assert "invocation" in {one.get("event") for one in said}


def test_a_notebook_is_opened_stopped_and_started(run: Run) -> None:
    opened, address, _ = run("notebook", "open")
    stopped, *_ = run("notebook", "stop")
    status = json.loads(run("notebook", "status", "--json")[1])
    closed, _, said = run("notebook", "open")
    started, _, told = run("notebook", "start")

    assert (opened, stopped, closed, started) == (0, 0, 2, 0)
    assert address.startswith("https://")
    assert status["status"] == "Stopped"
    assert "mlstack notebook start" in said
    assert "$0.05 an hour" in told


def test_the_function_outside_leaves_a_notebook_alone_that_has_just_started(stage: LocalAws) -> None:
    functions = stage.client("lambda")
    [name] = [
        one["FunctionName"]
        for one in functions.list_functions()["Functions"]
        if one["Handler"] == "notebook_watch.handler.handle"
    ]

    answer = json.load(functions.invoke(FunctionName=name, Payload=b"{}")["Payload"])

    assert answer == {"notebook": "mlstack-sandbox", "status": "InService", "action": "none"}
