"""Archives that one would not open by hand."""

import contextlib
import gzip
import io
import os
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.containers.worker.desk import files
from worker import archive
from worker.archive import ArchiveError

MIB = 1024**2
Member = tuple[tarfile.TarInfo, bytes]


def entry(name: str, content: bytes = b"x", **said: object) -> Member:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for key, value in said.items():
        setattr(member, key, value)
    return member, content


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> Member:
    return entry(name, b"", type=kind, linkname=target)


def packed(folder: Path, members: Sequence[Member]) -> Path:
    path = folder / "model.tar.gz"
    with tarfile.open(path, "w:gz") as opened:
        for member, content in members:
            opened.addfile(member, io.BytesIO(content))
    return path


def refused(path: Path, *, max_bytes: int = MIB) -> str:
    target = path.parent / "inner" / "model"
    target.parent.mkdir()
    with pytest.raises(ArchiveError) as error:
        archive.unpack(path, target, max_bytes=max_bytes)
    outside = [name for name in files(path.parent) if not name.startswith(("inner/model/", "model.tar.gz"))]
    assert outside == []
    assert "\n" not in str(error.value)
    return str(error.value)


def test_files_and_folders_are_unpacked(tmp_path: Path) -> None:
    path = packed(
        tmp_path, [entry("./model.onnx", b"graph"), entry("code/a.py"), entry("d", b"", type=tarfile.DIRTYPE)]
    )

    count = archive.unpack(path, tmp_path / "model", max_bytes=MIB)

    assert count == 2
    assert files(tmp_path / "model") == ["code/a.py", "model.onnx"]
    assert (tmp_path / "model" / "model.onnx").read_bytes() == b"graph"


def test_files_belong_to_who_unpacks_them_and_run_nothing_as_another(tmp_path: Path) -> None:
    path = packed(tmp_path, [entry("a", mode=0o6777, uid=0, gid=0)])

    archive.unpack(path, tmp_path / "model", max_bytes=MIB)

    assert (tmp_path / "model" / "a").stat().st_mode & 0o7022 == 0


@pytest.mark.parametrize("name", ["/etc/passwd", "../a", "a/../../b", "..", "//a", "a/.."])
def test_path_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    assert "would leave the folder" in refused(packed(tmp_path, [entry("model.onnx"), entry(name)]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
@pytest.mark.parametrize("target", ["/etc/passwd", "../../a", ".."])
def test_link_out_of_the_folder_is_refused(tmp_path: Path, kind: bytes, target: str) -> None:
    assert "would leave the folder" in refused(packed(tmp_path, [link("a", target, kind)]))


def test_file_behind_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    chain = [link("a", "."), link("a/b", ".."), entry("a/b/c")]

    assert "would leave the folder" in refused(packed(tmp_path, chain))


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    assert "is no file" in refused(packed(tmp_path, [entry("a", b"", type=kind)]))


def test_files_that_are_too_large_together_are_refused(tmp_path: Path) -> None:
    parts = [entry(f"{number}", b"\0" * 400) for number in range(3)]

    assert "MAX_MODEL_BYTES" in refused(packed(tmp_path, parts), max_bytes=1024)


def test_file_that_says_that_it_is_huge_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    member, _ = entry("a")
    member.size = 2**40
    (tmp_path / "model.tar.gz").write_bytes(gzip.compress(member.tobuf() + b"\0" * 1024))

    assert "MAX_MODEL_BYTES" in refused(tmp_path / "model.tar.gz")
    assert files(tmp_path / "inner") == []


def test_header_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    member = tarfile.TarInfo("a")
    member.type, member.size = tarfile.XHDTYPE, 512 * MIB
    (tmp_path / "model.tar.gz").write_bytes(gzip.compress(member.tobuf() + b"\0" * 10_240))

    assert "header" in refused(tmp_path / "model.tar.gz", max_bytes=1024 * MIB)


def test_headers_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_FILES", 10)
    path = packed(tmp_path, [entry(f"{number}", b"") for number in range(11)])

    assert "more than 10 files" in refused(path)


def test_comments_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_FILES", 10)
    header = entry("a" * 90, b"", pax_headers={"comment": "x" * 60_000})
    path = tmp_path / "model.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as opened:
        for _ in range(5):
            opened.addfile(header[0])

    assert "larger, unpacked" in refused(path, max_bytes=1024)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no archive",
        gzip.compress(b""),
        gzip.compress(b"no archive"),
        gzip.compress(b"\0" * 10_240),
        gzip.compress(entry("a", b"x" * 2000)[0].tobuf() + b"x" * 100),
        b"\x1f\x8b\x08half",
    ],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.tar.gz").write_bytes(content)

    assert refused(tmp_path / "model.tar.gz")


@pytest.mark.parametrize("damage", [lambda whole: whole[:-20], lambda whole: whole[:40] + b"\0\0" + whole[42:]])
def test_archive_that_is_damaged_is_refused(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = packed(tmp_path, [entry("a", bytes(range(256)) * 40)])
    path.write_bytes(damage(path.read_bytes()))

    assert "no whole .tar.gz" in refused(path)


@given(
    names=st.lists(
        st.lists(st.sampled_from(["a", "b", "..", ".", "", "c" * 120]), min_size=1, max_size=4).map("/".join),
        min_size=1,
        max_size=6,
    ),
    kinds=st.lists(st.sampled_from([tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE]), min_size=6),
    targets=st.lists(st.sampled_from(["a", "..", "../..", "/", "a/b", "."]), min_size=6),
)
def test_no_archive_writes_outside_of_its_folder(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], kinds: list[bytes], targets: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    members = [
        entry(name) if kind == tarfile.REGTYPE else link(name, target, kind)
        for name, kind, target in zip(names, kinds, targets, strict=False)
    ]
    path = packed(folder, members)
    (folder / "inner").mkdir()

    with contextlib.suppress(ArchiveError, OSError):
        archive.unpack(path, folder / "inner" / "model", max_bytes=MIB)

    inside = folder / "inner" / "model"
    assert {name for name in files(folder) if not name.startswith("inner/model/")} == {"model.tar.gz"}
    assert all(Path(os.path.realpath(found)).is_relative_to(inside) for found in inside.rglob("*"))
