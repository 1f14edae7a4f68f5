"""Paths and ports of a container as they are on this machine."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.ecs.failure import CannotStartError
from mlstack.local.ecs.mount import Mounts, declared_ports, value, volumes

FOLDER = Path("/volumes/model")
MOUNTS = Mounts({PurePosixPath("/model"): FOLDER})


@pytest.mark.parametrize(
    ("said", "here"),
    [
        ("/model", str(FOLDER)),
        ("/model/a/b.onnx", str(FOLDER / "a/b.onnx")),
        ("/models", "/models"),
        ("model", "model"),
        ("/model/../etc/passwd", "/model/../etc/passwd"),
        ("s3://bucket/model", "s3://bucket/model"),
        ("", ""),
    ],
)
def test_word_is_translated_only_below_a_mount(said: str, here: str) -> None:
    assert MOUNTS.word(said) == here


def test_nearest_mount_wins() -> None:
    mounts = Mounts({PurePosixPath("/a"): Path("/one"), PurePosixPath("/a/b"): Path("/two")})

    assert [mounts.word(path) for path in ("/a/c", "/a/b/c")] == ["/one/c", "/two/c"]


@given(said=st.text())
def test_any_word_stays_or_lies_in_the_volume(said: str) -> None:
    here = MOUNTS.word(said)

    assert here == said or Path(here).is_relative_to(FOLDER)


@pytest.mark.parametrize(("said", "here"), [("8080", "50000"), ("18080", "18080"), ("http://x:8080", "http://x:8080")])
def test_declared_port_is_replaced_as_a_whole_value_alone(said: str, here: str) -> None:
    assert value(said, MOUNTS, {8080: 50000}) == here


def test_ports_of_all_containers_are_declared() -> None:
    containers = [{"portMappings": [{"containerPort": 8080}]}, {}, {"portMappings": [{"containerPort": 9090}]}]

    assert declared_ports(containers) == {8080, 9090}


@pytest.mark.parametrize(
    "said", [{"host": {"sourcePath": "/data"}}, {"efsVolumeConfiguration": {"fileSystemId": "fs"}}]
)
def test_volume_of_somebody_else_does_not_run_here(said: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(CannotStartError, match="not runnable here: volume data"):
        volumes({"volumes": [{"name": "data", **said}]}, tmp_path)
