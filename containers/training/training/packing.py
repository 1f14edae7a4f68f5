"""Packs a model folder as SageMaker does: model.tar.gz, with the files at its top."""

import gzip
import tarfile
from pathlib import Path

ARCHIVE = "model.tar.gz"


def pack(folder: Path, target: Path) -> None:
    """Write the archive; the same bytes for the same files."""
    with (
        target.open("wb") as file,
        gzip.GzipFile("", "wb", 6, file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.add(path, path.relative_to(folder).as_posix(), filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without what only says by whom and when."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime, member.mode = 0, 0o644
    return member
