"""One call at its rate: it waits for its slot, holds everybody back where AWS says so, and gives up in time."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from shared.call import PAUSE_S, TIME_FOR_ONE_CALL, paced
from shared.come_again import ComeAgainError
from shared.pace import HEADROOM, Pace
from tests.functions.shared.cloud import Cloud
from tests.functions.shared.timeline import Timeline

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

THROTTLED = ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "DetectLabels")
ANSWER: dict[str, object] = {"Labels": []}


class Rekognition:
    """Answers from a script and remembers when it was asked."""

    def __init__(self, timeline: Timeline, *script: Exception) -> None:
        self.timeline = timeline
        self.script = list(script)
        self.asked: list[float] = []

    def __call__(self) -> dict[str, object]:
        self.asked.append(self.timeline.seconds)
        if self.script:
            raise self.script.pop(0)
        return ANSWER


@pytest.fixture
def timeline(monkeypatch: pytest.MonkeyPatch) -> Timeline:
    timeline = Timeline()
    monkeypatch.setattr("shared.clock.now", timeline.now)
    monkeypatch.setattr("shared.clock.sleep", timeline.sleep)
    return timeline


@pytest.fixture
def pace(in_memory: "Callable[[str], Table]") -> Pace:
    return Pace(in_memory("pace"))


def call(rekognition: Rekognition, pace: Pace, seconds: float = 60, per_second: float = 10) -> dict[str, object]:
    until = rekognition.timeline.now() + timedelta(seconds=seconds)
    return paced(rekognition, "DetectLabels", pace=pace, per_second=per_second, until=until)


def test_calls_are_made_in_their_slots(timeline: Timeline, pace: Pace) -> None:
    rekognition, began = Rekognition(timeline), timeline.seconds

    answers = [call(rekognition, pace) for _ in range(3)]

    assert answers == [ANSWER] * 3
    assert rekognition.asked == pytest.approx([began + turn / (10 * HEADROOM) for turn in range(3)], abs=1e-4)


def test_slow_table_delays_no_call_beyond_its_slot(timeline: Timeline, pace: Pace, cloud: Cloud) -> None:
    rekognition, began = Rekognition(timeline), timeline.seconds
    pace.pause("DetectLabels", until=began + 5)
    cloud.wait = lambda _call, _done: timeline.sleep(1)

    call(rekognition, pace)

    assert rekognition.asked == pytest.approx([began + 5], abs=1e-4)


def test_throttled_call_is_made_again_after_a_pause(timeline: Timeline, pace: Pace) -> None:
    rekognition, began = Rekognition(timeline, *[THROTTLED] * 6), timeline.seconds

    answer = call(rekognition, pace)

    assert answer == ANSWER
    assert rekognition.asked == pytest.approx([began + turn * PAUSE_S for turn in range(7)], abs=1e-4)


def test_throttled_call_holds_everybody_back_until_it_gives_up(timeline: Timeline, pace: Pace) -> None:
    began, rekognition = timeline.seconds, Rekognition(timeline, *[THROTTLED] * 9)

    with pytest.raises(ComeAgainError):
        call(rekognition, pace, seconds=21.2)

    assert len(rekognition.asked) == 3
    assert pace.slot("DetectLabels", per_second=10, now=began, latest=began + 60) == pytest.approx(began + 1.5)


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidImageFormatException", "InternalServerError"])
def test_other_error_is_not_tried_again(timeline: Timeline, pace: Pace, code: str) -> None:
    rekognition = Rekognition(timeline, ClientError({"Error": {"Code": code}}, "DetectLabels"))

    with pytest.raises(ClientError, match=code):
        call(rekognition, pace)

    assert len(rekognition.asked) == 1


def test_call_without_a_slot_in_time_comes_again_and_is_not_made(timeline: Timeline, pace: Pace) -> None:
    rekognition = Rekognition(timeline)
    pace.pause("DetectLabels", until=timeline.seconds + 41)

    with pytest.raises(ComeAgainError, match="asked 10 times a second") as later:
        call(rekognition, pace, seconds=60)

    assert (rekognition.asked, later.value.seconds) == ([], 30)


def test_call_is_not_made_where_the_function_would_end_before_its_answer(timeline: Timeline, pace: Pace) -> None:
    rekognition = Rekognition(timeline)

    with pytest.raises(ComeAgainError) as later:
        call(rekognition, pace, seconds=TIME_FOR_ONE_CALL.total_seconds() - 0.1)

    assert (rekognition.asked, later.value.seconds) == ([], 2)
