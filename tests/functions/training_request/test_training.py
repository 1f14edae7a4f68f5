"""Hyperparameters, metrics, times and content types of a training job."""

from dataclasses import replace

import pytest

from tests.functions.training_request.conftest import (
    DATA,
    FOUND,
    GPU,
    Everything,
    Json,
    planned,
    refusals,
    train,
    tune,
)
from training_request.built_in import BUILT_IN


def kmeans(**changed: object) -> Json:
    return train(
        **{
            "algorithm": "kmeans",
            "data": {"train": "s3://datasets/x/"},
            "hyperparameters": {"k": 3, "feature_dim": 9},
            "max_run_minutes": 30,
            **changed,
        }
    )


@pytest.mark.parametrize(
    ("hyperparameters", "key", "reason"),
    [
        ({"epoch": "3"}, "epoch", "the training image has no such hyperparameter; did you mean epochs?"),
        ({"epochs": "0"}, "epochs", 'must be a whole number from 1 to 10000, not "0"'),
        ({"epochs": "three"}, "epochs", 'must be a whole number from 1 to 10000, not "three"'),
        ({"epochs": "1_0"}, "epochs", 'must be a whole number from 1 to 10000, not "1_0"'),
        ({"epochs": "٣"}, "epochs", 'must be a whole number from 1 to 10000, not "٣"'),
        ({"learning_rate": "nan"}, "learning_rate", 'must be a number from 1e-08 to 10, not "nan"'),
        ({"learning_rate": "1e999"}, "learning_rate", 'must be a number from 1e-08 to 10, not "1e999"'),
        ({"augmentation": "heavy"}, "augmentation", 'must be one of light and none, not "heavy"'),
        (
            {"model": "tiny-vit", "image_size": "60"},
            "image_size",
            "must be a multiple of 8 for tiny-vit, not 60",
        ),
        (
            {"model": "pretrained"},
            "model",
            '"pretrained" needs a channel of that name, with the folder of a Hugging Face model',
        ),
    ],
)
def test_a_hyperparameter_that_the_image_refuses_is_refused(
    hyperparameters: dict[str, str], key: str, reason: str
) -> None:
    said = refusals(train(hyperparameters=hyperparameters))

    assert said == {f"train.hyperparameters.{key}": reason}


def test_a_network_and_a_channel_with_another_cannot_both_be_had() -> None:
    said = refusals(train(data={**DATA, "pretrained": "s3://models/resnet/"}, hyperparameters={"model": "tiny-resnet"}))

    assert list(said) == ["train.hyperparameters.model"]


def test_a_network_of_a_channel_has_a_size_of_its_own() -> None:
    data = {**DATA, "pretrained": "s3://models/resnet/"}

    said = refusals(train(data=data, hyperparameters={"image_size": "64"}))

    reason = "the model in the channel pretrained has its own; leave it out"
    assert said == {"train.hyperparameters.image_size": reason}
    assert "image_size" not in planned(train(data=data))["metadata"]


def test_the_metrics_of_the_own_image_are_defined() -> None:
    found = planned(train())["training"]["AlgorithmSpecification"]["MetricDefinitions"]

    assert {"Name": "validation:accuracy", "Regex": "validation:accuracy=([0-9.]+)"} in found


@pytest.mark.parametrize("algorithm", [name for name, one in BUILT_IN.items() if one.needs])
def test_a_hyperparameter_that_an_algorithm_needs_is_asked_for(algorithm: str) -> None:
    known = BUILT_IN[algorithm]
    data = dict.fromkeys(known.channels, "s3://datasets/x/")
    kind = "ml.g4dn.xlarge" if known.checkpoints and algorithm != "xgboost" else "ml.m5.xlarge"

    said = refusals(train(algorithm=algorithm, data=data, instance_type=kind, max_run_minutes=30), told=GPU)

    assert sorted(said) == sorted(f"train.hyperparameters.{name}" for name in known.needs)


@pytest.mark.parametrize(
    ("algorithm", "given", "missing"),
    [
        ("xgboost", {"num_round": 9, "objective": "multi:softmax"}, ["num_class"]),
        ("xgboost", {"num_round": 9, "objective": "reg:squarederror"}, []),
        ("linear-learner", {"predictor_type": "multiclass_classifier"}, ["num_classes"]),
        ("linear-learner", {"predictor_type": "regressor"}, []),
        (
            "knn",
            {
                "feature_dim": 9,
                "k": 3,
                "predictor_type": "classifier",
                "sample_size": 99,
                "dimension_reduction_type": "sign",
            },
            ["dimension_reduction_target"],
        ),
    ],
)
def test_a_hyperparameter_may_make_another_one_needed(algorithm: str, given: Json, missing: list[str]) -> None:
    request = train(algorithm=algorithm, data={"train": "s3://datasets/x/"}, hyperparameters=given, max_run_minutes=30)

    assert list(refusals(request)) == [f"train.hyperparameters.{name}" for name in missing]


def test_a_needed_hyperparameter_may_be_tuned() -> None:
    request = tune(
        algorithm="kmeans",
        data={"train": "s3://datasets/x/"},
        hyperparameters={"feature_dim": 9},
        ranges={"k": {"kind": "integer", "min": 2, "max": 9}},
        objective="test:msd",
        goal="Minimize",
        max_run_minutes=30,
    )

    assert refusals(request) == {}


@pytest.mark.parametrize(
    ("times", "key", "reason"),
    [
        (
            {"max_run_minutes": 90, "max_wait_minutes": 60},
            "train.max_wait_minutes",
            "must be 90 at least, for it holds the 90 minutes of max_run_minutes",
        ),
        ({"max_run_minutes": 240, "max_wait_minutes": 240}, None, None),
    ],
)
def test_waiting_holds_running(times: Json, key: str | None, reason: str | None) -> None:
    said = refusals(train(**times))

    assert said == ({key: reason} if key else {})


@pytest.mark.parametrize(
    ("times", "key"),
    [
        ({"max_run_minutes": 61}, "train.max_run_minutes"),
        ({"max_run_minutes": 30, "max_wait_minutes": 61}, "train.max_wait_minutes"),
    ],
)
def test_an_algorithm_without_checkpoints_has_an_hour_on_spot(times: Json, key: str) -> None:
    said = refusals(kmeans(**times))

    assert list(said) == [key]
    assert said[key].startswith("must be 60 at most: kmeans writes no checkpoints")
    assert refusals(kmeans(**times | {"spot": False, "max_wait_minutes": None})) == {}


def test_an_algorithm_without_checkpoints_waits_for_an_hour_by_default() -> None:
    stopping = planned(kmeans(max_run_minutes=45))["training"]["StoppingCondition"]

    assert stopping == {"MaxRuntimeInSeconds": 2700, "MaxWaitTimeInSeconds": 3600}


def test_a_job_that_is_not_spot_does_not_wait() -> None:
    plan = planned(train(spot=False))

    assert plan["training"]["EnableManagedSpotTraining"] is False
    assert plan["training"]["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}


@pytest.mark.parametrize(
    ("algorithm", "suffix", "content_type"),
    [
        ("kmeans", ".csv", "text/csv;label_size=0"),
        ("kmeans", ".pb", "application/x-recordio-protobuf"),
        ("xgboost", ".csv", "text/csv"),
        ("xgboost", ".parquet", "application/x-parquet"),
        ("xgboost", ".libsvm", "text/libsvm"),
        ("forecasting-deepar", ".json", None),
    ],
)
def test_a_channel_has_the_content_type_of_its_files(algorithm: str, suffix: str, content_type: str | None) -> None:
    known = BUILT_IN[algorithm]
    request = train(
        algorithm=algorithm,
        data={"train": "s3://datasets/x/"},
        hyperparameters=dict.fromkeys(known.needs, "1"),
        max_run_minutes=30,
    )

    plan = planned(request, replace(FOUND, listings=Everything(suffix)))

    assert plan["training"]["InputDataConfig"][0].get("ContentType") == content_type


def test_a_content_type_that_somebody_names_holds_for_all_channels() -> None:
    plan = planned(kmeans(content_type="text/csv;label_size=1"))

    assert [one["ContentType"] for one in plan["training"]["InputDataConfig"]] == ["text/csv;label_size=1"]


def test_a_random_cut_forest_gets_a_part_on_each_instance_and_labels_in_its_test() -> None:
    request = train(
        algorithm="randomcutforest",
        data={"train": "s3://datasets/a/", "test": "s3://datasets/b/"},
        hyperparameters={"feature_dim": 4},
        max_run_minutes=30,
    )

    trained, tested = planned(request, replace(FOUND, listings=Everything(".csv")))["training"]["InputDataConfig"]

    assert trained["DataSource"]["S3DataSource"]["S3DataDistributionType"] == "ShardedByS3Key"
    assert tested["DataSource"]["S3DataSource"]["S3DataDistributionType"] == "FullyReplicated"
    assert (trained["ContentType"], tested["ContentType"]) == ("text/csv;label_size=0", "text/csv;label_size=1")


def test_an_algorithm_that_is_not_in_the_region_is_refused() -> None:
    told = replace(GPU, region="ap-southeast-5")

    said = refusals(kmeans(), told=told)

    assert "is not offered in ap-southeast-5" in said["train.algorithm"]


def test_an_algorithm_that_the_stage_does_not_list_is_refused() -> None:
    said = refusals(kmeans(), told=replace(GPU, algorithms=("xgboost",)))

    assert said["train.algorithm"] == '"kmeans" is not own or xgboost, as training.algorithms of the profile says'
