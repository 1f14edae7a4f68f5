"""Which metric a gate can judge."""

import pytest

from tests.functions.training_request.conftest import VERSION, planned, refusals, train, tune, version

AT_LEAST = 0.8


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "loss"])
def test_a_gate_judges_the_report_where_the_model_is_evaluated(metric: str) -> None:
    plan = planned(train() | {"gate": {"metric": metric, "at_least": AT_LEAST}})

    assert plan["gate"] == {"metric": metric, "at_least": AT_LEAST, "at_most": None}


def test_a_gate_judges_the_log_where_it_is_not() -> None:
    request = train() | {"evaluate": False, "gate": {"metric": "validation:loss", "at_most": 1}}

    assert planned(request)["gate"] == {"metric": "validation:loss", "at_least": None, "at_most": 1.0}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (
            {"gate": {"metric": "validation:accuracy", "at_least": 1}},
            "validation:accuracy is not in the evaluation's report, which has accuracy, macro_f1 and loss",
        ),
        (
            {"gate": {"metric": "accuracy", "at_least": 1}, "evaluate": False},
            (
                "accuracy is not in the training image's log, which has train:loss, validation:loss, "
                "validation:accuracy and train:images_per_second; it is of the evaluation, which needs test data: give "
                "data.test (a folder test/), or judge by validation:accuracy"
            ),
        ),
    ],
)
def test_a_metric_that_nobody_tells_is_refused(more: dict[str, object], reason: str) -> None:
    assert refusals(train() | more) == {"gate.metric": reason}


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
@pytest.mark.parametrize(("key", "bound"), [("at_least", 80), ("at_most", -0.1)])
def test_a_part_of_all_is_no_percentage(metric: str, key: str, bound: float) -> None:
    said = refusals(train() | {"gate": {"metric": metric, key: bound}})

    assert said == {f"gate.{key}": f"must be from 0 to 1: {metric} is a part of all, not a percentage"}


def test_a_loss_may_be_above_one() -> None:
    assert refusals(train() | {"gate": {"metric": "loss", "at_most": 2.5}}) == {}


def test_a_built_in_algorithm_is_judged_by_its_own_metrics() -> None:
    request = tune(
        algorithm="kmeans",
        data={"train": "s3://datasets/x/", "test": "s3://datasets/y/"},
        hyperparameters={"k": 3, "feature_dim": 9},
        ranges={"epochs": {"kind": "integer", "min": 1, "max": 9}},
        objective="test:msd",
        goal="Minimize",
        max_run_minutes=30,
    )

    assert refusals(request | {"gate": {"metric": "test:msd", "at_most": 3}}) == {}
    assert list(refusals(request | {"gate": {"metric": "accuracy", "at_least": 1}})) == ["gate.metric"]


def test_a_version_passes_no_gate_twice() -> None:
    request = version(gate={"metric": "accuracy", "at_least": 1}, transform={"data": "s3://datasets/new/"})

    said = refusals(request, VERSION)

    assert said == {"gate": "needs train or tune: a registered version has passed its gate, or had none"}


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (
            version(evaluate={}, transform={"data": "s3://datasets/new/"}),
            "needs train or tune: a registered version was judged when it was made",
        ),
        (
            train(data={"train": "s3://datasets/x/"}) | {"evaluate": {}},
            "needs data to judge the model on: name it as train.data.test",
        ),
        (
            train(
                algorithm="kmeans",
                data={"train": "s3://datasets/x/"},
                hyperparameters={"k": 3, "feature_dim": 9},
                max_run_minutes=30,
            )
            | {"evaluate": {}},
            "judges models of the project's own image, not of kmeans",
        ),
    ],
)
def test_an_evaluation_needs_a_model_of_the_own_image_and_data(request_: dict[str, object], reason: str) -> None:
    assert refusals(request_, VERSION) == {"evaluate": reason}


def test_a_model_is_evaluated_where_there_is_a_test_unless_somebody_says_no() -> None:
    assert planned(train())["evaluation"]["data"] == "s3://datasets/waste/test/"
    assert planned(train() | {"evaluate": False})["evaluation"] is None
    assert planned(train(data={"train": "s3://datasets/waste/train/"}))["evaluation"] is None
    assert planned(train() | {"evaluate": {"max_run_minutes": 7}})["evaluation"]["max_run_seconds"] == 420
