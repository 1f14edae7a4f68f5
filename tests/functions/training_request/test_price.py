"""What a request costs at most, to the cent, and when that is too much or not known."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.functions.training_request.conftest import TOLD, VERSION, planned, refusals, train, tune, version, with_usd


def test_each_step_has_its_price_and_all_together_have_one() -> None:
    request = train(max_run_minutes=90, instances=2) | {"approval": "automatic", "deploy": {"endpoint": "waste"}}

    price = planned(request)["price"]

    assert (price["currency"], price["known"], price["at_most_usd"]) == ("USD", True, "0.92")
    trained, judged, deployed = price["steps"]
    assert trained == {
        "step": "train",
        "what": "2 x ml.m5.xlarge, at most 90 min",
        "usd_per_hour": "0.23",
        "at_most_usd": "0.69",
        "note": "spot is usually 50 to 70 % less; it never costs more than this",
    }
    assert (judged["step"], judged["at_most_usd"], judged["note"]) == ("evaluate", "0.23", "")
    assert (deployed["at_most_usd"], deployed["usd_per_hour"]) == ("0.00", None)
    assert "0.00004 USD for each second" in deployed["note"]


def test_a_tuning_costs_all_its_jobs() -> None:
    request = tune(max_jobs=6, max_run_minutes=10, spot=False) | {"evaluate": False}

    price = planned(request)["price"]

    assert price["at_most_usd"] == "0.23"
    assert price["steps"][0]["what"] == "6 jobs of 1 x ml.m5.xlarge, at most 10 min each"
    assert price["steps"][0]["note"] == ""


def test_cents_are_rounded_up() -> None:
    price = planned(train(max_run_minutes=1) | {"evaluate": False})["price"]

    assert price["at_most_usd"] == "0.01"


@pytest.mark.parametrize(
    "request_",
    [
        train(instance_type="ml.c5.xlarge"),
        train() | {"transform": {"data": "s3://datasets/new/", "instance_type": "ml.c5.xlarge"}},
    ],
)
def test_a_price_that_is_not_known_is_null_and_none_together(request_: dict[str, object]) -> None:
    price = planned(request_)["price"]

    assert (price["known"], price["at_most_usd"]) == (False, None)
    assert any(step["at_most_usd"] is None and step["note"].startswith("no price is known") for step in price["steps"])


def test_no_price_is_known_in_another_region() -> None:
    price = planned(train(), told=replace(TOLD, region="eu-west-1"))["price"]

    assert price["known"] is False
    assert [step["usd_per_hour"] for step in price["steps"]] == [None, None]


def test_what_may_cost_more_than_the_stage_allows_is_refused_with_the_figures() -> None:
    said = refusals(train(), told=with_usd("0.45"))

    assert said == {
        "price": "may be 0.46 USD (train 0.23 and evaluate 0.23), and this stage allows 0.45 USD a request; "
        "lower max_run_minutes, instances or max_jobs, or choose a smaller type"
    }


def test_what_may_cost_just_as_much_is_planned() -> None:
    assert refusals(train(), told=with_usd("0.46")) == {}


def test_what_nobody_knows_the_price_of_is_refused_where_there_is_a_limit() -> None:
    said = refusals(train(instance_type="ml.c5.xlarge") | {"evaluate": False}, told=with_usd("1000"))

    assert said == {
        "price": "is not known for train (1 x ml.c5.xlarge, at most 60 min) in us-east-1, and this stage allows "
        "1000.00 USD a request; use a type whose price is known, or take max_usd out of the profile"
    }


def test_a_price_is_not_asked_for_a_type_that_is_refused_anyway() -> None:
    assert list(refusals(train(instance_type="ml.nothing"), told=with_usd("5"))) == ["train.instance_type"]


def test_compiling_a_version_costs_nothing() -> None:
    price = planned(version(compile={"target": "ml_c5"}), VERSION)["price"]

    assert Decimal(price["at_most_usd"]) == 0
