"""The function is called once more through throttles and lateness, and a refusal is told in one line."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from image_build.handover import NotHandedOverError, hand_over
from shared import clients
from shared.custom_resource import LONGEST_REASON
from tests.functions.image_build.lab import Lab, opened
from tests.functions.image_build.workshop import FUNCTION
from tests.functions.shared.cloud import Answer, Fault, raising, refusing

EVENT: dict[str, Any] = {"RequestType": "Create", "ResponseURL": "https://signed?a=b&c=%2B", "Relay": {"Build": "é"}}
TIMEOUT = raising(ReadTimeoutError(endpoint_url="https://aws"))
PASSING = [refusing("TooManyRequestsException", 429), refusing("ServiceException", 500), TIMEOUT]
FINAL = [
    refusing("AccessDeniedException", 403),
    refusing("ResourceNotFoundException", 404),
    refusing("RequestTooLargeException", 413),
    raising(NoCredentialsError()),
]
MINUTE = timedelta(minutes=1)


def handed_over(lab: Lab) -> None:
    """Hand over within a minute."""
    hand_over(clients.functions(), FUNCTION, EVENT, until=lab.now() + MINUTE)


def test_the_function_is_called_later_with_the_event_and_nobody_waits_for_it(lab: Lab) -> None:
    before = lab.now()

    handed_over(lab)

    assert lab.workshop.invoked == [EVENT]
    assert lab.now() == before


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_waited_for(lab: Lab, fault: Answer) -> None:
    lab.cloud.faults = [Fault(answer=fault, place=0)]

    handed_over(lab)

    assert len(lab.cloud.struck) == 1
    assert lab.workshop.invoked == [EVENT]


@pytest.mark.parametrize("fault", FINAL)
def test_a_refusal_is_told_at_once(lab: Lab, fault: Answer) -> None:
    before = lab.now()
    lab.cloud.faults = [Fault(answer=fault, operation="Invoke")]

    with pytest.raises(NotHandedOverError, match=r"cannot go on waiting \(.+\): deploy again"):
        handed_over(lab)

    assert lab.now() == before
    assert len(lab.cloud.struck) == 1


@pytest.mark.parametrize("fault", PASSING)
def test_an_outage_without_end_is_given_up_in_time_and_told(lab: Lab, fault: Answer) -> None:
    before = lab.now()
    lab.cloud.faults = [Fault(answer=fault, operation="Invoke")]

    with pytest.raises(NotHandedOverError):
        handed_over(lab)

    assert MINUTE <= lab.now() - before < MINUTE + timedelta(seconds=10)


def test_a_call_whose_answer_is_lost_is_made_once_more(lab: Lab) -> None:
    lab.cloud.faults = [Fault(answer=TIMEOUT, place=0, after=True)]

    handed_over(lab)

    assert lab.workshop.invoked == [EVENT, EVENT]


def test_a_bug_is_not_swallowed(lab: Lab) -> None:
    lab.cloud.faults = [Fault(answer=raising(RuntimeError("a bug")), operation="Invoke")]

    with pytest.raises(RuntimeError):
        handed_over(lab)


@given(said=st.text(max_size=1000))
def test_a_refusal_is_one_line_that_fits_and_ends_with_the_way_on(said: str) -> None:
    with opened() as lab:
        lab.cloud.faults = [Fault(answer=refusing("AccessDeniedException", message=said), operation="Invoke")]

        with pytest.raises(NotHandedOverError) as told:
            handed_over(lab)

    assert len(str(told.value)) <= LONGEST_REASON
    assert len(str(told.value).splitlines()) == 1
    assert str(told.value).endswith("deploy again, which can")
