"""What becomes of an instance's registration: the pure decision."""

import pytest

from ecs_release.machines import Registration, Way, way

ONE = "i-0123456789abcdef0"


@pytest.mark.parametrize(
    ("name", "state", "own", "quiet", "decided"),
    [
        (ONE, "running", True, True, Way.AWAIT),
        (ONE, "running", True, False, Way.AWAIT),
        (ONE, "pending", True, True, Way.AWAIT),
        (ONE, "shutting-down", True, False, Way.FORGET),
        (ONE, "terminated", True, False, Way.FORGET),
        (ONE, None, False, False, Way.FORGET),
        (ONE, "shutting-down", False, False, Way.FORGET),
        (ONE, "running", False, False, Way.AWAIT),
        (ONE, "running", False, True, Way.DISMISS),
        (ONE, "stopped", False, True, Way.DISMISS),
        ("mi-0123456789abcdef0", None, False, False, Way.AWAIT),
        ("mi-0123456789abcdef0", None, False, True, Way.DISMISS),
        ("", None, False, False, Way.AWAIT),
    ],
)
def test_nothing_is_forgotten_that_still_costs(
    name: str, state: str | None, decided: Way, *, own: bool, quiet: bool
) -> None:
    states = {name: state} if state else {}

    assert way(Registration("host", name), states, states if own else {}, quiet=quiet) is decided
