"""What a group launches next."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.capacity.distribution import Member, attempts, on_demand_wanted, unsupported

TEMPLATE = {"LaunchTemplateId": "lt-1", "Version": "1"}


def policy(*types: str, **distribution: object) -> dict[str, Any]:
    return {
        "LaunchTemplate": {"Overrides": [{"InstanceType": one} for one in types]},
        "InstancesDistribution": distribution,
    }


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 100))
def test_share_on_demand_is_at_least_the_percentage_and_never_more_than_desired(
    desired: int, base: int, percent: int
) -> None:
    said = {"OnDemandBaseCapacity": base, "OnDemandPercentageAboveBaseCapacity": percent}

    count = on_demand_wanted(desired, said)

    above = max(0, desired - base)
    assert min(base, desired) <= count <= desired
    assert above * percent <= (count - min(base, desired)) * 100 < above * percent + 100


@pytest.mark.parametrize("said", [{}, {"OnDemandBaseCapacity": None}])
def test_everything_is_on_demand_where_nothing_is_said(said: dict[str, object]) -> None:
    assert on_demand_wanted(3, said) == 3


def test_first_type_is_tried_everywhere_before_the_second_where_the_fewest_run_first() -> None:
    members = [Member(market="spot", place="a"), Member(market="spot", place="a"), Member(market="spot", place="b")]
    said = policy("g4dn.xlarge", "g5.xlarge", OnDemandPercentageAboveBaseCapacity=0, SpotMaxPrice="0.3")

    found = [*attempts(said, TEMPLATE, 4, members, ["a", "b"])]

    assert [(one.instance_type, one.place) for one in found] == [
        ("g4dn.xlarge", "b"),
        ("g4dn.xlarge", "a"),
        ("g5.xlarge", "b"),
        ("g5.xlarge", "a"),
    ]
    assert {(one.market, one.max_price) for one in found} == {("spot", "0.3")}


def test_base_is_filled_on_demand_first_and_has_no_price_of_spot() -> None:
    said = policy("g5.xlarge", OnDemandBaseCapacity=1, OnDemandPercentageAboveBaseCapacity=0, SpotMaxPrice="0.3")

    [first] = attempts(said, TEMPLATE, 2, [], ["a"])
    [second] = attempts(said, TEMPLATE, 2, [Member(market="on-demand", place="a")], ["a"])

    assert (first.market, first.max_price, second.market) == ("on-demand", None, "spot")


def test_override_may_name_a_template_of_its_own() -> None:
    said = policy("c7g.large")
    said["LaunchTemplate"]["Overrides"][0]["LaunchTemplateSpecification"] = {"LaunchTemplateId": "lt-arm"}

    [one] = attempts(said, TEMPLATE, 1, [], ["a"])

    assert one.template == {"LaunchTemplateId": "lt-arm"}


@pytest.mark.parametrize("said", [None, {}])
def test_template_alone_says_type_and_market(said: dict[str, Any] | None) -> None:
    [one] = attempts(said, TEMPLATE, 1, [], ["a"])

    assert (one.market, one.instance_type, one.template) == (None, None, TEMPLATE)


@pytest.mark.parametrize(
    ("override", "name"),
    [
        ({"InstanceType": "g5.xlarge"}, ""),
        ({"InstanceType": "g5.xlarge", "WeightedCapacity": "1"}, ""),
        ({"InstanceType": "g5.xlarge", "WeightedCapacity": "3"}, "WeightedCapacity"),
        ({"InstanceRequirements": {"VCpuCount": {"Min": 1}}}, "InstanceRequirements"),
    ],
)
def test_what_is_not_known_is_named(override: dict[str, Any], name: str) -> None:
    assert unsupported({"LaunchTemplate": {"Overrides": [override]}}) == name


def test_policy_without_overrides_is_known() -> None:
    assert unsupported(None) == unsupported({"LaunchTemplate": {}}) == ""
