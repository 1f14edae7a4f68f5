"""A backfill can be looked at, stopped and taken up again."""

import json
from typing import Any

import click
import pytest

from mlstack.errors import UserError
from tests.mlstack.vision.backfill.lab import MEDIA, RESULTS, Lab

SOURCE = f"s3://{MEDIA}/photos/"
NOW = ["--yes", "--no-wait"]


@pytest.fixture
def run(lab: Lab) -> str:
    """The name of a run that goes on."""
    return started(lab)


def started(lab: Lab, *keys: str) -> str:
    """Start a run over some photos and return its name."""
    lab.put(*(keys or ("photos/a.jpg", "photos/b.jpg")))
    assert lab.run("backfill", SOURCE, *NOW) == 0
    name: str = lab.executions()[0]["name"]
    return name


def counts(lab: Lab, monkeypatch: pytest.MonkeyPatch, **numbers: int) -> None:
    """Let Step Functions count batches so; moto counts only what it runs."""
    all_counts = dict.fromkeys(("total", "succeeded", "failed", "timedOut", "aborted"), 0) | numbers
    monkeypatch.setattr(lab.machines, "list_map_runs", lambda **_: {"mapRuns": [{"mapRunArn": "arn"}]})
    monkeypatch.setattr(lab.machines, "describe_map_run", lambda **_: {"itemCounts": all_counts})


def listed(lab: Lab, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What the list says to machines."""
    capsys.readouterr()
    assert lab.run("backfills", "list", "--json") == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_the_list_tells_how_far_each_run_is(
    lab: Lab, run: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counts(lab, monkeypatch, total=10, succeeded=4, failed=1, timedOut=2, aborted=3)

    [one] = listed(lab, capsys)

    assert (one["name"], one["status"], one["source"], one["objects"]) == (run, "running", SOURCE, 2)
    assert (one["batches_done"], one["batches_failed"], one["batches_total"]) == (4, 3, 10)


def test_the_table_shows_runs_that_mlstack_did_not_start(
    lab: Lab, run: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counts(lab, monkeypatch, total=1)
    for name, text in (("by-hand", '{"manifest": "x"}'), ("odd", "[]"), ("odder", '{"plan": {"analyses": null}}')):
        lab.machines.start_execution(stateMachineArn=lab.machine, name=name, input=text)

    assert lab.run("backfills", "list") == 0

    output = capsys.readouterr().out
    assert all(name in output for name in (run, "by-hand", "odd", "odder"))


def test_a_stage_without_a_run_says_how_to_start_one(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.run("backfills", "list") == 0
    assert "has had no backfill; see `mlstack vision backfill --help`" in capsys.readouterr().err


def test_stop_ends_the_run_and_keeps_its_manifest(lab: Lab, run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.run("backfills", "stop", run) == 0

    assert [one["status"] for one in lab.executions()] == ["ABORTED"]
    assert f"vision/backfill/{run}/manifest.json" in lab.left()
    assert f"mlstack vision backfills resume {run}" in capsys.readouterr().err


def test_what_has_ended_cannot_be_stopped(lab: Lab, run: str) -> None:
    assert lab.run("backfills", "stop", run) == 0

    with pytest.raises(UserError, match=f"{run} is stopped already, so there is nothing to stop"):
        lab.run("backfills", "stop", run)


def test_a_stopped_run_is_called_stopped_everywhere(
    lab: Lab, run: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counts(lab, monkeypatch, total=1)
    lab.run("backfills", "stop", run)

    [one] = listed(lab, capsys)
    lab.run("backfills", "list")

    assert one["status"] == "stopped"
    assert " stopped " in capsys.readouterr().out


@pytest.mark.parametrize("command", ["stop", "resume"])
@pytest.mark.parametrize("name", ["../../secrets", "a b", "x" * 81, "", "a\nb", "bf-1:2"])
def test_what_can_be_no_name_is_refused(lab: Lab, command: str, name: str) -> None:
    with pytest.raises(UserError, match="is no name of a backfill; see `mlstack vision backfills list`"):
        lab.run("backfills", command, name, *(["--yes"] if command == "resume" else []))


def test_an_unknown_run_is_said_to_be_unknown(lab: Lab) -> None:
    with pytest.raises(UserError, match="nope is not known, so there is nothing to stop"):
        lab.run("backfills", "stop", "nope")
    with pytest.raises(UserError, match="stage sandbox on the lab has no backfill nope; see"):
        lab.run("backfills", "resume", "nope", "--yes")


def test_resume_runs_over_the_same_manifest_however_often(lab: Lab) -> None:
    first = started(lab)
    for _ in range(2):
        assert lab.run("backfills", "stop", lab.executions()[0]["name"]) == 0
        assert lab.run("backfills", "resume", lab.executions()[0]["name"], *NOW) == 0

    runs = lab.executions()
    assert len({one["name"] for one in runs}) == 3
    assert {one["input"]["manifest"] for one in runs} == {f"vision/backfill/{first}/manifest.json"}


def test_resume_keeps_the_chosen_analyses(lab: Lab) -> None:
    lab.put("photos/a.jpg")
    assert lab.run("backfill", SOURCE, *NOW, "--analyses", "faces") == 0
    name = lab.executions()[0]["name"]
    assert lab.run("backfills", "stop", name) == 0

    assert lab.run("backfills", "resume", name, *NOW) == 0

    assert [one["input"]["analyses"] for one in lab.executions()] == [["faces"], ["faces"]]


def test_resume_works_when_aws_has_forgotten_the_run(lab: Lab, run: str) -> None:
    machine = lab.machines.create_state_machine(
        name="fresh",
        definition='{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
        roleArn="arn:aws:iam::123456789012:role/x",
    )
    lab.machine = lab.outputs["BackfillStateMachineArn"] = machine["stateMachineArn"]

    assert lab.run("backfills", "resume", run, *NOW) == 0

    assert [one["input"]["manifest"] for one in lab.executions()] == [f"vision/backfill/{run}/manifest.json"]


def test_a_run_that_goes_on_is_not_doubled(lab: Lab, run: str) -> None:
    with pytest.raises(UserError, match=f"{run} works on these objects now; run `mlstack vision backfills stop {run}`"):
        lab.run("backfills", "resume", run, *NOW)

    assert len(lab.executions()) == 1


def test_resume_asks_and_shows_the_price(lab: Lab, run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.run("backfills", "stop", run) == 0
    with pytest.raises(click.UsageError, match="there is no terminal to ask on; say --yes"):
        lab.run("backfills", "resume", run)
    lab.terminal(answers="n\n")

    assert lab.run("backfills", "resume", run) == 1

    assert "price: at most $0.01 for Rekognition" in capsys.readouterr().out
    assert len(lab.executions()) == 1


def test_resume_does_what_failed_before(broken: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    broken.put("photos/a.jpg")
    assert broken.run("backfill", SOURCE, "--yes") == 1
    name = broken.executions()[0]["name"]
    mended = json.loads(broken.machines.describe_state_machine(stateMachineArn=broken.machine)["definition"])
    mended["States"]["Batches"]["ItemProcessor"]["States"]["Analyse"] = {"Type": "Pass", "End": True}
    broken.machines.update_state_machine(stateMachineArn=broken.machine, definition=json.dumps(mended))
    capsys.readouterr()

    assert broken.run("backfills", "resume", name, "--yes", "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["batches_done"], told["batches_failed"]) == ("succeeded", 1, 0)


def test_a_plan_that_is_damaged_is_an_error_and_no_traceback(lab: Lab) -> None:
    for name, body in (("half", b'{"name": "half"'), ("list", b"[]"), ("other", b'{"analyses": null, "x": 1}')):
        lab.s3.put_object(Bucket=RESULTS, Key=f"vision/backfill/{name}/plan.json", Body=body)

        with pytest.raises(UserError, match=f"the plan of {name} is damaged; start a new backfill"):
            lab.run("backfills", "resume", name, "--yes")
