"""`mlstack train` and `mlstack tune`: what they ask for, what they show, and how they end."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError

from mlstack.console import out
from tests.mlstack.training.conftest import (
    DATASETS,
    OUTCOME,
    Run,
    answered,
    asked,
    execution,
    history,
    keys,
    planned,
    refused_by_function,
)
from tests.mlstack.wire import Spoken, Wire, refused, said

S3 = "s3://somewhere/pictures/"


def test_a_folder_is_sent_and_trained_on_channel_by_channel(wire: Wire, run: Run, pictures: Path) -> None:
    code, _, _ = run("train", "waste-sorter", "--data", pictures)

    data = asked(wire, "Invoke")["request"]["train"]["data"]
    assert code == 0
    assert sorted(data) == ["test", "train", "validation"]
    assert all(uri.startswith(f"s3://{DATASETS}/datasets/waste-") for uri in data.values())
    assert sorted(key.split("/", 2)[2] for key in keys()) == [
        "test/landfill/4.png",
        "train/compost/1.jpg",
        "train/landfill/2.png",
        "validation/compost/3.jpg",
    ]


def test_a_request_says_what_was_said_and_leaves_the_rest_to_the_workflow(wire: Wire, run: Run) -> None:
    run("train", "waste-sorter", "--data", S3)

    assert asked(wire, "Invoke")["request"] == {
        "model": "waste-sorter",
        "train": {"algorithm": "own", "data": {"train": S3}, "hyperparameters": {}},
        "approval": "manual",
    }


def test_every_option_has_its_place_in_the_request(wire: Wire, run: Run) -> None:
    options = "--validation s3://b/v --test s3://b/t --pretrained s3://b/p --set epochs=3 --set model=vit --on-demand"
    more = "--instance ml.g5.xlarge --instances 2 --max-minutes 30 --gate loss<=0.5 --compile jetson_nano"

    run(*f"train waste-sorter --data {S3} {options} {more} --approve automatic --deploy sorter".split())

    assert asked(wire, "Invoke")["request"] == {
        "model": "waste-sorter",
        "train": {
            "algorithm": "own",
            "data": {"train": S3, "validation": "s3://b/v", "test": "s3://b/t", "pretrained": "s3://b/p"},
            "hyperparameters": {"epochs": "3", "model": "vit"},
            "instance_type": "ml.g5.xlarge",
            "instances": 2,
            "spot": False,
            "max_run_minutes": 30,
        },
        "gate": {"metric": "loss", "at_most": 0.5},
        "compile": {"target": "jetson_nano"},
        "approval": "automatic",
        "deploy": {"endpoint": "sorter"},
    }


def test_an_endpoint_has_the_models_name_where_none_is_said(wire: Wire, run: Run) -> None:
    run("train", "waste-sorter", "--data", S3, "--deploy")

    assert asked(wire, "Invoke")["request"]["deploy"] == {"endpoint": "waste-sorter"}


def test_tuning_says_what_to_try(wire: Wire, run: Run) -> None:
    tried = "--range learning_rate=0.0001..0.1:log --range batch_size=8..64 --choice model=tiny-resnet,resnet-18"
    how = "--jobs 6 --parallel 2 --strategy random --objective validation:loss --goal minimize"

    run(*f"tune waste-sorter --data {S3} {tried} {how}".split())

    tuned = asked(wire, "Invoke")["request"]["tune"]
    assert tuned["ranges"] == {
        "learning_rate": {"kind": "continuous", "min": "0.0001", "max": "0.1", "scaling": "Logarithmic"},
        "batch_size": {"kind": "integer", "min": "8", "max": "64", "scaling": "Auto"},
        "model": {"kind": "categorical", "values": ["tiny-resnet", "resnet-18"]},
    }
    assert {key: tuned[key] for key in ("max_jobs", "parallel_jobs", "strategy", "objective", "goal")} == {
        "max_jobs": 6,
        "parallel_jobs": 2,
        "strategy": "Random",
        "objective": "validation:loss",
        "goal": "Minimize",
    }


def test_what_is_planned_is_what_is_started_under_the_same_name(wire: Wire, run: Run) -> None:
    run("train", "waste-sorter", "--data", S3)

    started = asked(wire, "StartExecution")
    assert json.loads(started["input"]) == asked(wire, "Invoke")["request"]
    assert started["name"] == asked(wire, "Invoke")["execution"]
    assert started["name"].startswith("waste-sorter-20")


def test_the_price_comes_before_the_start(wire: Wire, run: Run) -> None:
    wire.answer("StartExecution", refused("AccessDenied"))

    code, output, errors = run("train", "waste-sorter", "--data", S3)

    assert code == 2
    assert "price: at most $0.35, by list prices" in output
    assert "spot is usually 50 to 70 % less" in output
    assert "warning: quotas could not be read" in errors
    assert "AccessDenied" in errors


@pytest.mark.usefixtures("wire")
def test_a_narrow_terminal_shows_a_plan_in_a_few_lines_a_step(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "_force_terminal", True)
    monkeypatch.setattr(out, "_width", 60)

    _, output, _ = run("train", "waste-sorter", "--data", S3, "--plan")

    lines = [line.strip("│ ") for line in output.splitlines()]
    assert lines[4:8] == [
        "train  at most $0.23",
        "1 x ml.m5.xlarge, at most 60 min",
        "an hour $0.23",
        "spot is usually 50 to 70 % less",
    ]


def test_what_costs_nothing_to_start_says_so(wire: Wire, run: Run) -> None:
    wire.answer("Invoke", answered(planned(price={"currency": "USD", "at_most_usd": "0.00", "steps": []})))

    assert "price: nothing to start it" in run("train", "waste-sorter", "--data", S3, "--plan")[1]


def test_a_price_that_is_not_known_is_not_made_up(wire: Wire, run: Run) -> None:
    steps = [{"step": "train", "what": "x", "usd_per_hour": None, "at_most_usd": None, "note": ""}]
    price = {"currency": "USD", "known": False, "at_most_usd": None, "steps": steps}
    wire.answer("Invoke", answered(planned(price=price)))

    _, output, _ = run("train", "waste-sorter", "--data", S3, "--plan")

    assert "price: cannot be told" in output
    assert "not known" in output
    assert "$" not in output


def test_half_a_character_and_a_hostile_warning_break_nothing(wire: Wire, run: Run) -> None:
    wire.answer("Invoke", answered(planned(warnings=["[red]no\x1b[2J"])))

    code, output, errors = run("train", "waste-sorter", "--data", S3, "--plan", "--json", "--set", "note=\udcff")

    assert (code, json.loads(output)["request"]["train"]["hyperparameters"]) == (0, {"note": "\udcff"})
    assert "warning: [red]no\N{REPLACEMENT CHARACTER}[2J" in errors


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_plan_starts_nothing(wire: Wire, run: Run, as_json: list[str]) -> None:
    code, output, _ = run("train", "waste-sorter", "--data", S3, "--plan", *as_json)

    assert code == 0
    assert wire.calls("StartExecution", "DescribeExecution") == []
    assert "0.23" in output


def test_a_run_that_is_not_followed_names_how_to_follow_and_to_stop_it(wire: Wire, run: Run) -> None:
    code, output, errors = run("train", "waste-sorter", "--data", S3, "--no-follow", "--json")

    told = json.loads(output)
    assert (code, told["status"], wire.calls("DescribeExecution")) == (0, "running", [])
    assert f"`mlstack models follow {told['execution']}` looks on" in errors
    assert f"`mlstack models stop {told['execution']}` ends it" in errors


@pytest.mark.usefixtures("wire")
def test_the_end_shows_what_came_of_it_and_what_to_do_next(run: Run) -> None:
    code, output, errors = run("train", "waste-sorter", "--data", S3)

    assert code == 0
    assert all(text in output for text in ("3, approved", "0.9375", "mlstack-sandbox-waste-sorter"))
    assert "next: `mlstack predict waste-sorter PHOTO.jpg`" in errors
    assert "next: `mlstack models show waste-sorter 3`" in errors


def test_what_waits_for_a_person_names_the_approval(wire: Wire, run: Run) -> None:
    outcome = OUTCOME | {"approval": "PendingManualApproval", "endpoint": None}
    wire.answer("DescribeExecution", execution(output=json.dumps(outcome)))

    _, output, errors = run("train", "waste-sorter", "--data", S3)

    assert "waits for approval" in output
    assert "next: `mlstack models approve waste-sorter 3`" in errors
    assert "deploy" not in errors


@pytest.mark.usefixtures("wire")
def test_a_script_gets_request_price_and_outcome_in_one_object(run: Run) -> None:
    code, output, errors = run("train", "waste-sorter", "--data", S3, "--json")

    told = json.loads(output)
    assert code == 0
    assert told["request"]["model"] == "waste-sorter"
    assert told["price"]["at_most_usd"] == "0.345"
    assert (told["outcome"]["version"], told["outcome"]["value"], told["status"]) == (3, 0.9375, "succeeded")
    assert "price: at most $0.35" in errors


def test_a_failure_is_one_line_with_the_jobs_own_reason_and_ends_with_1(wire: Wire, run: Run) -> None:
    cause = "training job x failed:\n  channel train: there is only one label"
    wire.answer("DescribeExecution", execution("FAILED", error="TrainingJobFailed", cause=cause))

    code, _, errors = run("train", "waste-sorter", "--data", S3)

    assert code == 1
    assert errors.splitlines()[-1] == (
        "waste-sorter-20261122-093000-3fa9 is failed: TrainingJobFailed: "
        "training job x failed: channel train: there is only one label"
    )


def test_a_failure_for_scripts_ends_with_1_too(wire: Wire, run: Run) -> None:
    wire.answer("DescribeExecution", execution("ABORTED"))

    code, output, _ = run("train", "waste-sorter", "--data", S3, "--json")

    told = json.loads(output)
    assert (code, told["status"], told["outcome"]) == (1, "stopped", None)


def test_one_problem_of_a_request_is_one_line_with_its_option(wire: Wire, run: Run) -> None:
    wire.answer("Invoke", refused_by_function("train.instance_type: ml.p9.huge is no type; use ml.m5.xlarge"))

    code, output, errors = run("train", "waste-sorter", "--data", S3)

    assert (code, output) == (2, "")
    assert errors == "mlstack: train.instance_type: ml.p9.huge is no type; use ml.m5.xlarge (--instance)\n"
    assert wire.calls("StartExecution") == []


def test_a_problem_of_a_request_from_a_file_names_no_option(wire: Wire, run: Run, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text('{"train": {"data": {"train": "s3://b/x/"}}}')
    wire.answer("Invoke", refused_by_function("gate.metric: odd is not in the report\ntrain.data.test: is missing"))

    _, _, errors = run("train", "waste-sorter", "--request", tmp_path / "request.json")

    assert "gate.metric: odd is not in the report\n" in errors
    assert "(--" not in errors


def test_a_command_in_a_refusal_is_for_the_same_stage(wire: Wire, run: Run) -> None:
    reason = "version: version 1 waits for approval: `mlstack models approve waste-sorter 1`"
    wire.answer("Invoke", refused_by_function(reason))

    _, _, errors = run("train", "waste-sorter", "--data", S3, "--stage", "blue")

    assert errors.endswith("approval: `mlstack models approve waste-sorter 1 --stage blue`\n")


def test_a_price_that_is_too_high_names_what_lowers_it(wire: Wire, run: Run) -> None:
    wire.answer("Invoke", refused_by_function("price: may be 9.00 USD"))

    assert "(--max-minutes, --instances, --instance)" in run("train", "waste-sorter", "--data", S3)[2]


def test_several_problems_are_all_said(wire: Wire, run: Run) -> None:
    said_of_it = "train.hyperparameters.epochs: must be a whole number\ndeploy.endpoint: is too long\nmodel: odd"
    wire.answer("Invoke", refused_by_function(said_of_it))

    code, _, errors = run("train", "waste-sorter", "--data", S3)

    assert code == 2
    assert errors.splitlines() == [
        "- train.hyperparameters.epochs: must be a whole number (--set)",
        "- deploy.endpoint: is too long (--deploy)",
        "- model: odd",
        "mlstack: nothing was started, because of 3 problems; mend them and run it again",
    ]


@pytest.mark.parametrize(
    ("answer", "said_of_it"),
    [
        (refused_by_function("boom\x1b[2J", "KeyError"), "could not be planned (KeyError: boom�[2J); its log group"),
        (refused_by_function(""), "refused without a reason"),
        (answered({}), "is no plan (KeyError('price'))"),
        (answered([]), "is no plan (TypeError"),
        (answered(planned(price={"at_most_usd": "a lot", "steps": []})), "is no plan"),
        (Spoken(b"<html>", headers={"Content-Type": "text/html"}), "is no plan (JSONDecodeError"),
        (refused("ResourceNotFoundException", "Function not found"), "AWS answered:"),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS could not be asked"),
    ],
)
def test_a_function_that_does_not_answer_well_is_one_line(
    wire: Wire, run: Run, answer: Spoken | Exception, said_of_it: str
) -> None:
    wire.answer("Invoke", answer)

    code, _, errors = run("train", "waste-sorter", "--data", S3)

    assert code == 2
    assert len(errors.splitlines()) == 1
    assert said_of_it in errors


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "Missing option '--data'"),
        (["--data", "nowhere"], "nowhere is not there; name a folder, or s3://BUCKET/PREFIX/"),
        (["--data", "s3://"], "is no S3 URI"),
        (["--data", S3, "--gate", "accuracy"], "'accuracy' is no gate; write accuracy=0.8"),
        (["--data", S3, "--gate", "accuracy=high"], "is no gate"),
        (
            ["--data", S3, "--gate", "validation:loss=0.5"],
            "less of validation:loss is better; write validation:loss<=0.5",
        ),
        (["--data", S3, "--set", "epochs"], "'epochs' is no NAME=VALUE"),
        (["--data", S3, "--set", "epochs=1", "--set", "epochs=2"], "epochs is said twice"),
        (["--data", S3, "--set", "=1"], "is no NAME=VALUE"),
        (["--data", S3, "--instances", "0"], "0 is not in the range"),
        (["--data", S3, "--approve", "maybe"], "'maybe' is not one of"),
        (["--request", "nowhere.json"], "does not exist"),
    ],
)
def test_misuse_is_one_line_and_nothing_is_asked(wire: Wire, run: Run, options: list[str], reason: str) -> None:
    code, output, errors = run("train", "waste-sorter", *options)

    assert (code, output, wire.calls()) == (2, "", [])
    assert len(errors.splitlines()) == 1
    assert reason in errors


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--range", "rate=1"], "rate=1 is no range; write rate=0.0001..0.1"),
        (["--range", "rate=2..1"], "the first number must be smaller"),
        (["--range", "rate=nan..inf"], "is no range"),
        (["--range", "rate=1..2:cubic"], "the scaling is one of auto, linear, log, reverselog"),
        (["--choice", "model=a,,b"], "is no list of words that differ"),
        (["--choice", "model=a,a"], "is no list of words that differ"),
        (["--range", "x=1..2", "--choice", "x=1,2"], "x has a --range and a --choice"),
        (["--strategy", "luck"], "'luck' is not one of"),
    ],
)
def test_what_cannot_be_tried_is_refused(wire: Wire, run: Run, options: list[str], reason: str) -> None:
    code, _, errors = run("tune", "waste-sorter", "--data", S3, *options)

    assert (code, wire.calls()) == (2, [])
    assert reason in errors


def test_a_model_that_nobody_named_is_answered_with_those_there_are(wire: Wire, run: Run, pictures: Path) -> None:
    code, _, errors = run("train", "wastesorter", "--data", pictures)

    assert code == 2
    assert "no model 'wastesorter'; did you mean waste-sorter? it has waste-sorter, churn" in errors
    assert (wire.calls(), keys()) == ([], [])


def test_a_request_from_a_file_is_sent_as_it_is(wire: Wire, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text('{"train": {"data": {"train": "s3://b/x/"}}, "evaluate": {"max_run_minutes": 5}}')

    code, _, _ = run("train", "waste-sorter", "--request", file)

    assert code == 0
    assert asked(wire, "Invoke")["request"] == json.loads(file.read_text()) | {"model": "waste-sorter"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is no request with 'train' in it"),
        ('{"tune": {}}', "is no request with 'train' in it"),
        ('{"train": {}, "model": "churn"}', "is for model 'churn', not 'waste-sorter'"),
        (" " * 200_001, "has 200,001 bytes"),
    ],
)
def test_a_file_that_is_no_request_is_one_line(wire: Wire, run: Run, tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "request.json").write_text(text)

    code, _, errors = run("train", "waste-sorter", "--request", tmp_path / "request.json")

    assert (code, len(errors.splitlines()), wire.calls()) == (2, 1, [])
    assert reason in errors


def test_a_request_from_a_file_takes_no_second_word(wire: Wire, run: Run, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text('{"train": {}}')

    code, _, errors = run("train", "waste-sorter", "--request", tmp_path / "request.json", "--set", "epochs=1")

    assert (code, wire.calls()) == (2, [])
    assert "--request says everything, --set too" in errors


def test_an_interrupt_says_that_the_run_goes_on(wire: Wire, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    wire.answer("DescribeExecution", execution("RUNNING"))
    wire.answer("GetExecutionHistory", history(("Train", "createTrainingJob.sync")))
    wire.answer("DescribeTrainingJob", said(TrainingJobStatus="InProgress"))

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mlstack.training.follow.sleep", interrupt)

    code, _, errors = run("train", "waste-sorter", "--data", S3, "--stage", "blue")

    name = asked(wire, "StartExecution")["name"]
    assert code == 130
    assert f"{name} goes on; `mlstack models follow {name} --stage blue` looks on again" in errors
    assert f"`mlstack models stop {name} --stage blue` ends it" in errors
    assert wire.calls("StopExecution") == []


def test_the_end_of_a_tuning_says_what_was_best(wire: Wire, run: Run) -> None:
    outcome = OUTCOME | {"path": "tune", "job": "mlstack-sandbox-0a1b2c3d"}
    best = {
        "TunedHyperParameters": {"learning_rate": "[red]0.01"},
        "FinalHyperParameterTuningJobObjectiveMetric": {"MetricName": "validation:accuracy", "Value": 0.9},
    }
    wire.answer("DescribeExecution", execution(output=json.dumps(outcome)))
    wire.answer("DescribeHyperParameterTuningJob", said(BestTrainingJob=best))

    output = run("tune", "waste-sorter", "--data", S3, "--range", "learning_rate=0.001..0.1")[1]

    assert "by learning_rate [red]0.01" in " ".join(output.split())
