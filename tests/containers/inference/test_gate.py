"""So many inside and no more."""

from contextlib import ExitStack

import pytest

from inference.gate import Gate
from inference.refusal import RefusalError


def test_gate_sends_away_who_is_too_many_and_lets_in_again_after() -> None:
    gate = Gate(2)

    with ExitStack() as inside:
        inside.enter_context(gate.admitted())
        inside.enter_context(gate.admitted())
        with pytest.raises(RefusalError) as refused, gate.admitted():
            pass

    assert (refused.value.status, refused.value.code) == (503, "full")
    with gate.admitted():
        assert gate.inside == 1


def test_gate_counts_out_who_leaves_with_an_error() -> None:
    gate = Gate(1)

    with pytest.raises(RuntimeError), gate.admitted():
        raise RuntimeError

    assert gate.inside == 0


def test_gate_that_is_closed_lets_nobody_in() -> None:
    gate = Gate(1)
    gate.closed = True

    with pytest.raises(RefusalError) as refused, gate.admitted():
        pass

    assert (refused.value.status, refused.value.code) == (503, "draining")
