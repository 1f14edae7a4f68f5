"""Only tags that AWS takes are asked for."""

import re

import pytest
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from shared.custom_resource import LONGEST_REASON, UnfulfilledError
from trained_models.tagging import LONGEST_KEY, LONGEST_VALUE, MOST, OWN, asked


def limits(shape: str) -> tuple[int, int, str]:
    """What botocore knows of a shape: its least and largest size, and the signs that it may have."""
    told = get_session().get_service_model("sagemaker").shape_for(shape).metadata
    return told["min"], told["max"], told.get("pattern", "")


def test_the_limits_are_those_of_aws() -> None:
    assert limits("TagKey")[:2] == (1, LONGEST_KEY)
    assert limits("TagValue")[:2] == (0, LONGEST_VALUE)
    assert limits("TagList")[:2] == (0, MOST)
    assert limits("TagKey")[2] == limits("TagValue")[2] == r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"owner": "Ada Lovelace", "cost-centre": "ml_1.2:3/4=5+6-7@8"},
        {"å": "ж 水 ٣"},
        {"k" * LONGEST_KEY: "v" * LONGEST_VALUE, "empty": ""},
        {str(number): "" for number in range(MOST - OWN)},
    ],
)
def test_what_aws_takes_is_asked_for_as_it_is(tags: dict[str, str]) -> None:
    assert asked(tags) == tags


def test_a_resource_without_tags_asks_for_none() -> None:
    assert asked(None) == {}


@pytest.mark.parametrize(
    "tags",
    [
        "owner",
        [("owner", "me")],
        {"": "empty key"},
        {"k" * (LONGEST_KEY + 1): "long"},
        {"long": "v" * (LONGEST_VALUE + 1)},
        {"aws:stack": "theirs"},
        {"AWS:stack": "theirs"},
        {"owner": "a\nb"},
        {"owner": "a\x00"},
        {"owner": "me!"},
        {"own*er": "me"},
        {"owner": 3},
        {"owner": None},
        {"owner": ["me"]},
        {3: "owner"},
        {str(number): "" for number in range(MOST - OWN + 1)},
    ],
)
def test_what_aws_refuses_is_refused_in_one_line_that_fits(tags: object) -> None:
    with pytest.raises(UnfulfilledError, match="Tags") as told:
        asked(tags)

    assert len(str(told.value)) <= LONGEST_REASON
    assert "\n" not in str(told.value)


@given(value=st.text(max_size=20))
def test_ascii_is_judged_as_the_pattern_of_aws_does(value: str) -> None:
    fits = re.fullmatch(r"[A-Za-z0-9 _.:/=+\-@]*", value) is not None

    try:
        asked({"owner": value})
    except UnfulfilledError:
        assert not fits
    else:
        assert fits or not value.isascii()
