"""Messages in hand stay hidden, and no longer."""

import pytest

from tests.containers.worker.desk import ENVIRONMENT, URL, Desk
from tests.functions.shared.cloud import Fault, refusing
from worker import clients
from worker.visibility import EVERY_S, HIDDEN_S, Visibility


@pytest.fixture
def visibility(desk: Desk) -> Visibility:  # noqa: ARG001 (it answers)
    held = Visibility(clients.sqs(ENVIRONMENT, 1), URL)
    for number in ("a", "b"):
        held.hold(number, f"receipt-{number}")
    return held


def test_message_is_hidden_again_before_it_would_come_back() -> None:
    assert 2 * EVERY_S < HIDDEN_S


def test_all_that_is_in_hand_stays_hidden_and_nothing_else(desk: Desk, visibility: Visibility) -> None:
    visibility.done("a")

    visibility.extend()

    assert desk.deleted == ["receipt-a"]
    assert desk.cloud.hidden == {"receipt-b": HIDDEN_S}


def test_message_is_given_back_once(desk: Desk, visibility: Visibility) -> None:
    visibility.give_back("a", 7)
    visibility.give_back("a", 9)

    assert desk.cloud.hidden == {"receipt-a": 7}


def test_message_that_was_given_back_is_not_deleted_when_its_answer_comes_late(
    desk: Desk, visibility: Visibility
) -> None:
    assert visibility.give_all_back() == 2

    visibility.done("a")

    assert desk.cloud.hidden == {"receipt-a": 0, "receipt-b": 0}
    assert desk.deleted == []


@pytest.mark.parametrize("code", ["ReceiptHandleIsInvalid", "AccessDenied", "InternalError"])
def test_trouble_with_one_message_keeps_none_of_the_others(
    desk: Desk, visibility: Visibility, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    desk.cloud.faults = [Fault(answer=refusing(code), about="receipt-a")]

    visibility.extend()
    visibility.done("a")
    visibility.give_all_back()

    assert desk.cloud.hidden == {"receipt-b": 0}
    assert capsys.readouterr().out.count(code) == 2
