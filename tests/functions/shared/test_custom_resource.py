"""CloudFormation is answered whatever happens, once, in time, and in a size that it takes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.error import HTTPError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.custom_resource import (
    FOR_THE_ANSWER,
    LONGEST_REASON,
    AnsweredLaterError,
    UnfulfilledError,
    answer,
    fulfil,
    send,
)
from tests.functions.cloudformation import Address, Context, Time, request


def nothing(_until: datetime) -> Mapping[str, str]:
    """Do nothing, well."""
    return {}


def raising(error: Exception) -> Any:  # noqa: ANN401 (what stands for an act)
    """Something that fails."""

    def act(_until: datetime) -> Mapping[str, str]:
        raise error

    return act


def test_what_was_done_is_answered_with_its_attributes(address: Address) -> None:
    asked = request("Create", address.url, "old")

    fulfil(asked, Context(), called="new", act=lambda _until: {"ImageUri": "registry/image:tag"})

    assert address.bodies == [
        {
            "Status": "SUCCESS",
            "PhysicalResourceId": "new",
            "StackId": asked["StackId"],
            "RequestId": "request",
            "LogicalResourceId": "Any",
            "Data": {"ImageUri": "registry/image:tag"},
        }
    ]


def test_half_a_minute_is_left_for_the_answer(address: Address, time: Time) -> None:
    ends: list[datetime] = []

    def act(until: datetime) -> Mapping[str, str]:
        ends.append(until)
        return {}

    fulfil(request("Create", address.url, "old"), Context(seconds=600), called=None, act=act)

    assert ends == [time.now() + timedelta(seconds=600) - FOR_THE_ANSWER]


@pytest.mark.parametrize(
    ("error", "reason"),
    [(UnfulfilledError("the build failed"), "the build failed"), (KeyError("Tag"), "KeyError: 'Tag'")],
)
def test_an_error_is_an_answer_with_its_reason(address: Address, error: Exception, reason: str) -> None:
    fulfil(request("Create", address.url, "old"), Context(), called="new", act=raising(error))

    [said] = address.bodies
    assert (said["Status"], said["Reason"]) == ("FAILED", reason)
    assert "Data" not in said


def test_a_request_that_somebody_else_answers_is_not_answered(address: Address) -> None:
    fulfil(request("Create", address.url, "old"), Context(), called="new", act=raising(AnsweredLaterError("later")))

    assert address.bodies == []


@pytest.mark.parametrize(
    ("kind", "called", "name"),
    [
        ("Create", "new", "new"),
        ("Create", None, "Any"),
        ("Update", "new", "new"),
        ("Update", None, "old"),
        ("Delete", "new", "old"),
        ("Delete", None, "old"),
    ],
)
def test_a_new_name_replaces_the_resource_and_a_deletion_keeps_the_one_that_is_known(
    kind: str, called: str | None, name: str
) -> None:
    said = answer(request(kind, "http://x", "old"), called, None, {})

    assert said["PhysicalResourceId"] == name


def test_the_signed_address_gets_no_content_type(address: Address) -> None:
    fulfil(request("Create", address.url, "old"), Context(), called="new", act=nothing)

    assert address.content_types == [""]


@pytest.mark.usefixtures("time")
def test_an_address_that_stumbles_gets_the_answer_once_more(address: Address) -> None:
    address.refusals = 2

    fulfil(request("Create", address.url, "old"), Context(), called="new", act=nothing)

    assert [said["Status"] for said in address.bodies] == ["SUCCESS"]


@pytest.mark.usefixtures("time")
def test_an_address_that_never_takes_the_answer_lets_lambda_begin_again(address: Address) -> None:
    address.refusals = 99

    with pytest.raises(HTTPError):
        fulfil(request("Create", address.url, "old"), Context(), called="new", act=nothing)


def test_the_longest_reason_stays_under_four_kilobytes(address: Address) -> None:
    asked = request("Delete", address.url, "r" * 384, StackId="s" * 300, LogicalResourceId="l" * 255)

    send(address.url, answer(asked, None, "\0\N{CAT FACE}\udcff" * 5000, {}))

    assert len(str(address.bodies[0]["Reason"])) == LONGEST_REASON
    assert address.sizes[0] < 4096


@given(text=st.text(st.characters(exclude_categories=()), min_size=1, max_size=600))
def test_no_failure_is_without_a_reason_that_fits(text: str) -> None:
    said = answer(request("Create", "http://x", "old"), None, text, {})

    assert said["Status"] == "FAILED"
    assert said["Reason"] == text[:LONGEST_REASON]
