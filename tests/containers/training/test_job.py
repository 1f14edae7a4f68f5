"""What SageMaker tells a job, by files and by variables."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from training.job import Job
from training.problem import ProblemError


def told(base: Path, **documents: object) -> Mapping[str, str]:
    (base / "input" / "config").mkdir(parents=True, exist_ok=True)
    (base / "input" / "data" / "train").mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        text = document if isinstance(document, str) else json.dumps(document)
        (base / "input" / "config" / f"{name}.json").write_text(text, encoding="utf-8")
    return {"SAGEMAKER_BASE_DIR": str(base)}


def test_job_stands_at_opt_ml_on_sagemaker(tmp_path: Path) -> None:
    environment = {"SM_INPUT_CONFIG_DIR": str(tmp_path), "SM_CHANNEL_TRAIN": str(tmp_path)}

    job = Job.read(environment)

    assert job.folders.model == Path("/opt/ml/model")
    assert job.folders.output_data == Path("/opt/ml/output/data")
    assert job.checkpoints == Path("/opt/ml/checkpoints/local")


def test_job_reads_the_documents(tmp_path: Path) -> None:
    resources = {
        "current_host": "algo-2",
        "hosts": ["algo-2", "algo-1"],
        "network_interface_name": "eth0",
        "current_instance_type": "ml.g5.xlarge",
    }
    channels = {"train": {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated"}}
    environment = told(tmp_path, hyperparameters={"epochs": "3"}, inputdataconfig=channels, resourceconfig=resources)

    job = Job.read({**environment, "TRAINING_JOB_NAME": "tuning-001-abc"})

    assert job.hyperparameters == {"epochs": "3"}
    assert job.channels == {"train": tmp_path / "input" / "data" / "train"}
    assert (job.hosts, job.host, job.interface) == (["algo-1", "algo-2"], "algo-2", "eth0")
    assert job.instance_type == "ml.g5.xlarge"
    assert job.checkpoints == tmp_path / "checkpoints" / "tuning-001-abc"


def test_job_needs_no_document(tmp_path: Path) -> None:
    job = Job.read(told(tmp_path))

    assert (job.hyperparameters, [*job.channels], [*job.hosts]) == ({}, ["train"], ["localhost"])


def test_variables_win_over_documents(tmp_path: Path) -> None:
    environment = told(tmp_path, hyperparameters={"epochs": "3"}, resourceconfig={"hosts": ["a"], "current_host": "a"})
    variables = {
        "SM_HPS": '{"epochs": 5, "model": "vit-tiny"}',
        "SM_HOSTS": '["b", "c"]',
        "SM_CURRENT_HOST": "c",
        "SM_CHANNEL_TEST": "/elsewhere",
        "SM_MODEL_DIR": "/models",
    }

    job = Job.read({**environment, **variables})

    assert job.hyperparameters == {"epochs": "5", "model": "vit-tiny"}
    assert (job.hosts, job.host) == (["b", "c"], "c")
    assert job.channels["test"] == Path("/elsewhere")
    assert job.folders.model == Path("/models")


@pytest.mark.parametrize(
    ("documents", "reason"),
    [
        ({"hyperparameters": "{"}, "hyperparameters.json: cannot be read as JSON"),
        ({"hyperparameters": []}, "hyperparameters.json: not a JSON object"),
        ({"inputdataconfig": {"train": "s3"}}, "channel train is not described by a JSON object"),
        ({"inputdataconfig": {"train": {"TrainingInputMode": "Pipe"}}}, "pictures need File or FastFile"),
        ({"inputdataconfig": {"train": {"S3DistributionType": "ShardedByS3Key"}}}, "use FullyReplicated"),
        ({"inputdataconfig": {"validation": {}}}, "channel train: it is missing"),
        ({"resourceconfig": {"hosts": "algo-1"}}, "hosts must be a list of names"),
        ({"resourceconfig": {"hosts": ["algo-1"], "current_host": "algo-9"}}, "'algo-9' is not one of the hosts"),
    ],
)
def test_documents_that_cannot_be_are_refused(tmp_path: Path, documents: Mapping[str, object], reason: str) -> None:
    environment = told(tmp_path, **documents)

    with pytest.raises(ProblemError, match=reason):
        Job.read(environment)


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", "-a", "a" * 64])
def test_job_name_is_no_way_out_of_the_checkpoints(tmp_path: Path, name: str) -> None:
    environment = told(tmp_path)

    with pytest.raises(ProblemError, match="is no name of a training job"):
        Job.read({**environment, "TRAINING_JOB_NAME": name})
