"""What people are told of machines."""

from mlstack.console import out
from mlstack.local import tables
from mlstack.local.machine.told import Told


def told(state: str, seconds: float) -> Told:
    return Told(state=state, uptime_seconds=seconds, timers=[], busy=False, log="/work/machine.log")


def test_a_machine_is_told_of_by_its_state_its_uptime_and_its_log() -> None:
    found = {"i-2": told("off", 0.0), "i-1": told("running", 3700.0)}

    with out.capture() as said:
        out.print(tables.machines(found))

    first, second = [line for line in said.get().splitlines() if "i-" in line]
    assert all(word in first for word in ("i-1", "running", "1 h 1 min", "/work/machine.log"))
    assert "off" in second
    assert "min" not in second
