"""What is remembered is read back as it was, or not at all."""

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_use.memory import Memory, after, load, save
from machine_use.observation import Observation

MEMORY = Memory(
    boot="7b1a",
    started=90.5,
    looked=700.25,
    used=650.0,
    use="a kernel is busy",
    kernels={"k": 1_795_000_000.5, "undated": None},
    terminals={"1": 1_795_000_000.0},
    keystrokes={"0": 1_795_000_000.0},
    cpu_s={"7 1": 50.5},
    gpu_memory_mib=[4000.0],
    files="abc",
)
TOLD = json.dumps(dataclasses.asdict(MEMORY))


def changed(**values: object) -> str:
    """The memory's text with other values in it."""
    return json.dumps({**dataclasses.asdict(MEMORY), **values})


@pytest.mark.parametrize("memory", [MEMORY, dataclasses.replace(MEMORY, warned_s=3600.0, cpu_s=None)])
def test_memory_is_read_back_as_it_was_saved(tmp_path: Path, memory: Memory) -> None:
    path = tmp_path / "run" / "state.json"

    save(path, memory)

    assert load(path, "7b1a", 1000.0, Memory) == memory
    assert [entry.name for entry in path.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        TOLD[:-1],
        "null",
        "[]",
        "7",
        "{}",
        "[" * 100_000,
        changed(more=1),
        changed(boot="another boot"),
        changed(used=None),
        changed(used="650"),
        changed(used=float("nan")),
        changed(used=-1),
        changed(used=10),
        changed(used=701),
        changed(looked=2000),
        changed(started=float("inf")),
        changed(use=3),
        changed(files=None),
        changed(files=[]),
        changed(warned_s=None),
        changed(warned_s="soon"),
        changed(kernels=None),
        changed(kernels=[1]),
        changed(kernels={"k": "monday"}),
        changed(keystrokes={"0": float("nan")}),
        changed(terminals={"1": []}),
        changed(cpu_s={"7 1": None}),
        changed(cpu_s=[7]),
        changed(gpu_memory_mib=None),
        changed(gpu_memory_mib=["a"]),
        "\0\0\0\0",
    ],
)
def test_memory_that_cannot_be_believed_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text, encoding="utf-8")

    assert load(path, "7b1a", 1000.0, Memory) is None


def test_dates_that_cannot_be_read_stay_and_what_is_compared_is_forgotten() -> None:
    kept = after(MEMORY, Observation(clock=1.0), 800.0)

    assert kept == dataclasses.replace(MEMORY, looked=800.0, cpu_s=None, gpu_memory_mib=[], files="")


def test_memory_that_is_missing_or_no_text_is_none(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")

    assert load(tmp_path / "missing", "7b1a", 1000.0, Memory) is None
    assert load(tmp_path / "binary", "7b1a", 1000.0, Memory) is None
    assert load(tmp_path, "7b1a", 1000.0, Memory) is None


@given(place=st.integers(0, len(TOLD) - 1), byte=st.integers(0, 255))
def test_memory_with_one_wrong_byte_is_none_or_a_memory(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "wrong.json"
    text = bytearray(TOLD.encode())
    text[place] = byte
    path.write_bytes(bytes(text))

    found = load(path, "7b1a", 1000.0, Memory)

    assert found is None or 0 <= found.started <= found.used <= found.looked <= 1000.0
