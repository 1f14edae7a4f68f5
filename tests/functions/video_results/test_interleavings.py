"""Any order of deliveries, crashes, duplicates, losses and sweeps: each video ends with exactly one result."""

import itertools
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import video_start.settings
from tests.functions.video_start.lab import DONE, START, CrashError, Fault, Lab, raising

EXAMPLES = itertools.count()
PLACES = 3
ACTS = ("start", "results", "end", "lose", "repeat", "announce", "sweep", "hour", "minute")
STEP = st.tuples(
    st.sampled_from(ACTS),
    st.none() | st.tuples(st.integers(0, 12), st.booleans()),
    st.none() | st.tuples(st.integers(0, 12), st.sampled_from(ACTS[:6])),
)
Step = tuple[str, tuple[int, bool] | None, tuple[int, str] | None]


def act(lab: Lab, name: str, bodies: list[str]) -> None:
    """One thing that happens."""
    running = lab.rekognition.running()
    match name:
        case "start":
            lab.deliver(START)
        case "results":
            lab.deliver(DONE)
        case "end" if running:
            lab.end(running[0])
        case "lose" if running:
            lab.rekognition.end(running[-1])
        case "repeat" if running:
            lab.send(DONE, lab.end(running[0])[0])
        case "announce":
            lab.send(START, bodies[-1])
        case "sweep":
            lab.sweep()
        case "hour":
            lab.time += timedelta(hours=1)
        case "minute":
            lab.time += timedelta(minutes=1)


@pytest.mark.usefixtures("lab")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example has its own keys
@given(steps=st.lists(STEP, min_size=3, max_size=18))
def test_no_order_of_events_loses_or_repeats_a_result(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, steps: list[Step]
) -> None:
    example = next(EXAMPLES)
    limited = replace(video_start.settings.settings(), jobs=PLACES)
    monkeypatch.setattr("video_start.delivery.settings", lambda: limited)
    lab.rekognition.jobs.clear()
    lab.rekognition.tokens.clear()
    lab.told.clear()
    bodies = [lab.upload(f"two/{example}-{number}.mp4") for number in range(3)]

    for name, crash, meanwhile in steps:
        lab.cloud.interruptions.clear()
        lab.cloud.faults = []
        if crash:
            lab.cloud.faults = [Fault(answer=raising(CrashError()), place=crash[0], after=crash[1])]
        if meanwhile:
            lab.meanwhile(meanwhile[0], lambda name=meanwhile[1]: act(lab, name, bodies))  # type: ignore[misc]
        with suppress(CrashError):
            act(lab, name, bodies)
        assert len(lab.rekognition.running()) <= PLACES
    lab.cloud.faults = []
    lab.cloud.interruptions.clear()
    lab.conclude()

    assert [lab.record(body).get("status") for body in bodies] == ["analysed"] * 3
    assert len(lab.rekognition.jobs) == len(lab.rekognition.tokens) == 6
    assert (lab.in_flight(), lab.dead) == ({}, [])
    assert {event["key"] for event in lab.events()} == {f"two/{example}-{number}.mp4" for number in range(3)}
    for body in bodies:
        assert {analysis: outcome["count"] for analysis, outcome in lab.record(body)["analyses"].items()} == {
            "labels": 3,
            "text": 1,
        }
