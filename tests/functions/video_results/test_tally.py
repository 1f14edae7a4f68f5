"""What many pages name, in bounded memory and the same however they are split."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.video_analyses import Seen
from video_results import tally
from video_results.tally import Tally

SEEN = st.builds(
    lambda name, confidence, first, length: Seen(name, confidence, first, first + length),
    st.sampled_from(["Cat", "Dog", "Café \N{FOX FACE}", ""]),
    st.integers(0, 100).map(float),
    st.integers(0, 10**7),
    st.integers(0, 1000),
)


@given(pages=st.lists(st.lists(SEEN, max_size=5), max_size=8))
def test_names_are_added_up_the_same_however_the_pages_are_cut_and_gone_on_with(pages: list[list[Seen]]) -> None:
    together, apart = Tally(), Tally()
    together.add(one for page in pages for one in page)

    for page in pages:
        apart.add(page)
        apart = Tally.of(json.loads(json.dumps(apart.to_json())))

    everything = [one for page in pages for one in page]
    assert together.findings() == apart.findings()
    assert together.count == apart.count == len(everything)
    for found in together.findings():
        named = [one for one in everything if one.name == found.name]
        assert (found.confidence, found.instances) == (max(one.confidence for one in named), len(named))
        assert found.first_ms == min(one.first_ms for one in named)
        assert found.last_ms == max(one.last_ms for one in named)


def test_a_day_of_subtitles_takes_no_more_memory_than_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_NAMES", 10)
    kept = Tally()

    sizes = []
    for page in range(20):
        kept.add(Seen(f"{page} {line}", 50.0 + line, page, page) for line in range(7))
        sizes.append(len(kept.names))

    assert max(sizes) <= 20
    assert (len(kept.findings()), kept.count) == (10, 140)
    assert {found.confidence for found in kept.findings()} == {56.0}
