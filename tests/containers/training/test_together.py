"""Two processes train one model, are stopped together, and continue together."""

import json
from pathlib import Path

from tests.containers.training.training_lab import Job


def test_two_processes_train_one_model_and_continue_after_a_stop(tmp_path: Path) -> None:
    job = Job.make(tmp_path / "ml", epochs="8", processes="2", batch_size="16", augmentation="none")

    stopped = job.run(stop_after=1)
    left = job.checkpoints()
    ended = job.run()

    assert stopped.code == 143, stopped.said
    assert left
    assert ended.code == 0, ended.said
    # Each process has its own chance, which the checkpoint keeps.
    newest = max((job.base / "checkpoints" / "local").iterdir(), key=lambda path: int(path.name.partition("-")[2]))
    assert newest.name == "checkpoint-32"  # 120 pictures, 2 processes, 16 a step: 4 steps an epoch
    files = json.loads((newest / "complete.json").read_text(encoding="utf-8"))["files"]
    assert {"rng_state_0.pth", "rng_state_1.pth", "model.safetensors", "optimizer.pt"} <= set(files)
    # Every line once: the second process is silent.
    epochs = len(stopped.metric("train:loss")) + len(ended.metric("train:loss"))
    assert epochs in {8, 9}  # an epoch that was broken off is continued
    assert len(ended.metric("train:images_per_second")) == 1
    # The loss is that of one picture, not multiplied by the processes.
    assert stopped.metric("validation:loss")[0] < 1.5
    assert ended.metric("validation:accuracy")[-1] > 0.6
    assert (job.model / "model.onnx").exists()
