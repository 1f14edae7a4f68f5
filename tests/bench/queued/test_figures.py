"""What a month comes to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.queued import policies
from bench.queued.assumptions import Assumptions, Span
from bench.queued.figures import figures, measure, percentile, usd
from bench.queued.months import Request, month
from bench.queued.policies import ALWAYS_ON, DEPLOYED, GPU_TYPE, UnpricedError, cheapest, instance_usd_per_hour
from bench.queued.policies import policies as compared
from tests.bench.queued.made import FARGATE, FIXED, GPU, INSTANCE, SPOT, TASK, service, simulated

KEPT = 3 * 0.10
"""Three metrics of alarms."""
ARM_HOUR = 0.03238 + 2 * 0.00356
ADDRESS = 0.005


def test_percentiles_are_values_that_were_measured() -> None:
    ordered = [float(value) for value in range(1, 101)]

    assert [percentile(ordered, percent) for percent in (50, 95, 100)] == [50, 95, 100]
    assert percentile([7.0], 50) == 7
    assert percentile([], 95) is None


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.integers(1, 100))
def test_percentile_is_not_exceeded_by_so_many(values: list[float], percent: int) -> None:
    found = percentile(sorted(values), percent)

    assert found is not None
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)


def test_task_that_is_always_on_costs_its_hours() -> None:
    outcome = simulated([], TASK, hours=720)

    calls = 720 * 3600 / 20 * 0.40 / 1e6
    assert usd(outcome, TASK, service(), FIXED) == pytest.approx(720 * (ARM_HOUR + ADDRESS) + calls)


def test_instance_that_is_always_on_costs_its_hours_and_its_disk() -> None:
    outcome = simulated([], INSTANCE, hours=720)

    calls = 720 * 3600 / 20 * 0.40 / 1e6
    hourly = 0.0416 + 30 * 0.08 / 730 + ADDRESS
    assert usd(outcome, INSTANCE, service(), FIXED) == pytest.approx(720 * hourly + calls)


def test_service_of_which_nobody_asks_anything_costs_its_alarms_and_some_cents() -> None:
    outcome = simulated([], FARGATE, hours=720)

    assert KEPT < usd(outcome, FARGATE, service(), FIXED) < KEPT + 0.05


def test_spot_is_paid_at_its_part_of_the_price_and_the_address_in_full() -> None:
    (list_price, spot) = (
        policies.task_usd_per_hour(policy, service(), replace(FIXED, fargate_spot=0.25)) for policy in (FARGATE, SPOT)
    )

    assert list_price == pytest.approx(ARM_HOUR + ADDRESS)
    assert spot == pytest.approx(ARM_HOUR / 4 + ADDRESS)


def test_x86_is_paid_at_its_own_price() -> None:
    made = replace(service(), architecture="x86_64", vcpu=2, memory_gb=4)

    assert policies.task_usd_per_hour(FARGATE, made, FIXED) == pytest.approx(2 * 0.04048 + 4 * 0.004445 + ADDRESS)


def test_gpu_instance_has_the_larger_disk_and_spots_price() -> None:
    hourly = instance_usd_per_hour(GPU, replace(FIXED, ec2_spot=0.5))

    assert hourly == pytest.approx(0.526 / 2 + 100 * 0.08 / 730 + ADDRESS)


def test_task_that_ran_for_seconds_is_paid_for_a_minute() -> None:
    outcome = simulated([Request(60.0, 0.02)], made=service(sleep_minutes=3))
    short = replace(outcome, tasks=outcome.tasks[:1], end=outcome.end)
    short.tasks[0].bills_from, short.tasks[0].stopped = 100.0, 100.5

    paid = usd(short, FARGATE, service(), FIXED) - usd(replace(short, tasks=[]), FARGATE, service(), FIXED)

    assert paid == pytest.approx((ARM_HOUR + ADDRESS) / 60, rel=1e-3)


def test_month_without_a_request_has_no_waiting_time() -> None:
    outcome = simulated([], FARGATE)

    found = figures(outcome, 2.0, 8.0)

    assert (found.wait_p50_s, found.wait_max_s, found.usd_per_1000) == (None, None, None)
    assert (found.requests, found.wakes, found.task_hours, found.ratio) == (0, 0, 0, 0.25)


def test_figures_are_of_what_was_answered() -> None:
    outcome = simulated([Request(60.0, 0.02), Request(400.0, 0.02)])

    found = figures(outcome, 3.0, 6.0)

    assert (found.requests, found.answered, found.dead_letters) == (2, 2, 0)
    assert found.wait_p50_s == pytest.approx(1.1)
    assert found.wait_max_s is not None
    assert found.wait_max_s > 100
    assert found.usd_per_1000 == pytest.approx(1500)


def test_cheapest_instance_leaves_room_for_the_system() -> None:
    assert cheapest(1, 2, Assumptions()) == "t3.medium"  # a t3.small has 2 GB in all
    assert cheapest(1, 1, Assumptions()) == "t3.small"
    assert cheapest(2, 4, Assumptions()) == "t3.large"
    assert cheapest(4, 8, Assumptions()) == "t3.xlarge"


def test_task_that_fits_no_priced_instance_is_refused_with_the_next_step() -> None:
    with pytest.raises(UnpricedError, match="no instance type with a known price holds 999 vCPU and 2 GB; choose"):
        cheapest(999, 2, Assumptions())


def test_instance_without_a_known_price_is_refused() -> None:
    with pytest.raises(UnpricedError, match=r"the price of u-6tb1\.metal is not known"):
        instance_usd_per_hour(replace(INSTANCE, instance_type="u-6tb1.metal"), FIXED)


@pytest.mark.parametrize("name", ["sparse", "silence"])
def test_sleeping_service_costs_a_fraction_of_what_is_always_on_and_answers_in_minutes(name: str) -> None:
    assumed = Assumptions()

    found = measure(month(name, 3, assumed.answer_s), service(), assumed, 3)

    assert [*found] == [policy.name for policy in compared(service(), assumed)]
    assert found[ALWAYS_ON].ratio == 1
    assert found[DEPLOYED].ratio < 0.05
    waits = {policy: each.wait_max_s or 0.0 for policy, each in found.items()}
    assert waits[ALWAYS_ON] < 2
    assert 60 < waits[DEPLOYED] < 300
    assert waits[DEPLOYED] < waits[f"queue, {GPU_TYPE} Spot"] < 600
    assert waits[DEPLOYED] < waits["queue, Fargate Spot, metrics asleep"] < 20 * 60
    assert {each.answered for each in found.values()} == {len(month(name, 3, assumed.answer_s))}


def test_metrics_that_sleep_delay_by_up_to_a_quarter_of_an_hour() -> None:
    assumed = Assumptions(metrics_wake_s=Span(900, 900))

    found = measure(month("silence", 3, assumed.answer_s), service(), assumed, 3)

    late = (found["queue, Fargate Spot, metrics asleep"].wait_max_s or 0) - (found[DEPLOYED].wait_max_s or 0)
    assert late == pytest.approx(900, abs=90)
