"""`mlstack run training`: what is refused before anything is sent, what it costs, what is started, and how it ends."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.mlstack.ecs.conftest import (
    ARTIFACT,
    DATASETS,
    GROUP,
    MODELS,
    RUN,
    Answer,
    Lab,
    Run,
    execution,
    keys,
    put,
    refused,
    stopped,
    task,
)
from tests.mlstack.wire import client

S3 = f"s3://{DATASETS}/pictures/"
TRAIN = ("run", "training", "sorter", "--on", "ecs")
DOWN = EndpointConnectionError(endpoint_url="https://x")


@pytest.fixture(autouse=True)
def deployed(lab: Lab) -> Lab:
    """A stage with a training, and pictures in its bucket."""
    lab.training()
    put(DATASETS, "pictures/compost/1.jpg")
    return lab


def started(lab: Lab) -> dict[str, object]:
    """The input of the run that was started."""
    found: dict[str, object] = json.loads(lab.calls("StartExecution")[-1]["input"])
    return found


def test_a_folder_is_sent_channel_by_channel_and_trained_on(lab: Lab, run: Run, pictures: Path) -> None:
    code, _, _ = run(*TRAIN, "--data", pictures, "--set", "epochs=3", "--yes")

    told = started(lab)
    data = told["data"]
    assert code == 0
    assert isinstance(data, dict)
    assert sorted(data) == ["test", "train"]
    assert all(uri.startswith(f"s3://{DATASETS}/datasets/waste-") and uri.endswith("/") for uri in data.values())
    assert told["hyperparameters"] == {"epochs": "3"}
    assert sum(key.startswith("datasets/waste-") for key in keys(DATASETS)) == 5


def test_the_run_has_the_contracts_input_and_its_name(lab: Lab, run: Run) -> None:
    run(*TRAIN, "--data", S3, "--market", "on-demand", "--yes")

    asked = lab.calls("StartExecution")[-1]
    assert asked["name"] == started(lab)["run"]
    assert asked["name"].startswith("sorter-20")
    assert started(lab) == {
        "run": asked["name"],
        "model": "sorter",
        "data": {"train": S3},
        "hyperparameters": {},
        "market": "on-demand",
    }


def test_the_longest_model_still_has_a_run_that_the_state_machine_takes(lab: Lab, run: Run) -> None:
    code, _, _ = run("run", "training", "m" * 40, "--data", S3, "--yes")

    told = started(lab)
    assert (code, told["model"], len(str(told["run"]))) == (0, "m" * 40, 60)


def test_a_prefix_without_its_slash_gets_one(lab: Lab, run: Run) -> None:
    run(*TRAIN, "--data", S3.rstrip("/"), "--yes")

    assert started(lab)["data"] == {"train": S3}


def test_the_price_is_that_of_the_dearest_machine_for_every_attempt(run: Run) -> None:
    code, output, _ = run(*TRAIN, "--data", S3, "--plan")

    assert code == 0
    assert "1 x g4dn.xlarge or g5.xlarge, at most 8 h, up to 3 times" in output
    assert "$10.20" in output  # 3 attempts at $0.40, each of 8 hours and half an hour around them
    assert "$8.56" in output  # one at $1.006, rounded up
    assert "price: at most $18.76" in output


def test_on_demand_alone_has_one_step(run: Run) -> None:
    _, output, _ = run(*TRAIN, "--data", S3, "--plan", "--market", "on-demand")

    assert "at most 8 h, up to 4 times" in output  # a machine may break as well
    assert "price: at most $34.21" in output
    assert "spot" not in output


def test_spot_without_a_price_is_no_dearer_than_on_demand(lab: Lab, run: Run) -> None:
    lab.training(usd_per_hour={"spot": None, "on-demand": "1.006"})

    _, output, _ = run(*TRAIN, "--data", S3, "--plan")

    assert "Spot is never dearer than on demand" in " ".join(output.split())
    assert "price: at most $34.21" in output


def test_fargate_is_said_with_what_a_task_has(lab: Lab, run: Run) -> None:
    lab.training(accelerator="cpu", instance_types=[], vcpu=4.0, memory_gb=8)

    _, output, _ = run(*TRAIN, "--data", S3, "--plan")

    assert "Fargate, 4 vCPU, 8 GB, at most 8 h" in output
    assert "half an hour" not in output


@pytest.mark.parametrize("spot", [None, "0.4"])
def test_a_price_that_nobody_knows_is_not_made_up(lab: Lab, run: Run, spot: str | None) -> None:
    lab.training(usd_per_hour={"spot": spot, "on-demand": None})

    _, output, _ = run(*TRAIN, "--data", S3, "--plan")

    assert "price: cannot be told, because a list price in it is not known; see aws.amazon.com/ec2/pricing" in output
    assert "not known" in output


def test_a_plan_sends_and_starts_nothing(lab: Lab, run: Run, pictures: Path) -> None:
    code, output, _ = run(*TRAIN, "--data", pictures, "--plan", "--json")

    told = json.loads(output)
    assert code == 0
    assert told["price"]["at_most_usd"] == "18.7510"
    assert told["request"]["data"] == {name: str(pictures / name) for name in ("train", "test")}
    assert keys(DATASETS) == ["pictures/compost/1.jpg"]
    assert not lab.calls("StartExecution")


def test_nothing_is_sent_or_started_where_nobody_agrees(
    lab: Lab, run: Run, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked: list[str] = []
    monkeypatch.setattr("click.confirm", lambda text, **_: asked.append(text))

    code, _, errors = run(*TRAIN, "--data", pictures)

    assert (code, asked) == (1, ["Start it for at most $18.76?"])
    assert "nothing was sent or started" in errors
    assert keys(DATASETS) == ["pictures/compost/1.jpg"]
    assert not lab.calls("StartExecution")


def test_without_a_terminal_somebody_must_have_said_yes(lab: Lab, run: Run, pictures: Path) -> None:
    code, output, errors = run(*TRAIN, "--data", pictures)

    assert code == 2
    assert "price: at most $18.76" in output
    assert "say --yes, or --plan" in errors
    assert keys(DATASETS) == ["pictures/compost/1.jpg"]
    assert not lab.calls("StartExecution")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--data", S3, "--stage", "team"), "has no training on ECS"),
        (("--data", "nowhere/"), "is not there; name a folder"),
        (("--data", S3, "--set", "epoch=3"), "did you mean epochs?"),
    ],
)
def test_what_is_wrong_is_said_before_anybody_is_asked(run: Run, options: tuple[str, ...], reason: str) -> None:
    code, _, errors = run(*TRAIN, *options)

    assert code == 2
    assert reason in errors
    assert "terminal" not in errors


def test_a_plan_names_what_is_left_out(run: Run, pictures: Path) -> None:
    (pictures / "train/compost/x.gif").write_bytes(b"GIF89a")

    _, _, errors = run(*TRAIN, "--data", pictures, "--plan")

    assert "train: left out: 1 called neither .jpg nor .jpeg nor .png (compost/x.gif)" in errors


@pytest.mark.parametrize("options", [("--plan",), ("--yes",)])
def test_a_label_that_the_image_would_refuse_is_refused_before_a_price(
    lab: Lab, run: Run, pictures: Path, options: tuple[str, ...]
) -> None:
    (pictures / "train/compost/2.jpg").unlink()

    code, output, errors = run(*TRAIN, "--data", pictures, *options)

    assert (code, output) == (2, "")
    assert "train: compost has one picture, and one is kept to validate with" in errors
    assert not lab.calls("StartExecution")


REFUSED = [
    (["--set", "epoch=3"], "--set epoch: the training image has no such hyperparameter; did you mean epochs?"),
    (["--set", "epochs=0"], "--set epochs: must be a whole number from 1 to 10000"),
    (["--set", "epochs=1;rm -rf"], "--set epochs: must be a whole number"),
    (["--set", "\x1b[31m=1"], "no such hyperparameter"),
    (["--set", "model=pretrained"], '--set model: "pretrained" needs a channel of that name'),
    (["--set", "model=tiny-vit", "--set", "image_size=30"], "--set image_size: must be a multiple of 8"),
    (["--set", "epochs=1", "--set", "epochs=2"], "epochs is said twice"),
    (["--set", "epochs"], "is no NAME=VALUE"),
    (["--market", "cheap"], "'cheap' is not one of"),
]


@pytest.mark.parametrize(("options", "reason"), REFUSED)
def test_what_the_image_would_refuse_is_refused_before_anything_is_sent(
    lab: Lab, run: Run, pictures: Path, options: list[str], reason: str
) -> None:
    code, output, errors = run(*TRAIN, "--data", pictures, "--yes", *options)

    assert (code, output) == (2, "")
    assert reason in errors
    assert "\x1b" not in errors
    assert keys(DATASETS) == ["pictures/compost/1.jpg"]
    assert not lab.calls("StartExecution")


def test_several_problems_are_said_at_once(run: Run) -> None:
    _, _, errors = run(*TRAIN, "--data", S3, "--yes", "--set", "epoch=3", "--set", "batch_size=no")

    assert "- --set epoch: " in errors
    assert "- --set batch_size: " in errors
    assert "nothing was started, because of 2 problems" in errors


BAD_DATA = [
    ("nowhere/", "is not there; name a folder, or s3://BUCKET/PREFIX/"),
    ("s3://", "is no S3 URI"),
    (f"s3://{DATASETS}/empty/", f"train: nothing lies under s3://{DATASETS}/empty/"),
    (f"s3://{DATASETS}/picture", "train: nothing lies under"),
    ("s3://no-such-bucket-at-all/x/", "train: the training's task reads no other buckets than datasets-here"),
    (f"s3://{DATASETS}/\x1b[2J/", "nothing lies under"),
]


@pytest.mark.parametrize(("data", "reason"), BAD_DATA)
def test_data_that_are_not_there_are_refused(lab: Lab, run: Run, data: str, reason: str) -> None:
    code, _, errors = run(*TRAIN, "--data", data, "--yes")

    assert code == 2
    assert reason in errors
    assert "\x1b" not in errors
    assert not lab.calls("StartExecution")


def test_a_folder_with_one_label_is_refused_before_the_others_are_sent(lab: Lab, run: Run, tmp_path: Path) -> None:
    (tmp_path / "one" / "compost").mkdir(parents=True)
    (tmp_path / "one" / "compost" / "1.jpg").write_bytes(b"\xff\xd8\xff and so on")

    code, _, errors = run(*TRAIN, "--data", tmp_path / "one", "--yes")

    assert code == 2
    assert "pictures of one label alone" in errors
    assert not lab.calls("StartExecution")


def test_a_bucket_that_the_task_may_not_read_is_refused(lab: Lab, run: Run) -> None:
    client("s3").create_bucket(Bucket="another-bucket")
    put("another-bucket", "x/compost/1.jpg")

    code, _, errors = run(*TRAIN, "--data", "s3://another-bucket/x/", "--yes")

    assert code == 2
    assert "train: the training's task reads no other buckets than datasets-here and models-here; copy s3://" in errors
    assert not lab.calls("StartExecution")


def test_what_lies_beside_models_may_be_trained_on(lab: Lab, run: Run) -> None:
    put(MODELS, "base/model.safetensors")

    code, _, _ = run(*TRAIN, "--data", S3, "--pretrained", f"s3://{MODELS}/base", "--yes")

    assert (code, started(lab)["data"]) == (0, {"train": S3, "pretrained": f"s3://{MODELS}/base/"})


def test_a_market_that_the_stage_does_not_have_is_refused(lab: Lab, run: Run) -> None:
    lab.training(market="on-demand")

    code, _, errors = run(*TRAIN, "--data", S3, "--yes", "--market", "spot")

    assert code == 2
    assert 'is bought on demand alone; write market = "spot" into [ecs.training]' in errors
    assert not lab.calls("StartExecution")


def test_a_bucket_that_is_gone_is_one_line(lab: Lab, run: Run) -> None:
    lab.training(datasets="never-made")

    code, _, errors = run(*TRAIN, "--data", "s3://never-made/x/", "--yes")

    assert code == 2
    assert "train: there is no bucket never-made" in errors


@pytest.mark.parametrize("model", ["Sorter", "a_b", "x" * 41, "", "sort er", "s\x1b[1m", "../x", "ümlaut", "--", "-a"])
def test_a_model_without_a_name_that_aws_takes_is_refused(lab: Lab, run: Run, model: str) -> None:
    code, _, errors = run("run", "training", "--data", S3, "--yes", "--", model)

    assert code == 2
    assert "is no name of a model; write 1 to 40 of a-z, 0-9 and -, the first no hyphen" in errors
    assert "\x1b" not in errors
    assert not lab.calls("GetParameter")


@pytest.mark.parametrize(
    ("place", "reason"), [("sagemaker", "it is `mlstack train MODEL` that trains"), ("mars", "'mars' is not 'ecs'")]
)
def test_another_place_names_its_command(run: Run, place: str, reason: str) -> None:
    code, _, errors = run("run", "training", "sorter", "--on", place, "--data", S3, "--yes")

    assert code == 2
    assert reason in errors


def test_what_came_of_it_is_shown_with_what_it_is_worth(lab: Lab, run: Run) -> None:
    put(MODELS, f"ecs/runs/{RUN}/evaluation.json", json.dumps({"metrics": {"accuracy": 0.9375, "loss": 0.21}}))

    code, output, errors = run(*TRAIN, "--data", S3, "--yes")

    assert code == 0
    assert ARTIFACT in output
    assert "0.9375" in output
    assert "12 min 0 s" in output
    assert f'next: `model = "{ARTIFACT}"` in [ecs.services.NAME] of the profile' in errors
    assert lab.calls("DescribeExecution")


def test_without_test_data_the_trainings_last_word_says_what_it_is_worth(lab: Lab, run: Run) -> None:
    lab.tasks([stopped(1, 0, "Essential container in task exited")])
    last = json.dumps({"model": ARTIFACT, "metrics": {"validation:accuracy": 0.875, "x": True, "y": "no"}})
    lab.answer("GetLogEvents", {"events": [{"message": "validation:accuracy=0.5"}, {"message": last}]})

    _, output, _ = run("run", "follow", RUN, "--json")

    assert json.loads(output)["metrics"] == {"validation:accuracy": 0.875}
    assert lab.calls("GetLogEvents")[0]["logStreamName"] == f"training/training/{1:032x}"
    assert lab.calls("GetLogEvents")[0]["logGroupName"] == GROUP
    assert lab.calls("GetLogEvents")[0]["limit"] == 20


def test_a_failed_run_says_what_its_training_wrote(lab: Lab, run: Run) -> None:
    lab.answer("DescribeExecution", execution("FAILED", error="States.TaskFailed", cause="exit 1"))
    put(MODELS, f"ecs/runs/{RUN}/failure", "train: 3 of 4 pictures cannot be read\n\x1b[31m")

    code, _, errors = run("run", "follow", RUN)

    assert code == 1
    assert f"{RUN} is failed: train: 3 of 4 pictures cannot be read" in errors
    assert "\x1b" not in errors


def test_a_failed_run_without_a_word_says_what_ecs_says_and_the_last_line(lab: Lab, run: Run) -> None:
    cause = json.dumps(
        {
            "StoppedReason": "Essential container in task exited",
            "StopCode": "EssentialContainerExited",
            "Containers": [{"Name": "training", "ExitCode": 137, "Reason": "OutOfMemoryError: killed"}],
        }
    )
    lab.answer("DescribeExecution", execution("FAILED", error="States.TaskFailed", cause=cause))
    lab.tasks([stopped(1, 137, "Essential container in task exited")])
    lab.answer("GetLogEvents", {"events": [{"message": "validation:loss=0.4"}, {"message": " "}]})

    _, _, errors = run("run", "follow", RUN)

    assert (
        "Essential container in task exited; training ended with 137; OutOfMemoryError: killed; "
        "its last line: validation:loss=0.4"
    ) in errors


@pytest.mark.parametrize("cause", ["", "[1, 2]", "{", "null", '{"Containers": [3, null]}', '{"Containers": null}'])
def test_a_cause_of_any_shape_is_one_line(lab: Lab, run: Run, cause: str) -> None:
    lab.answer("DescribeExecution", execution("FAILED", error="States.Timeout", cause=cause))

    code, _, errors = run("run", "follow", RUN)

    assert code == 1
    assert f"{RUN} is failed: States.Timeout" in errors


FAULTS = [
    ("ListTasks", refused("ThrottlingException")),
    ("DescribeTasks", DOWN),
    ("GetLogEvents", refused("AccessDeniedException")),
    ("GetObject", refused("AccessDenied")),
    ("GetObject", DOWN),
]


@pytest.mark.parametrize(("operation", "fault"), FAULTS)
def test_what_cannot_be_looked_up_does_not_hide_the_outcome(lab: Lab, run: Run, operation: str, fault: Answer) -> None:
    lab.tasks([stopped(1, 0, "")])
    lab.answer(operation, fault)

    code, output, errors = run("run", "follow", RUN)

    assert code == 0
    assert ARTIFACT in output
    assert "not all of it could be looked up: " in errors


def test_a_log_that_is_gone_is_no_fault(lab: Lab, run: Run) -> None:
    lab.tasks([stopped(1, 0, "")])
    lab.answer("GetLogEvents", refused("ResourceNotFoundException"))

    _, _, errors = run("run", "follow", RUN)

    assert "not all of it" not in errors


STARTS = [
    (refused("ThrottlingException"), "asked too often (ThrottlingException at StartExecution)"),
    (refused("AccessDeniedException", "you may not"), "AWS allows you no StartExecution (you may not)"),
    (refused("StateMachineDoesNotExist"), "the state machine of stage sandbox on account 1 is gone"),
    (refused("ExpiredTokenException"), "run `aws sso login`"),
    (refused("Strange"), "AWS answered: An error occurred (Strange)"),
    (DOWN, "AWS could not be asked"),
]


@pytest.mark.parametrize(("fault", "reason"), STARTS)
def test_a_start_that_aws_refuses_is_one_line(lab: Lab, run: Run, fault: Answer, reason: str) -> None:
    lab.answer("StartExecution", fault)

    code, _, errors = run(*TRAIN, "--data", S3, "--yes")

    assert code == 2
    assert reason in errors.splitlines()[-1]


def test_one_may_start_without_looking_on(lab: Lab, run: Run) -> None:
    code, output, errors = run(*TRAIN, "--data", S3, "--yes", "--no-follow", "--json")

    told = json.loads(output)
    assert (code, told["status"], told["does"]) == (0, "running", "train")
    assert "`mlstack run follow sorter-20" in errors
    assert not lab.calls("DescribeExecution")


def test_other_options_of_a_stage_are_part_of_what_comes_next(lab: Lab, run: Run) -> None:
    lab.put(
        "team/ecs/training",
        json.loads(client("ssm").get_parameter(Name="/mlstack/sandbox/ecs/training")["Parameter"]["Value"]),
    )

    _, _, errors = run(*TRAIN, "--data", S3, "--yes", "--no-follow", "--stage", "team")

    assert "--stage team --aws` looks on" in errors


def test_a_run_names_the_task_that_it_is_of(lab: Lab, run: Run) -> None:
    lab.tasks([task(1, of="another-run"), stopped(2, 0, "")])
    lab.answer("GetLogEvents", {"events": [{"message": json.dumps({"metrics": {"a": 1}})}]})

    run("run", "follow", RUN)

    assert [one["logStreamName"] for one in lab.calls("GetLogEvents")] == [f"training/training/{2:032x}"]
