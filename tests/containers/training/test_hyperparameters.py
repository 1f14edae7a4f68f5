"""Hyperparameters are texts, and come from people, tuning jobs and SageMaker's own libraries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.hyperparameters import KNOWN, Hyperparameters
from training.problem import ProblemError


def test_hyperparameters_may_all_be_left_out() -> None:
    chosen = Hyperparameters.read({}, pretrained=False)

    assert chosen == Hyperparameters(model="tiny-resnet")


def test_hyperparameters_are_read_from_texts() -> None:
    texts = {"model": "vit-tiny", "epochs": "3", "learning_rate": "5e-05", "processes": "2", "augmentation": "none"}

    chosen = Hyperparameters.read(texts, pretrained=False)

    assert (chosen.model, chosen.epochs, chosen.learning_rate) == ("vit-tiny", 3, 5e-5)
    assert (chosen.processes, chosen.augmentation) == (2, "none")


def test_hyperparameters_of_tuning_and_of_libraries_are_left_alone() -> None:
    texts = {"_tuning_objective_metric": "validation:accuracy", "sagemaker_program": "train.py", "epochs": "12.0"}

    chosen = Hyperparameters.read(texts, pretrained=False)

    assert chosen.epochs == 12


def test_hyperparameters_may_stand_in_quotes() -> None:
    chosen = Hyperparameters.read({"model": '"resnet-18"', "epochs": '"4"'}, pretrained=False)

    assert (chosen.model, chosen.epochs) == ("resnet-18", 4)


def test_hyperparameters_of_a_pretrained_model_need_not_name_it() -> None:
    chosen = Hyperparameters.read({}, pretrained=True)

    assert chosen.model == "pretrained"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("epochs", "0"),
        ("epochs", "1.5"),
        ("epochs", "1_0"),
        ("epochs", "inf"),
        ("epochs", "9" * 50),
        ("learning_rate", "nan"),
        ("learning_rate", "-1"),
        ("validation_part", "1"),
        ("precision", "FP16"),
        ("seed", "-1"),
        ("image_size", ""),
    ],
)
def test_hyperparameter_that_cannot_be_is_refused_with_what_can(name: str, text: str) -> None:
    with pytest.raises(ProblemError) as refused:
        Hyperparameters.read({name: text}, pretrained=False)

    assert str(refused.value).startswith(f"hyperparameter {name}: {KNOWN[name]} is needed, not '")
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"model": "resnet-18"}, "and the channel pretrained cannot both be had"),
        ({"image_size": "64"}, "the model in the channel pretrained has its own"),
    ],
)
def test_hyperparameters_that_go_against_a_pretrained_model_are_refused(texts: dict[str, str], reason: str) -> None:
    with pytest.raises(ProblemError, match=reason):
        Hyperparameters.read(texts, pretrained=True)


@given(st.dictionaries(st.sampled_from([*KNOWN, "other"]), st.text(max_size=30)))
def test_hyperparameters_are_read_or_refused_in_one_line(texts: dict[str, str]) -> None:
    said = ""
    try:
        chosen = Hyperparameters.read(texts, pretrained=False)
    except ProblemError as refused:
        said = str(refused)

    assert len(said.splitlines()) == 1 or chosen.epochs >= 1
