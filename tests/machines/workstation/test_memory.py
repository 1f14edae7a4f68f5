"""What a workstation remembers is read back as it was, or not at all."""

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from machine_use.memory import save
from machine_use.observation import Gpu, Kernel, Process
from workstation_agent.decision import decide
from workstation_agent.memory import Memory, at_start, load
from workstation_agent.observation import Observation
from workstation_agent.settings import Settings

MEMORY = Memory(
    boot="7b1a",
    started=90.5,
    looked=700.25,
    used=650.0,
    use="a GPU is busy",
    keystrokes={"0": 1_795_000_000.0},
    idle_warned_s=300.0,
    told=1_795_000_100.0,
    touched=640.0,
    sessions=["9 1"],
    output={"0": 1_795_000_000.0},
    cpu_s={"7 1": 50.5},
    gpu_memory_mib=[4000.0],
    storage_bytes={"7 1": 4096.0},
    network_bytes=1e9,
    levels={"processes": 3.5, "storage": 0.0, "network": 9.0},
    wishes={"file": [1_795_003_600.0, 4000.0], "tag": [0.0, 0.0]},
    beaten=600.0,
    stopping=None,
)
START = dataclasses.replace(at_start("7b1a", 90.0, 600.0), gpu_memory_mib=[])
SEEN = Observation(
    clock=1_795_000_400.0,
    kernels={"k": Kernel(is_busy=False, last_activity=1_795_000_300.0)},
    keystrokes={"0": 1_795_000_000.0},
    output={"0": 1_795_000_300.0},
    processes={"7 1": Process("python", 51.0, on_terminal=True, terminal="0")},
    gpus=[Gpu(0.0, 300.0)],
    files="x",
    storage_bytes={"7 1": 5000.0},
    network_bytes=1e9,
    kept_until=0.0,
)
TOLD = dataclasses.asdict(MEMORY)


@pytest.mark.parametrize("memory", [MEMORY, START, dataclasses.replace(MEMORY, stopping=700.0)])
def test_memory_is_read_back_as_it_was_saved(tmp_path: Path, memory: Memory) -> None:
    path = tmp_path / "state.json"

    save(path, memory)

    assert load(path, "7b1a", 1000.0) == memory


BROKEN: dict[str, object] = {
    "boot": "another",
    "idle_warned_s": 0,
    "told": "now",
    "touched": 660.0,
    "sessions": [1],
    "output": [1],
    "storage_bytes": {"7 1": None},
    "network_bytes": "much",
    "levels": {"processes": float("nan")},
    "wishes": {"file": [1.0]},
    "beaten": 1e9,
    "stopping": {},
    "looked": 2000.0,
    "more": 1,
}


@pytest.mark.parametrize(("key", "value"), BROKEN.items(), ids=BROKEN)
def test_memory_that_cannot_be_believed_is_none(tmp_path: Path, key: str, value: object) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({**TOLD, key: value}))

    assert load(path, "7b1a", 1000.0) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(key=st.sampled_from(sorted(TOLD)), value=ANYTHING)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_torn_memory_is_none_or_fit_to_decide_by(tmp_path: Path, key: str, value: object) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({**TOLD, key: value}))

    found = load(path, "7b1a", 1000.0)

    assert found is None or 0 <= decide(found, SEEN, Settings(), 1000.0).idle_s <= 1000.0
