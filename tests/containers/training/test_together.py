"""Two processes train one model, are stopped together, and continue on two hosts, which share no disk."""

import json
import shutil
import socket
import time
from pathlib import Path

import pytest

from tests.containers.training.training_lab import DATASET, LABELS, Ended, Job

EPOCHS, STEPS = 2, 12
"""120 pictures, 2 processes, 5 a step: 12 steps an epoch, and no part of one for the 30 that are judged."""


@pytest.fixture
def channels(tmp_path: Path) -> dict[str, Path]:
    """Pictures to judge by under wrong labels: the more is learned, the worse it looks, and the first epoch is best."""
    for label, wrong in zip(LABELS, (*LABELS[1:], LABELS[0]), strict=True):
        shutil.copytree(DATASET / "validation" / label, tmp_path / "wrong" / wrong)
    return {"train": DATASET / "train", "validation": tmp_path / "wrong"}


def job(base: Path, channels: dict[str, Path], *, processes: int) -> Job:
    return Job.make(
        base,
        channels,
        epochs=str(EPOCHS),
        processes=str(processes),
        batch_size="5",
        augmentation="none",
        learning_rate="0.001",
    )


def port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return str(taken.getsockname()[1])


def test_processes_are_stopped_together_and_continue_on_two_hosts(tmp_path: Path, channels: dict[str, Path]) -> None:
    first = job(tmp_path / "first" / "ml", channels, processes=2)
    hosts = {name: job(tmp_path / name / "ml", channels, processes=1) for name in ("algo-1", "algo-2")}
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port()}

    running = first.begin()
    while running.alive and not (first.base / "checkpoints").exists():
        time.sleep(0.02)
    running.stop()
    stopped = Ended.of(running)
    for name, host in hosts.items():
        shutil.copytree(first.base / "checkpoints", host.base / "checkpoints")
        host.tell("resourceconfig", {"current_host": name, "hosts": [*hosts], "network_interface_name": "lo"})
    begun = [host.begin(**meeting) for host in hosts.values()]
    leading, other = (Ended.of(one) for one in begun)

    assert stopped.code == 143, stopped.said
    (name,) = first.checkpoints()
    assert 0 < int(name.rpartition("-")[2]) < STEPS
    files = json.loads((first.base / "checkpoints" / "local" / name / "complete.json").read_text("utf-8"))["files"]
    # Each process has its own chance, which the checkpoint keeps.
    assert {"rng_state_0.pth", "rng_state_1.pth", "model.safetensors", "optimizer.pt"} <= set(files)
    assert (leading.code, other.code) == (0, 0), leading.said + other.said
    # Every line once: the second host is silent, and writes no model.
    assert [*other.lines] == []
    assert not hosts["algo-2"].model.exists()
    assert (hosts["algo-1"].model / "model.onnx").exists()
    assert len(leading.metric("train:loss")) == EPOCHS
    assert leading.metric("train:loss")[-1] < leading.metric("train:loss")[0] < 1.5  # not multiplied by the processes
    # Both hosts answer with the best weights, though only the first has them on its disk.
    best, *later, told = leading.metric("validation:loss")
    assert min(later) > best + 0.01
    assert told == pytest.approx(best, abs=1e-4)
