"""A month of a service, event by event: what must hold of any, and what is known of small ones."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.queued.account import Outcome
from bench.queued.assumptions import Assumptions, Span
from bench.queued.figures import usd, waited
from bench.queued.months import Request
from bench.queued.policies import Policy
from tests.bench.queued.made import (
    ASLEEP,
    COLD_S,
    FARGATE,
    FIXED,
    GPU,
    INSTANCE,
    POLICIES,
    SPOT,
    TASK,
    service,
    simulated,
)

HOUR = 3600.0
HOSTILE = 5
"""Interruptions an hour with which work still gets done."""


@st.composite
def days(draw: st.DrawFn) -> Sequence[Request]:
    """Some hours with bursts and gaps, with requests that take milliseconds and some that take minutes."""
    bursts = draw(
        st.lists(
            st.tuples(st.floats(0, 2 * HOUR), st.integers(1, 12), st.floats(0, 30), st.floats(0.001, 150)), max_size=5
        )
    )
    return sorted(
        (Request(at + number * apart, cpu) for at, count, apart, cpu in bursts for number in range(count)),
        key=lambda one: one.at,
    )


@st.composite
def worlds(draw: st.DrawFn) -> Assumptions:
    """Friendly and hostile ones."""
    return Assumptions(
        delivery_s=draw(st.floats(0, 10)),
        metric_lag_s=draw(st.floats(0, 180)),
        interruptions_per_hour=draw(st.sampled_from([0, 0.1, HOSTILE, 60])),
        without_notice=draw(st.sampled_from([0, 0.5, 1])),
        image_mib=draw(st.floats(10, 8000)),
    )


lived = given(days(), st.sampled_from(POLICIES), worlds(), st.integers(1, 4), st.integers(1, 5))
many = settings(max_examples=60)


def outcome_of(
    requests: Sequence[Request], policy: Policy, assumed: Assumptions, most: int, concurrency: int
) -> Outcome:
    made = service(most=most, backlog=5, concurrency=concurrency)
    return simulated(requests, policy, made, assumed, hours=3)


@lived
@many
def test_every_request_is_answered_or_a_dead_letter(
    requests: Sequence[Request], policy: Policy, assumed: Assumptions, most: int, concurrency: int
) -> None:
    outcome = outcome_of(requests, policy, assumed, most, concurrency)

    unanswered = [number for number, moment in enumerate(outcome.answered) if moment is None]
    assert sorted([*outcome.dead, *outcome.waiting]) == unanswered
    assert not outcome.waiting or assumed.interruptions_per_hour > HOSTILE
    assert not outcome.dead or outcome.interruptions
    assert outcome.receives == len(requests) - len(unanswered) + outcome.given_back


@lived
@many
def test_nothing_is_served_before_it_came_or_by_a_task_that_is_not_up(
    requests: Sequence[Request], policy: Policy, assumed: Assumptions, most: int, concurrency: int
) -> None:
    outcome = outcome_of(requests, policy, assumed, most, concurrency)

    for request, begun, answered in zip(requests, outcome.begun, outcome.answered, strict=True):
        if answered is None:
            assert begun is None
            continue
        assert begun is not None
        moment, task = begun
        assert task.up is not None
        assert moment >= request.at + assumed.delivery_s
        assert moment >= task.up
        assert answered >= moment + assumed.read_s + request.cpu_s + assumed.write_s - 1e-6
        assert task.stopped is None or answered <= task.stopped


@lived
@many
def test_no_task_has_more_in_hand_than_it_may(
    requests: Sequence[Request], policy: Policy, assumed: Assumptions, most: int, concurrency: int
) -> None:
    outcome = outcome_of(requests, policy, assumed, most, concurrency)

    for task in outcome.tasks:
        spans = [
            (begun[0], answered)
            for begun, answered in zip(outcome.begun, outcome.answered, strict=True)
            if begun is not None and answered is not None and begun[1] is task
        ]
        assert all(sum(one <= start < end for one, end in spans) <= concurrency for start, _ in spans)


@lived
@many
def test_cost_is_never_negative_and_nobody_is_paid_who_did_not_run(
    requests: Sequence[Request], policy: Policy, assumed: Assumptions, most: int, concurrency: int
) -> None:
    made = service(most=most, backlog=5, concurrency=concurrency)
    outcome = simulated(requests, policy, made, assumed, hours=3)

    assert usd(outcome, policy, made, assumed) > 0
    assert all(0 <= task.billed_s(outcome.end) <= outcome.end for task in outcome.tasks)
    assert all(0 <= seconds <= outcome.end for seconds in outcome.instances_s)
    if not policy.always and not outcome.waiting:
        assert all(task.stopped is not None for task in outcome.tasks)
    if not requests and not policy.always:
        assert outcome.tasks == []


@lived
@settings(max_examples=10)
def test_month_is_the_same_for_the_same_seed(
    requests: Sequence[Request], policy: Policy, assumed: Assumptions, most: int, concurrency: int
) -> None:
    one, again = (outcome_of(requests, policy, assumed, most, concurrency) for _ in range(2))

    assert one.answered == again.answered
    assert (one.end, one.wakes, one.interruptions, one.dead) == (
        again.end,
        again.wakes,
        again.interruptions,
        again.dead,
    )
    assert [task.stopped for task in one.tasks] == [task.stopped for task in again.tasks]


def test_month_differs_with_its_seed() -> None:
    requests = [Request(60.0, 0.01)]

    assert (
        simulated(requests, assumed=Assumptions(), seed="1").answered
        != simulated(requests, assumed=Assumptions(), seed="2").answered
    )


def plain_queue(arrivals: Sequence[float], services: Sequence[float], servers: int) -> list[float]:
    """First come, first served, by Kiefer and Wolfowitz: when each of so many servers is free again."""
    free, done = [0.0] * servers, []
    for arrival, seconds in zip(arrivals, services, strict=True):
        end = max(arrival, free.pop(0)) + seconds
        insort(free, end)
        done.append(end)
    return done


@given(days(), st.sampled_from([(TASK, 1), (INSTANCE, 2)]))
@many
def test_always_on_is_a_plain_queue(requests: Sequence[Request], kind: tuple[Policy, int]) -> None:
    policy, processors = kind  # a t3.medium has two

    outcome = simulated(requests, policy, service(concurrency=processors), hours=3)

    expected = plain_queue(
        [one.at + FIXED.delivery_s for one in requests],
        [FIXED.read_s + one.cpu_s + FIXED.write_s for one in requests],
        processors,
    )
    assert outcome.answered == pytest.approx(expected)


@given(
    st.lists(st.floats(0.001, 20), min_size=1, max_size=150),
    st.integers(1, 6),
    st.integers(1, 30),
    st.sampled_from([FARGATE, ASLEEP]),
)
@example([1.0] * 200, 2, 10, FARGATE)
@settings(max_examples=60)
def test_more_tasks_never_make_a_batch_wait_longer(
    seconds: Sequence[float], most: int, backlog: int, policy: Policy
) -> None:
    requests = [Request(30.0, one) for one in seconds]  # all at once, and no task leaves before they are done

    fewer, more = (
        simulated(
            requests,
            policy,
            service(most=count, backlog=backlog, concurrency=1, cooldown_s=2 * HOUR),
            Assumptions(interruptions_per_hour=0),
        )
        for count in (most, most + 1)
    )

    assert sum(waited(more)) <= sum(waited(fewer)) + 1e-6


def test_batch_is_done_faster_by_more_tasks() -> None:
    requests = [Request(30.0, 1.0) for _ in range(600)]

    one, four = (simulated(requests, made=service(most=most, backlog=50, concurrency=1)) for most in (1, 4))

    assert max(waited(four)) < 0.5 * max(waited(one))
    assert len(four.tasks) == 4


def test_tasks_go_with_the_backlog_and_not_only_at_its_end() -> None:
    requests = [Request(30.0, 2.0) for _ in range(400)]

    outcome = simulated(requests, made=service(most=4, backlog=100, concurrency=1))

    ends = sorted(task.stopped or 0.0 for task in outcome.tasks)
    last = max(moment or 0.0 for moment in outcome.answered)
    assert ends[0] < last - 60  # while others were still at work
    assert ends[-1] > last
    assert max(outcome.tasks, key=lambda task: task.stopped or 0.0).number == 0  # the newest go first


def test_growing_backlog_is_one_wake() -> None:
    requests = [Request(30.0 if number < 50 else 130.0, 3.0) for number in range(500)]

    outcome = simulated(requests, made=service(most=4, backlog=100, concurrency=1))

    assert (len(outcome.tasks), outcome.wakes) == (4, 1)
    assert len({task.bills_from for task in outcome.tasks}) > 1


def test_requests_that_come_together_are_shared_out() -> None:
    requests = [*(Request(30.0, 1.0) for _ in range(150)), Request(400.0, 1.0), Request(400.0, 1.0)]

    outcome = simulated(requests, made=service(backlog=100, cooldown_s=2 * HOUR))

    one, two = outcome.begun[-2:]
    assert one is not None
    assert two is not None
    assert one[1] is not two[1]


def test_first_request_waits_for_a_figure_an_alarm_and_a_task() -> None:
    requests = [Request(100.0, 0.02)]

    outcome = simulated(requests)

    least = FIXED.delivery_s + FIXED.metric_lag_s + COLD_S + FIXED.read_s + 0.02 + FIXED.write_s
    (wait,) = waited(outcome)
    assert least <= wait <= least + 60
    assert (outcome.wakes, len(outcome.tasks)) == (1, 1)


def test_second_request_finds_the_task_up() -> None:
    requests = [Request(100.0, 0.02), Request(400.0, 0.02)]

    outcome = simulated(requests)

    assert waited(outcome)[1] == pytest.approx(1 + 0.04 + 0.02 + 0.04)
    assert outcome.wakes == 1


@pytest.mark.parametrize("sleep_minutes", [3, 5, 30])
def test_service_sleeps_after_its_minutes_without_a_request(sleep_minutes: int) -> None:
    outcome = simulated([Request(100.0, 0.02)], made=service(sleep_minutes=sleep_minutes), hours=2)

    (task,) = outcome.tasks
    (answered,) = outcome.answered
    assert task.stopped is not None
    assert answered is not None
    idle = task.stopped - answered
    # the minutes count from the last figure in which something waited or was in hand, and are judged a minute late
    assert sleep_minutes * 60 - COLD_S <= idle + FIXED.metric_lag_s <= (sleep_minutes + 2) * 60 + FIXED.metric_lag_s


def test_what_is_answered_between_two_figures_does_not_keep_the_service_awake_unless_what_was_sent_counts() -> None:
    requests = [Request(100.0 + 61.7 * number, 0.02) for number in range(240)]

    by_depth = simulated(requests, hours=5)
    by_arrivals = simulated(requests, made=service(slept_on=frozenset({"visible", "in flight", "sent"})), hours=5)

    assert by_depth.wakes > 10
    assert by_arrivals.wakes == 1
    assert sum(waited(by_arrivals)) < sum(waited(by_depth))


def test_queue_of_which_nothing_is_heard_wakes_a_quarter_of_an_hour_late() -> None:
    requests = [Request(7 * HOUR, 0.02)]

    awake, asleep = (simulated(requests, policy, hours=8) for policy in (FARGATE, ASLEEP))

    (soon,), (late,) = waited(awake), waited(asleep)
    assert soon < COLD_S + 60 + FIXED.metric_lag_s + 2
    assert 900 + COLD_S + FIXED.metric_lag_s <= late <= 960 + COLD_S + FIXED.metric_lag_s + 2


def test_queue_that_was_touched_within_six_hours_wakes_at_once() -> None:
    requests = [Request(5.9 * HOUR, 0.02), Request(11.9 * HOUR, 0.02)]

    outcome = simulated(requests, ASLEEP, hours=13)

    assert max(waited(outcome)) < COLD_S + 60 + FIXED.metric_lag_s + 2


def hostile(without_notice: float) -> Assumptions:
    """A Spot task lives for some five minutes."""
    return replace(FIXED, interruptions_per_hour=12, without_notice=without_notice)


def test_interruption_with_notice_loses_nothing_that_is_short() -> None:
    requests = [Request(60.0 + 5 * number, 4.0) for number in range(300)]

    outcome = simulated(requests, SPOT, assumed=hostile(0))

    assert outcome.interruptions > 2
    assert (outcome.given_back, outcome.dead) == (0, [])


def test_what_takes_longer_than_the_notice_is_given_back_and_done_again() -> None:
    requests = [Request(60.0, 100.0) for _ in range(12)]

    outcome = simulated(requests, SPOT, service(concurrency=1), hostile(0), hours=2)

    assert outcome.given_back
    assert all((task.stopped or 0) - task.up <= 2 * HOUR for task in outcome.tasks if task.up is not None)
    assert None not in outcome.answered or outcome.dead


def test_task_that_goes_without_notice_leaves_its_messages_hidden_until_their_time_is_up() -> None:
    seed = next(
        str(number)
        for number in range(100)
        if simulated([Request(60.0, 60.0)], SPOT, assumed=hostile(1), seed=str(number)).given_back == 1
    )

    outcome = simulated([Request(60.0, 60.0)], SPOT, assumed=hostile(1), seed=seed)

    first = outcome.tasks[0]
    (begun,) = outcome.begun
    assert begun is not None
    assert first.stopped is not None
    assert begun[0] >= first.stopped + 120
    assert begun[1] is not first


def test_message_that_fails_three_times_is_a_dead_letter() -> None:
    assumed = replace(FIXED, interruptions_per_hour=120, without_notice=1)

    outcome = simulated([Request(60.0, 2 * HOUR)], SPOT, assumed=assumed)

    assert outcome.dead == [0]
    assert (outcome.receives, outcome.given_back) == (3, 3)
    assert outcome.answered == [None]


def test_task_that_spot_takes_is_replaced_at_once() -> None:
    requests = [Request(60.0 + number, 0.5) for number in range(2400)]

    outcome = simulated(requests, SPOT, service(most=1), hostile(0))

    assert outcome.interruptions > 2
    assert outcome.wakes == 1
    busy = [(gone, following) for gone, following in pairwise(outcome.tasks) if (gone.stopped or 0) < 2400]
    assert busy
    for gone, following in busy:
        assert gone.stopped is not None
        assert following.bills_from is not None
        assert following.bills_from <= gone.stopped + 20


@pytest.mark.parametrize("most", [1, 3])
def test_one_task_brings_one_instance_however_many_there_may_be(most: int) -> None:
    outcome = simulated([Request(60.0, 0.02)], GPU, service(most=most))

    assert (len(outcome.instances_s), len(outcome.tasks)) == (1, 1)


def test_instance_stays_five_to_ten_minutes_after_its_last_task() -> None:
    outcome = simulated([Request(60.0, 0.02)], GPU, service(most=1), hours=2)

    (seconds,), (task,) = outcome.instances_s, outcome.tasks
    assert task.stopped is not None
    assert task.bills_from is not None
    after = seconds - 120 - (task.stopped - task.bills_from)  # it boots for two minutes
    assert 300 <= after <= 600


def test_instance_that_rests_takes_the_next_task_and_has_its_images() -> None:
    requests = [Request(60.0, 0.02), Request(900.0, 0.02)]

    outcome = simulated(requests, GPU, service(most=1), hours=2)

    first, second = outcome.tasks
    assert len(outcome.instances_s) == 1
    assert first.up is not None
    assert first.bills_from is not None
    assert second.up is not None
    assert second.bills_from is not None
    assert first.up - first.bills_from == pytest.approx(15 + 10)
    assert second.up - second.bills_from == pytest.approx(10)


def test_instance_that_had_another_task_rests_anew() -> None:
    requests = [Request(60.0, 0.02), Request(800.0, 0.02)]

    outcome = simulated(requests, GPU, service(most=1), hours=2)

    first, second = outcome.tasks
    (seconds,) = outcome.instances_s
    assert first.bills_from is not None
    assert second.stopped is not None
    assert first.bills_from - 120 + seconds >= second.stopped + 300


def test_instance_that_spot_takes_is_replaced_once_it_is_gone_and_gets_no_task_before() -> None:
    requests = [Request(60.0 + 3 * number, 0.5) for number in range(1200)]

    outcome = simulated(requests, GPU, service(most=1), hostile(0))

    assert None not in outcome.answered
    assert len(outcome.instances_s) > 3
    assert sum(task.billed_s(outcome.end) for task in outcome.tasks) <= sum(outcome.instances_s)
    for gone, following in pairwise(outcome.tasks):
        assert following.bills_from is None or (gone.stopped or 0.0) + 60 <= following.bills_from


def test_fargate_bills_the_fetching_of_images_and_not_the_provisioning() -> None:
    outcome = simulated([Request(60.0, 0.02)])

    (task,) = outcome.tasks
    assert task.up is not None
    assert task.bills_from == pytest.approx(task.up - 15 - 10)


def test_half_a_processor_takes_twice_as_long() -> None:
    half = replace(service(), vcpu=0.5)

    outcome = simulated([Request(60.0, 3.0)], TASK, half)

    assert waited(outcome) == pytest.approx([1 + 0.04 + 6.0 + 0.04])


def test_nothing_is_waited_for_for_ever() -> None:
    deaf = service()
    deaf = replace(deaf, scaling=replace(deaf.scaling, rules=[]))

    outcome = simulated([Request(60.0, 0.02)], made=deaf)

    assert (outcome.answered, outcome.waiting, outcome.tasks) == ([None], [0], [])
    assert outcome.end < 50 * HOUR


@pytest.mark.parametrize("span", [Span(1, 1), Span(0.003, 0.040)])
def test_span_is_drawn_within_its_bounds(span: Span) -> None:
    rng = Random(1)  # noqa: S311 (the same every time)

    drawn = [draw(rng) for draw in (span.draw, span.draw_between_magnitudes) for _ in range(200)]

    assert all(span.low * 0.999999 <= one <= span.high * 1.000001 for one in drawn)
