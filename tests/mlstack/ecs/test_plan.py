"""The price of a run: never lower than what its attempts can cost, and never made up."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.ecs.training.plan import made
from mlstack.ecs.training.settings import MARKETS, SPOT, Settings
from tests.mlstack.ecs.conftest import RUN, TRAINING

USD = st.none() | st.decimals(0, 100, places=4)


def settings(**changed: object) -> Settings:
    """A stage's training."""
    return Settings.read(json.dumps(TRAINING | changed))


@given(st.tuples(USD, USD), st.integers(1, 672), st.integers(1, 100), st.sampled_from(MARKETS))
@pytest.mark.parametrize(("accelerator"), ["cpu", "gpu"])
def test_a_price_holds_every_attempt_or_is_not_known(
    accelerator: str, usd: tuple[Decimal | None, Decimal | None], hours: int, attempts: int, market: str
) -> None:
    spot, on_demand = usd
    prices = {name: None if one is None else str(one) for name, one in zip(MARKETS, usd, strict=True)}
    told = settings(usd_per_hour=prices, max_hours=hours, spot_attempts=attempts, accelerator=accelerator)

    found = made(told, RUN, market)

    paid = hours + (Decimal("0.5") if accelerator == "gpu" else 0)
    dearest = on_demand if spot is None else spot
    if on_demand is None or dearest is None:
        assert found.at_most_usd is None
    elif market == SPOT:
        assert found.at_most_usd == (dearest * attempts + on_demand) * paid
    else:
        assert found.at_most_usd == on_demand * (attempts + 1) * paid
    assert found.machine["price"]["known"] == (found.at_most_usd is not None)


@pytest.mark.parametrize(("attempts", "often"), [(1, ""), (2, ", up to 2 times")])
def test_a_plan_says_how_often_spot_is_tried(attempts: int, often: str) -> None:
    spot, fallback = made(settings(spot_attempts=attempts), RUN, SPOT).steps

    assert spot.what == f"1 x g4dn.xlarge or g5.xlarge, at most 8 h{often}"
    assert fallback.note.startswith(f"only where Spot has not carried it to its end in {attempts} attempt")


def test_a_price_for_machines_is_written_out() -> None:
    price = made(settings(usd_per_hour={"spot": "0.0000001", "on-demand": 10}), RUN, SPOT).machine["price"]

    assert price["steps"][0]["usd_per_hour"] == "0.0000001"
    assert price["at_most_usd"] == "85.00000255"
    assert json.loads(json.dumps(price)) == price


@pytest.mark.parametrize("market", MARKETS)
def test_instances_bill_longer_than_their_task(market: str) -> None:
    on_instances, on_fargate = (made(settings(accelerator=one), RUN, market).steps for one in ("gpu", "cpu"))

    assert all("half an hour more each time" in step.note for step in on_instances)
    assert not any("half an hour" in step.note for step in on_fargate)
