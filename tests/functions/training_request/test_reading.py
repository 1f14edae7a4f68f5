"""What a request may look like, and what is said where it does not."""

from typing import Any

import pytest

from tests.functions.training_request.conftest import DATA, TOLD, VERSION, planned, refusals, train, tune, version

LONG = "x" * 2501


def test_the_least_that_can_be_asked_for_is_a_model_and_its_data() -> None:
    plan = planned({"model": "waste-sorter", "train": {"data": {"train": "s3://datasets/waste/train/"}}})

    assert plan["path"] == "train"
    assert plan["training"]["ResourceConfig"] == {
        "InstanceType": "ml.m5.xlarge",
        "InstanceCount": 1,
        "VolumeSizeInGB": 30,
    }
    assert plan["training"]["EnableManagedSpotTraining"] is True
    assert plan["training"]["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert plan["approval"] == "PendingManualApproval"
    assert [plan[key] for key in ("tuning", "evaluation", "gate", "compilation", "deploy", "transform")] == [None] * 6


@pytest.mark.parametrize(
    ("part", "key", "reason"),
    [
        ({"instances": "2"}, "train.instances", 'must be a whole number from 1 to 4, not "2"'),
        ({"instances": 5}, "train.instances", "must be a whole number from 1 to 4, not 5"),
        ({"instances": 1.5}, "train.instances", "must be a whole number from 1 to 4, not 1.5"),
        ({"instances": True}, "train.instances", "must be a whole number from 1 to 4, not true"),
        ({"instances": float("nan")}, "train.instances", "must be a whole number from 1 to 4, not nan"),
        ({"instances": 10**400}, "train.instances", "must be a whole number from 1 to 4, not a huge number"),
        ({"max_run_minutes": 241}, "train.max_run_minutes", "must be a whole number from 1 to 240, not 241"),
        ({"max_run_minutes": 0}, "train.max_run_minutes", "must be a whole number from 1 to 240, not 0"),
        ({"volume_gb": 20_000}, "train.volume_gb", "must be a whole number from 1 to 16384, not 20000"),
        ({"spot": "yes"}, "train.spot", 'must be true or false, not "yes"'),
        ({"spot": 1}, "train.spot", "must be true or false, not 1"),
        ({"data": "s3://datasets/x/"}, "train.data", 'must be an object, not "s3://datasets/x/"'),
        (
            {"data": {"train": ["s3://datasets/x/"]}},
            "train.data.train",
            "must be a text of 1 to 2500 characters, not a list",
        ),
        (
            {"hyperparameters": {"epochs": {"a": 1}}},
            "train.hyperparameters.epochs",
            "must be a text of 1 to 2500 characters, not an object",
        ),
        (
            {"hyperparameters": {"epochs": LONG}},
            "train.hyperparameters.epochs",
            f'must be a text of 1 to 2500 characters, not "{"x" * 59}…"',
        ),
        ({"hyperparameters": ["epochs"]}, "train.hyperparameters", "must be an object, not a list"),
        ({"instance_type": 5}, "train.instance_type", "must be a text of 1 to 2500 characters, not 5"),
        ({"instance_typ": "x"}, "train.instance_typ", "there is no such key; did you mean instance_type?"),
        ({"algorithm": "xgbost"}, "train.algorithm", None),
        (
            {"max_wait_minutes": 60, "spot": False},
            "train.max_wait_minutes",
            "is for spot capacity alone; leave it out, or set spot to true",
        ),
    ],
)
def test_a_value_that_is_none_is_refused(part: dict[str, Any], key: str, reason: str | None) -> None:
    said = refusals(train(**part))

    assert list(said) == [key]
    assert reason is None or said[key] == reason


@pytest.mark.parametrize(
    ("more", "key", "reason"),
    [
        ({"model": "nothing"}, "model", '"nothing" is not waste-sorter or other'),
        ({"model": None}, "model", "is missing: name one of waste-sorter and other"),
        ({"approval": True}, "approval", "must be a text of 1 to 2500 characters, not true"),
        ({"approval": "auto"}, "approval", '"auto" is not automatic or manual'),
        ({"gate": {"metric": "accuracy"}}, "gate", 'must hold exactly one of "at_least" and "at_most"'),
        (
            {"gate": {"metric": "accuracy", "at_least": 1, "at_most": 1}},
            "gate",
            'must hold exactly one of "at_least" and "at_most"',
        ),
        ({"gate": {"at_least": 0.5}}, "gate.metric", "is missing: name what is judged, such as accuracy"),
        ({"gate": {"metric": "accuracy", "at_least": "0.5"}}, "gate.at_least", 'must be a number, not "0.5"'),
        ({"gate": {"metric": "accuracy", "at_least": float("inf")}}, "gate.at_least", "must be a number, not inf"),
        ({"gate": {"metric": "accuracy", "at_least": 10**400}}, "gate.at_least", "must be a number, not a huge number"),
        ({"gate": 0.8}, "gate", "must be an object of metric, at_least and at_most, not 0.8"),
        ({"evaluate": True}, "evaluate", "must be an object of instance_type and max_run_minutes, not true"),
        ({"transform": {}}, "transform.data", "is missing: name a place such as s3://datasets/new/"),
        ({"transfor": {}}, "transfor", "there is no such key; did you mean transform?"),
        (
            {"deploy": {"endpoint": "Waste_1"}, "approval": "automatic"},
            "deploy.endpoint",
            'must be lower-case letters, digits and single hyphens, not "Waste_1"',
        ),
        (
            {"deploy": {"endpoint": "w" * 40}, "approval": "automatic"},
            "deploy.endpoint",
            f"is 2 letters too long: SageMaker takes 63 in mlstack-sandbox-{'w' * 40}-00000000",
        ),
        (
            {"deploy": {"endpoint": "w", "memory_mb": 2000}, "approval": "automatic"},
            "deploy.memory_mb",
            "must be 1024, 2048, 3072, 4096, 5120 or 6144, not 2000",
        ),
        (
            {"deploy": {"endpoint": "w", "max_concurrency": 201}, "approval": "automatic"},
            "deploy.max_concurrency",
            "must be a whole number from 1 to 200, not 201",
        ),
        (
            {"compile": {}},
            "compile",
            'must hold exactly one of "target", such as jetson_nano, and "platform"',
        ),
        (
            {"compile": {"target": "ml_c5", "input_shape": [1, "3"]}},
            "compile.input_shape",
            "must be a list of whole numbers such as [1, 3, 224, 224]",
        ),
    ],
)
def test_a_section_that_is_none_is_refused(more: dict[str, Any], key: str, reason: str) -> None:
    said = refusals(train() | more)

    assert said == {key: reason}


@pytest.mark.parametrize("ways", [{}, {"train": {"data": DATA}, "version": 3}, {"train": {}, "tune": {}, "version": 1}])
def test_a_model_comes_about_in_exactly_one_way(ways: dict[str, Any]) -> None:
    said = refusals({"model": "waste-sorter", **ways})

    assert said["request"].startswith('must hold exactly one of "train", "tune" and "version", and ')


def test_all_problems_are_told_at_once() -> None:
    request = train(
        instance_type="ml.m5.huge", instances=0, hyperparameters={"epoch": 1}, data={"trains": "s3://datasets/x"}
    )
    request |= {"gate": {"metric": "nothing", "at_least": 1}, "compile": {"target": "toaster"}, "unknown": 1}

    said = refusals(request)

    assert sorted(said) == [
        "compile.target",
        "gate.metric",
        "train.data.train",
        "train.data.trains",
        "train.hyperparameters.epoch",
        "train.instance_type",
        "train.instances",
        "unknown",
    ]


def test_null_is_as_good_as_nothing() -> None:
    nulls = dict.fromkeys(("tune", "version", "evaluate", "gate", "compile", "approval", "deploy", "transform"))

    plan = planned(train(spot=None) | nulls)

    assert plan == planned(train())


def test_numbers_and_flags_for_hyperparameters_become_texts() -> None:
    plan = planned(train(hyperparameters={"epochs": 12, "learning_rate": 0.001, "seed": "7"}))

    assert plan["training"]["HyperParameters"] == {"epochs": "12", "learning_rate": "0.001", "seed": "7"}


def test_whole_numbers_may_be_written_with_a_point() -> None:
    plan = planned(train(instances=2.0))

    assert plan["training"]["ResourceConfig"]["InstanceCount"] == 2


def test_a_plan_holds_the_same_keys_for_every_path() -> None:
    ways = [planned(train()), planned(tune()), planned(version(transform={"data": "s3://datasets/new/"}), VERSION)]

    assert {way["path"] for way in ways} == {"train", "tune", "version"}
    assert len({tuple(way) for way in ways}) == 1


def test_a_plan_names_everything_after_the_execution() -> None:
    plan = planned(train() | {"transform": {"data": "s3://datasets/new/"}}, execution="2026-11-22-first")

    job = plan["job"]
    run = f"s3://{TOLD.models_bucket}/training/waste-sorter/{job}/"
    assert plan["group"] == "mlstack-sandbox-waste-sorter"
    assert plan["training"]["OutputDataConfig"] == {"S3OutputPath": f"{run}output/"}
    assert plan["training"]["CheckpointConfig"] == {"S3Uri": run.replace("/training/", "/checkpoints/")}
    assert plan["evaluation"]["output"] == f"{run}evaluation/"
    assert plan["transform"]["TransformOutput"]["S3OutputPath"] == f"{run}transform/"
    assert {"Key": "mlstack:execution", "Value": "2026-11-22-first"} in plan["tags"]


def test_the_training_request_has_exactly_the_keys_that_the_state_machine_passes_on() -> None:
    assert set(planned(train())["training"]) == {
        *("AlgorithmSpecification", "HyperParameters", "InputDataConfig", "OutputDataConfig", "ResourceConfig"),
        *("StoppingCondition", "EnableManagedSpotTraining", "CheckpointConfig", "EnableNetworkIsolation"),
        *("Environment", "Tags"),
    }


def test_what_costs_carries_the_stages_tags_and_the_runs() -> None:
    plan = planned(train())

    for tags in (plan["tags"], plan["training"]["Tags"]):
        assert {tag["Key"]: tag["Value"] for tag in tags}.items() >= {
            "cost-centre": "ml-sandbox",
            "mlstack:stage": "sandbox",
            "mlstack:model": "waste-sorter",
        }.items()
