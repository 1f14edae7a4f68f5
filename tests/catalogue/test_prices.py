"""Prices: exact money, only of us-east-1, each with its source; what is not known is None and never zero."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import prices
from catalogue.ec2_types import ec2_types
from catalogue.instance_types import instance_types
from catalogue.prices import Component, Price, monthly, per_hour, usd, usd_per_hour

HERE = "us-east-1"
COMPONENTS: tuple[Component, ...] = ("hosting", "notebook", "training", "processing", "transform", "ec2")
TYPES = (*instance_types(), *ec2_types())
KNOWN = [(component, name) for component in COMPONENTS for name in TYPES if per_hour(component, name, HERE)]


@pytest.mark.parametrize(
    ("component", "name", "price"),
    [
        ("notebook", "ml.t3.medium", "0.05"),
        ("hosting", "ml.m5.large", "0.115"),
        ("hosting", "ml.g5.xlarge", "1.408"),
        ("notebook", "ml.g5.xlarge", "1.41"),
        ("training", "ml.g4dn.xlarge", "0.736"),
        ("processing", "ml.m5.xlarge", "0.23"),
        ("hosting", "ml.p4d.24xlarge", "25.2512883"),
        ("ec2", "g5.xlarge", "1.006"),
        ("ec2", "g4dn.xlarge", "0.526"),
    ],
)
def test_an_instance_costs_this_an_hour(component: Component, name: str, price: str) -> None:
    assert usd_per_hour(component, name, HERE) == Decimal(price)


@pytest.mark.parametrize(
    ("component", "name", "region"),
    [
        ("hosting", "ml.m5.large", "eu-west-3"),
        ("hosting", "ml.m5.large", ""),
        ("hosting", "ml.t3.medium", HERE),
        ("training", "ml.t3.medium", HERE),
        ("transform", "ml.t3.medium", HERE),
        ("hosting", "ml.r8g.large", HERE),
        ("hosting", "m5.large", HERE),
        ("notebook", "nope", HERE),
    ],
)
def test_what_is_not_known_is_none(component: Component, name: str, region: str) -> None:
    assert usd_per_hour(component, name, region) is None
    assert per_hour(component, name, region) is None


@pytest.mark.parametrize(
    ("name", "price", "unit", "verified"),
    [
        ("serverless_gb_second", "0.00002", "GB-second", True),
        ("interface_endpoint_hour", "0.01", "hour and zone", True),
        ("ml_storage_gb_month", "0.14", "GB-month", False),
        ("notebook_storage_gb_month", "0.14", "GB-month", True),
        ("endpoint_data_gb", "0.016", "GB", False),
        ("metric_month", "0.3", "metric and month", True),
        ("alarm_month", "0.1", "metric and month", True),
        ("log_ingested_gb", "0.5", "GB", True),
        ("ecr_stored_gb_month", "0.1", "GB-month", True),
        ("codebuild_small_minute", "0.005", "minute", True),
    ],
)
def test_other_prices_say_their_unit_and_whether_they_are_verified(
    name: str, price: str, unit: str, *, verified: bool
) -> None:
    found = usd(name, HERE)

    assert found
    assert (found.usd, found.unit, found.verified) == (Decimal(price), unit, verified)


@pytest.mark.parametrize("name", prices.NAMES)
def test_no_other_region_is_known(name: str) -> None:
    assert usd(name, HERE)
    assert usd(name, "eu-west-1") is None


def test_a_price_that_nobody_names_is_an_error_and_not_unknown() -> None:
    with pytest.raises(KeyError, match="serverless_minute"):
        usd("serverless_minute", HERE)


def everything() -> list[Price]:
    """Every price that is known."""
    found = [per_hour(component, name, HERE) for component, name in KNOWN]
    return [one for one in (*found, *(usd(name, HERE) for name in prices.NAMES)) if one]


def test_every_price_is_exact_money_with_a_source_and_a_day() -> None:
    for one in everything():
        assert isinstance(one.usd, Decimal)
        assert one.usd > 0
        assert one.source
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", one.as_of)


def test_the_file_holds_nothing_that_nobody_can_ask_for() -> None:
    known = prices._prices()  # noqa: SLF001 - the file as it is read

    assert set(known["others"]) == set(prices.NAMES)
    assert {(component, name) for component in COMPONENTS for name in known["usd per hour"][component]["types"]} == set(
        KNOWN
    )
    assert set(known["usd per hour"]) == set(COMPONENTS)


@given(st.sampled_from([pair for pair in KNOWN if pair[1] in instance_types()]))
def test_a_bigger_size_of_a_family_costs_no_less_for_the_same_gpus(pair: tuple[Component, str]) -> None:
    component, name = pair
    one = instance_types()[name]
    bigger = [
        other
        for other in instance_types().values()
        if other.family == one.family and other.gpus == one.gpus and (other.vcpus or 0) > (one.vcpus or 0)
    ]

    price = usd_per_hour(component, name, HERE)
    others = [usd_per_hour(component, other.name, HERE) for other in bigger]

    assert price
    assert all(other >= price for other in others if other)


def test_a_month_has_730_hours() -> None:
    assert monthly(Decimal("0.115")) == Decimal("83.95")


@given(st.decimals(min_value=0, max_value=1000, places=10))
def test_a_month_is_never_rounded(price: Decimal) -> None:
    assert monthly(price) / 730 == price


@pytest.mark.parametrize(
    ("gb", "iops", "mibps", "price"),
    [(125, 3000, 125, "10"), (200, 3000, 125, "16"), (200, 6000, 125, "31"), (100, 3000, 250, "13"), (1, 0, 0, "0.08")],
)
def test_a_volume_costs_this_a_month(gb: int, iops: int, mibps: int, price: str) -> None:
    assert prices.gp3_month(gb, iops, mibps, HERE) == Decimal(price)
    assert prices.gp3_month(gb, iops, mibps, "eu-west-3") is None
