"""Ranges, objectives, strategies and numbers of a tuning job."""

from dataclasses import replace

import pytest

from tests.functions.training_request.conftest import DATA, TOLD, Json, planned, refusals, tune

WORDS = {"kind": "categorical", "values": ["tiny-resnet", "tiny-vit"]}
RATE = {"kind": "continuous", "min": "0.001", "max": "0.1"}


def ranged(name: str, **changed: object) -> Json:
    return tune(ranges={name: changed})


@pytest.mark.parametrize(
    ("name", "tried", "reason"),
    [
        ("learning_rates", RATE, "the training image has no such hyperparameter; did you mean learning_rate?"),
        ("learning_rate", RATE | {"min": "0.1"}, "min must be less than max, and they are 0.1 and 0.1"),
        ("learning_rate", RATE | {"max": "11"}, 'must be a number from 1e-08 to 10, not "11"'),
        ("learning_rate", RATE | {"min": "nan"}, 'must be a number from 1e-08 to 10, not "nan"'),
        (
            "weight_decay",
            RATE | {"min": 0, "scaling": "Logarithmic"},
            "Logarithmic takes numbers above 0 alone, and min is 0",
        ),
        (
            "weight_decay",
            RATE | {"max": 1, "scaling": "ReverseLogarithmic"},
            "ReverseLogarithmic takes continuous ranges within 0 <= x < 1 alone",
        ),
        (
            "epochs",
            {"kind": "integer", "min": 1, "max": 9, "scaling": "ReverseLogarithmic"},
            "ReverseLogarithmic takes continuous ranges within 0 <= x < 1 alone",
        ),
        ("epochs", {"kind": "continuous", "min": 1, "max": 9}, 'is a whole number; make its kind "integer"'),
        ("epochs", {"kind": "integer", "min": "1.5", "max": "9"}, 'must be a whole number from 1 to 10000, not "1.5"'),
        ("model", {"kind": "integer", "min": 1, "max": 2}, None),
        ("model", {"kind": "categorical", "values": ["resnet-5000"]}, None),
    ],
)
def test_a_range_that_cannot_be_is_refused(name: str, tried: Json, reason: str | None) -> None:
    said = refusals(ranged(name, **tried))

    assert list(said) == [f"tune.ranges.{name}"]
    assert reason is None or said[f"tune.ranges.{name}"] == reason


@pytest.mark.parametrize(
    ("tried", "key", "reason"),
    [
        ({"min": 1, "max": 2}, "kind", "is missing: is continuous, integer or categorical"),
        (RATE | {"kind": "log"}, "kind", '"log" is not continuous, integer or categorical'),
        (RATE | {"scaling": "Log"}, "scaling", '"Log" is not Auto, Linear, Logarithmic or ReverseLogarithmic'),
        (RATE | {"step": 1}, "step", "there is no such key; there are kind, min, max, scaling and values"),
        (RATE | {"values": [1]}, "values", "is no part of a range of kind continuous; it has min and max"),
        (WORDS | {"min": 1}, "min", "is no part of a categorical range; it has values"),
        ({"kind": "categorical"}, "values", "must be a list of 1 to 30 values, not null"),
        ({"kind": "categorical", "values": []}, "values", "must be a list of 1 to 30 values, not a list"),
        ({"kind": "categorical", "values": [*range(31)]}, "values", "must be a list of 1 to 30 values, not a list"),
        ({"kind": "categorical", "values": [{}]}, "values", "must each be a text or number of 1 to 256 characters"),
        ({"kind": "categorical", "values": [1, "1"]}, "values", "must differ from each other"),
        ({"kind": "continuous", "max": 1}, "min", "is missing"),
        ({"kind": "continuous", "min": True, "max": 1}, "min", "must be a number, not true"),
    ],
)
def test_a_range_that_is_none_is_refused(tried: Json, key: str, reason: str) -> None:
    said = refusals(ranged("learning_rate", **tried))

    assert said == {f"tune.ranges.learning_rate.{key}": reason}


def test_a_hyperparameter_is_either_fixed_or_tuned() -> None:
    said = refusals(tune(hyperparameters={"learning_rate": "0.01"}))

    reason = "stands in hyperparameters too, with the value 0.01; leave it out of one"
    assert said == {"tune.ranges.learning_rate": reason}


@pytest.mark.parametrize(
    ("part", "key", "reason"),
    [
        ({"ranges": None}, "tune.ranges", "is missing: name the hyperparameters to try"),
        ({"ranges": {}}, "tune.ranges", "is empty: name the hyperparameters to try"),
        (
            {"ranges": {f"r{number}": RATE for number in range(31)}},
            "tune.ranges",
            "has 31 entries, and SageMaker takes 30 at most",
        ),
        (
            {
                "algorithm": "xgboost",
                "data": {"train": DATA["train"]},
                "hyperparameters": {"num_round": 1, **{f"h{number}": 1 for number in range(98)}},
                "ranges": {"eta": RATE},
                "objective": "validation:auc",
            },
            "tune.hyperparameters",
            "and ranges are 100, and SageMaker takes 99 together",
        ),
        ({"max_jobs": 51}, "tune.max_jobs", "must be a whole number from 1 to 50, not 51"),
        ({"max_jobs": 2, "parallel_jobs": 3}, "tune.parallel_jobs", "must be 2 at most: there are no more jobs"),
        (
            {"strategy": "bayesian"},
            "tune.strategy",
            '"bayesian" is not Bayesian, Random, Grid or Hyperband',
        ),
        ({"goal": "Minimize"}, "tune.goal", 'must be "Maximize" for validation:accuracy'),
        (
            {"objective": "validation:loss"},
            "tune.goal",
            'must be "Minimize" for validation:loss',
        ),
        (
            {"objective": "accuracy"},
            "tune.objective",
            (
                "accuracy is no metric of this algorithm; it has train:loss, validation:loss, validation:accuracy and "
                "train:images_per_second"
            ),
        ),
        ({"max_epochs": 9}, "tune.max_epochs", "is for the strategy Hyperband alone, and this one is Bayesian"),
    ],
)
def test_a_tuning_that_cannot_be_is_refused(part: Json, key: str, reason: str) -> None:
    assert refusals(tune(**part)) == {key: reason}


def test_a_grid_takes_words_alone_and_counts_its_jobs_itself() -> None:
    ranges = {"model": WORDS, "batch_size": {"kind": "categorical", "values": [8, 16, 32]}}

    plan = planned(tune(strategy="Grid", ranges=ranges, parallel_jobs=2))

    config = plan["tuning"]["HyperParameterTuningJobConfig"]
    assert config["ResourceLimits"] == {"MaxParallelTrainingJobs": 2}
    assert plan["price"]["steps"][0]["what"] == "6 jobs of 1 x ml.m5.xlarge, at most 60 min each"


def test_a_grid_of_numbers_is_refused() -> None:
    said = refusals(tune(strategy="Grid", max_jobs=4))

    assert said == {
        "tune.max_jobs": "must be left out: a grid tries every combination of the values once",
        "tune.ranges.learning_rate": 'must be of kind "categorical": a grid takes no other',
    }


def test_a_grid_of_more_jobs_than_the_stage_allows_is_refused() -> None:
    ranges = {name: {"kind": "categorical", "values": [*range(1, 9)]} for name in ("epochs", "batch_size")}

    said = refusals(tune(strategy="Grid", ranges=ranges))

    assert said == {"tune.ranges": "make a grid of 64 jobs, and this stage allows 50"}


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        ({"hyperparameters": {"epochs": 9}}, None),
        ({"max_epochs": 9}, {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}}),
    ],
)
def test_hyperband_knows_the_most_epochs(part: Json, wanted: Json | None) -> None:
    config = planned(tune(strategy="Hyperband", **part))["tuning"]["HyperParameterTuningJobConfig"]

    assert config.get("StrategyConfig") == wanted
    assert config["TrainingJobEarlyStoppingType"] == "Off"


def test_hyperband_without_epochs_is_refused() -> None:
    said = refusals(tune(strategy="Hyperband"))

    reason = 'is missing: Hyperband must know the most epochs; or set the hyperparameter "epochs"'
    assert said == {"tune.max_epochs": reason}


def test_an_algorithm_without_metrics_is_not_tuned() -> None:
    request = tune(
        algorithm="pca",
        data={"train": DATA["train"]},
        hyperparameters={"feature_dim": 9, "num_components": 3},
        ranges={"mini_batch_size": {"kind": "integer", "min": 10, "max": 99}},
        max_run_minutes=30,
    )

    assert refusals(request) == {"tune": "pca tells no metric that could be made better; use train"}


def test_a_tuning_holds_what_is_fixed_the_role_and_no_training() -> None:
    plan = planned(tune(hyperparameters={"epochs": 4}, max_jobs=8, parallel_jobs=2))

    definition = plan["tuning"]["TrainingJobDefinition"]
    limits = plan["tuning"]["HyperParameterTuningJobConfig"]["ResourceLimits"]
    assert plan["training"] is None
    assert limits == {"MaxNumberOfTrainingJobs": 8, "MaxParallelTrainingJobs": 2}
    assert definition["StaticHyperParameters"] == {"epochs": "4"}
    assert definition["RoleArn"] == TOLD.job_role_arn
    assert "Tags" not in definition
    assert plan["tuning"]["Tags"] == plan["tags"]


def test_the_name_of_a_tuning_job_fits_for_the_longest_stage() -> None:
    plan = planned(tune(), told=replace(TOLD, stage="s" * 15))

    assert len(plan["job"]) == 32
