"""What the commands ask for is what the workflow's own function reads, and what it answers is what they show."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlstack.training import words
from mlstack.training.plan import OPTIONS, Plan
from tests.functions.training_request.conftest import FOUND, TOLD, VERSION, planned, refusals
from tests.mlstack.training.conftest import DATASETS, MODELS, PACKAGE, Run, asked
from tests.mlstack.wire import Wire, said

STAGE = replace(TOLD, datasets_bucket=DATASETS, models_bucket=MODELS)
DATA = f"s3://{DATASETS}/waste/train/"
TUNED = "--range learning_rate=0.0001..0.1:log --range batch_size=8..64 --choice model=tiny-resnet,resnet-18"
FULL = (
    f"--test s3://{DATASETS}/waste/test/ --set epochs=3 --on-demand --instance ml.m5.xlarge --instances 1 "
    "--max-minutes 30 --gate accuracy=0.8 --approve automatic --deploy"
)
TRAININGS = [
    f"train waste-sorter --data {DATA}",
    f"train waste-sorter --data {DATA} {FULL}",
    f"train waste-sorter --data {DATA} --compile ml_c5",
    f"train waste-sorter --data {DATA} --gate validation:loss<=0.5",
    f"tune waste-sorter --data {DATA} {TUNED}",
    f"tune waste-sorter --data {DATA} {TUNED} {FULL} --jobs 6 --parallel 2 --strategy Random",
    f"tune waste-sorter --data {DATA} {TUNED} --objective validation:loss --goal Minimize",
]
VERSIONS = [
    "deploy waste-sorter 3 --memory-mb 3072 --max-concurrency 9",
    f"transform waste-sorter 3 --data s3://{DATASETS}/new/ --instance ml.m5.xlarge --instances 1 --max-minutes 9",
    "compile waste-sorter 3 --target ml_c5",
]


def version() -> dict[str, Any]:
    """The third version, as SageMaker lists and describes it."""
    return {
        "ModelPackageArn": f"{PACKAGE}/3",
        "ModelPackageVersion": 3,
        "CreationTime": 1,
        "ModelPackageStatus": "Completed",
    }


@pytest.mark.parametrize("arguments", TRAININGS)
def test_every_training_is_understood_and_priced(wire: Wire, run: Run, arguments: str) -> None:
    run(*arguments.split(), "--plan")

    plan = Plan.read(planned(asked(wire, "Invoke")["request"], FOUND, STAGE))

    assert plan.job.startswith("mlstack-sandbox-")
    assert plan.at_most_usd is not None
    assert plan.steps


@pytest.mark.parametrize("arguments", VERSIONS)
def test_everything_that_is_done_with_a_version_is_understood(wire: Wire, run: Run, arguments: str) -> None:
    wire.answer("ListModelPackages", said(ModelPackageSummaryList=[version()]))
    wire.answer("DescribeModelPackage", said(**version()))
    run(*arguments.split(), "--plan")

    plan = Plan.read(planned(asked(wire, "Invoke")["request"], VERSION, STAGE))

    assert plan.steps


def test_a_local_folder_is_data_that_the_function_finds(wire: Wire, run: Run, pictures: Path) -> None:
    run("train", "waste-sorter", "--data", pictures, "--plan")

    assert refusals(asked(wire, "Invoke")["request"], FOUND, STAGE) == {}


def test_the_functions_places_are_those_that_options_are_known_for() -> None:
    data = {"train": DATA}
    ill: dict[str, Any] = {
        "algorithm": "odd",
        "data": data,
        "hyperparameters": {"epochs": "many"},
        "instance_type": "ml.odd",
        "instances": 0,
        "max_run_minutes": 0,
        "ranges": {},
        "strategy": "luck",
        "max_jobs": 0,
        "parallel_jobs": 0,
        "objective": 3,
    }

    found = refusals({"model": "waste-sorter", "tune": ill, "gate": {}, "deploy": {}}, FOUND, STAGE)

    places = {place.removeprefix("tune.").split(".")[0] for place in found}
    assert places <= OPTIONS.keys()
    assert {"instance_type", "instances", "max_run_minutes", "strategy", "max_jobs", "gate", "deploy"} <= places


def test_scalings_are_sagemakers() -> None:
    assert set(words.SCALINGS.values()) == {"Auto", "Linear", "Logarithmic", "ReverseLogarithmic"}
