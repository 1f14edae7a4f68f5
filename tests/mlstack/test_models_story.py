"""A model's life on the local AWS, told in order: trained, approved, deployed, used, tuned, and gone.

The containers are the deployed ones, on this machine's processors.
"""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstack.account import of_local
from mlstack.local.aws import LocalAws
from mlstack.patience import Patience
from mlstack.project import ROOT
from mlstack.target import Target
from mlstack.training.launch import run as launched
from mlstack.training.runs import Runs
from mlstack.training.stage import Stage
from mlstack.training.view import Spoken
from tests.mlstack.conftest import Run

MODEL = "waste-sorter"
DATASET = ROOT / "examples" / "waste" / "dataset"
UNSEEN = sorted((ROOT / "examples" / "waste").glob("*.jpg"))
ENDPOINT = "mlstack-sandbox-waste-sorter"


def answer(run: Run, *words: str | Path) -> Any:  # noqa: ANN401 - JSON
    """What a command says for machines."""
    code, written, errors = run(*words, "--json")
    assert code == 0, written + errors
    return json.loads(written)


@pytest.fixture
def stage(deployed: LocalAws) -> Stage:
    """The stage that trains."""
    return Stage.find(Target(of_local(deployed), "sandbox"))


@pytest.fixture(scope="module")
def letters(deployed: LocalAws) -> Iterator[str]:
    """A queue that hears what the topic is told."""
    outputs = Target(of_local(deployed), "sandbox").outputs("Training")
    sqs, topic = deployed.client("sqs"), outputs["NotificationsTopicArn"]
    url: str = sqs.create_queue(QueueName="letters")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    deployed.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    yield url
    sqs.delete_queue(QueueUrl=url)


def heard(aws: LocalAws, url: str, words: str) -> dict[str, Any]:
    """The letter whose subject holds some words, as soon as it comes."""
    patience = Patience(20)
    while patience.wait(0):
        for message in aws.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", []):
            letter: dict[str, Any] = json.loads(message["Body"])
            if words in letter["Subject"]:
                return letter
    message = f"no letter says {words!r}"
    raise AssertionError(message)


def running_still(aws: LocalAws, job: str) -> bool:
    """Whether a training job has not ended."""
    said = aws.client("sagemaker").describe_training_job(TrainingJobName=job)["TrainingJobStatus"]
    return said in {"InProgress", "Stopping"}


def test_a_request_that_cannot_be_met_says_everything_that_is_wrong_and_starts_nothing(run_in_sandbox: Run) -> None:
    code, _, errors = run_in_sandbox(
        "train", MODEL, "--data", DATASET, "--instance", "ml.p3.2xlarge", "--set", "epoch=3", "--max-minutes", "9999"
    )

    assert code == 2
    assert "ml.p3.2xlarge" in errors
    assert "epochs" in errors
    assert "120" in errors


def test_the_price_comes_before_anything_starts(run_in_sandbox: Run, stage: Stage) -> None:
    code, written, _ = run_in_sandbox("train", MODEL, "--data", DATASET, "--plan")

    assert code == 0
    assert "ml.m5.xlarge" in written
    assert "$0.46" in written or "$0.23" in written
    assert list(Runs.of(stage).latest(10)) == []


def test_a_model_is_trained_evaluated_and_waits_for_a_person(
    run_in_sandbox: Run, deployed: LocalAws, letters: str
) -> None:
    told = answer(run_in_sandbox, "train", MODEL, "--data", DATASET, "--set", "epochs=12", "--gate", "accuracy=0.8")

    assert told["status"] == "succeeded"
    assert told["outcome"]["value"] >= 0.8
    [version] = answer(run_in_sandbox, "models", "list", MODEL)
    assert (version["version"], version["approval"]) == (1, "PendingManualApproval")
    assert "mlstack models approve waste-sorter 1" in heard(deployed, letters, MODEL)["Message"]


def test_what_nobody_approved_is_not_deployed(run_in_sandbox: Run) -> None:
    code, _, errors = run_in_sandbox("deploy", MODEL, "1")

    assert code == 2
    assert "mlstack models approve waste-sorter 1" in errors


def test_an_approval_is_news(run_in_sandbox: Run, deployed: LocalAws, letters: str) -> None:
    code, _, _ = run_in_sandbox("models", "approve", MODEL, "1")

    assert code == 0
    assert "pprove" in heard(deployed, letters, "pprove")["Message"]


def test_a_version_knows_how_it_was_judged(run_in_sandbox: Run) -> None:
    code, written, _ = run_in_sandbox("models", "show", MODEL, "1")

    assert code == 0
    for word in ("accuracy", "compost", "landfill", "recycling"):
        assert word in written


def test_an_approved_version_answers_at_an_endpoint_that_costs_nothing_idle(run_in_sandbox: Run) -> None:
    deployed = run_in_sandbox("deploy", MODEL, "latest-approved")
    told = answer(run_in_sandbox, "predict", MODEL, *UNSEEN)

    assert deployed[0] == 0
    best = {Path(one["photo"]).stem.rpartition("-")[0]: one["predictions"][0]["label"] for one in told}
    assert best == {name: name for name in ("compost", "landfill", "recycling")}


def test_a_batch_is_judged_without_an_endpoint(run_in_sandbox: Run, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for path in UNSEEN[:2]:
        (pictures / path.name).write_bytes(path.read_bytes())

    code, written, errors = run_in_sandbox("transform", MODEL, "1", "--data", pictures, "--to", tmp_path / "said")

    assert code == 0, written + errors
    found = {path.name: json.loads(path.read_text()) for path in (tmp_path / "said").rglob("*.out")}
    assert {name: said["predictions"][0]["label"] for name, said in found.items()} == {
        f"{path.name}.out": "compost" for path in UNSEEN[:2]
    }


def test_a_compiled_model_lies_beside_the_version(run_in_sandbox: Run, deployed: LocalAws) -> None:
    told = answer(run_in_sandbox, "compile", MODEL, "1", "--target", "jetson_nano")

    bucket, _, key = told["outcome"]["compiled"].removeprefix("s3://").partition("/")
    assert deployed.client("s3").head_object(Bucket=bucket, Key=key)["ContentLength"] > 0


def test_the_best_of_a_tuning_is_registered(run_in_sandbox: Run) -> None:
    told = answer(
        run_in_sandbox, "tune", MODEL, "--data", DATASET / "train", "--set", "epochs=1", "--range",
        "learning_rate=0.001..0.01:log", "--jobs", "2", "--parallel", "2", "--strategy", "random",
    )  # fmt: skip

    versions = answer(run_in_sandbox, "models", "list", MODEL)
    assert told["status"] == "succeeded"
    assert [version["version"] for version in versions] == [2, 1]


def test_a_training_that_fails_says_why_at_the_top(tmp_path: Path, run_in_sandbox: Run) -> None:
    for label in ("glass", "paper"):
        (tmp_path / label).mkdir()
        for number in range(4):
            (tmp_path / label / f"{number}.jpg").write_bytes(UNSEEN[0].read_bytes()[: 200 + number])

    code, written, errors = run_in_sandbox("train", MODEL, "--data", tmp_path)

    assert code == 1
    assert "glass" in written + errors
    assert "TrainingJobFailed" in written + errors


def test_a_run_that_a_person_stops_stops_its_job(
    stage: Stage, deployed: LocalAws, run_in_sandbox: Run, letters: str
) -> None:
    sagemaker = deployed.client("sagemaker")
    before = {one["TrainingJobName"] for one in sagemaker.list_training_jobs()["TrainingJobSummaries"]}
    request = next(run.request for run in Runs.of(stage).latest(10) if "train" in run.request)
    long = {**request, "train": {**request["train"], "hyperparameters": {"epochs": "500"}}}
    following = threading.Thread(target=launched, args=(stage, long, Spoken(lambda _line: None)), daemon=True)
    following.start()
    patience, job = Patience(40), ""
    while not job and patience.wait(0.1):
        found = sagemaker.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"]
        job = next((one["TrainingJobName"] for one in found if one["TrainingJobName"] not in before), "")

    [running] = [run for run in Runs.of(stage).latest(10) if run.status == "RUNNING"]
    code, _, _ = run_in_sandbox("models", "stop", running.name)
    following.join(30)

    assert code == 0
    patience.renew()
    while running_still(deployed, job) and patience.wait(0.1):
        continue
    assert sagemaker.describe_training_job(TrainingJobName=job)["TrainingJobStatus"] == "Stopped"
    assert "stopped" in heard(deployed, letters, "stopped")["Message"]
