"""What a test may let happen to capacity."""

import json

import pytest

from mlstack.local.capacity.setting import wanted


def test_nothing_is_changed_by_looking() -> None:
    assert (wanted(b"").missing, wanted(b"{}").interrupt) == ({}, None)


def test_types_of_one_market_leave_the_other_alone() -> None:
    assert wanted(json.dumps({"no_spot": ["g5.xlarge"]}).encode()).missing == {"spot": frozenset({"g5.xlarge"})}
    assert wanted(json.dumps({"no_on_demand": []}).encode()).missing == {"on-demand": frozenset()}


@pytest.mark.parametrize(
    "body",
    [b"[]", b"1", b"{", b'{"spot": []}', b'{"no_spot": "g5.xlarge"}', b'{"no_spot": [1]}', b'{"interrupt": 1}'],
)
def test_what_makes_no_sense_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"known|list|id|Expecting"):
        wanted(body)
