"""A server that cannot serve ends before it listens, with one line that says why."""

import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.containers.inference import models, server_lab
from tests.containers.inference.models import Folder


def failure(model: Path, **environment: str) -> str:
    """The only line of a start that fails."""
    with server_lab.started(model, **environment) as process:
        output, errors = process.communicate(timeout=server_lab.PATIENCE_S)
    assert process.returncode == 1
    assert output == ""
    (line,) = errors.splitlines()
    return line


def test_start_fails_without_a_model(tmp_path: Path) -> None:
    assert failure(tmp_path) == f"config.json: not in {tmp_path}; the folder is empty or missing"


@pytest.mark.parametrize(
    ("folder", "part"),
    [
        (Folder(graph=b"not a graph"), "model.onnx: cannot be loaded"),
        (Folder(graph=models.colours(), config={"id2label": {"0": "a"}}), "config.json has 1 labels"),
    ],
    ids=["graph", "labels"],
)
def test_start_fails_with_a_wrong_model(folder: Folder, part: str, tmp_path: Path) -> None:
    assert part in failure(folder.write(tmp_path))


@pytest.mark.parametrize(
    ("environment", "part"),
    [({"SAGEMAKER_MULTI_MODEL": "true"}, "one model"), ({"INFERENCE_TOP_K": "0"}, "INFERENCE_TOP_K")],
)
def test_start_fails_with_a_wrong_setting(environment: Mapping[str, str], part: str, colours: Path) -> None:
    assert part in failure(colours, **environment)


def test_start_fails_where_the_port_is_taken(colours: Path) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:  # noqa: S104  # as the server itself does
        port = taken.getsockname()[1]

        assert f"port {port} cannot be had" in failure(colours, SAGEMAKER_BIND_TO_PORT=str(port))


def test_start_takes_no_other_argument_than_serve(colours: Path) -> None:
    command = [*server_lab.INTERPRETER, "-m", "inference", "train"]

    ended = subprocess.run(
        command, env=server_lab.environment(colours), capture_output=True, text=True, check=False, timeout=30
    )

    assert ended.returncode == 1
    assert ended.stderr == "the only argument is serve; everything else is told by the environment\n"


def test_start_can_be_stopped(colours: Path) -> None:
    with server_lab.serving(colours) as server:
        server.process.send_signal(signal.SIGINT)

        assert server.ended() == 0
