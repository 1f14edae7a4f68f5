"""A body is counted while it arrives."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import body
from inference.refusal import RefusalError

MOST = 100


async def arriving(chunks: Sequence[bytes], *, then: float = 0, taken: list[int] | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        if taken is not None:
            taken.append(len(chunk))
        yield chunk
    if then:
        await asyncio.sleep(then)


def read(chunks: AsyncIterator[bytes], declared: str | None = None, seconds: float = 5) -> bytes:
    return asyncio.run(body.read(chunks, declared, max_bytes=MOST, seconds=seconds))


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_body_is_whole_up_to_its_limit_and_refused_beyond(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)

    if len(whole) <= MOST:
        assert read(arriving(chunks)) == whole
    else:
        with pytest.raises(RefusalError) as refused:
            read(arriving(chunks))
        assert (refused.value.status, refused.value.code) == (413, "too_large")


def test_body_without_an_end_is_refused_at_its_limit() -> None:
    taken: list[int] = []

    with pytest.raises(RefusalError):
        read(arriving([bytes(30)] * 1000, taken=taken))

    assert sum(taken) <= MOST + 30


@pytest.mark.parametrize("declared", ["101", "9" * 4000])
def test_body_that_says_it_is_too_large_is_not_even_read(declared: str) -> None:
    taken: list[int] = []

    with pytest.raises(RefusalError) as refused:
        read(arriving([b"x"], taken=taken), declared)

    assert refused.value.status == 413
    assert taken == []


@pytest.mark.parametrize("declared", ["1", "100", "", "-5", "x", None])
def test_body_is_read_whatever_it_says_otherwise(declared: str | None) -> None:
    assert read(arriving([b"x"]), declared) == b"x"


def test_body_that_stays_away_is_refused() -> None:
    with pytest.raises(RefusalError) as refused:
        read(arriving([b"x"], then=30), seconds=0.01)

    assert (refused.value.status, refused.value.code) == (408, "too_slow")
