"""A folder of this machine: what in it may be sent, and what is left out and why."""

import hashlib
import os
import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn, Self

from mlstack.endpoint.photo import HEAD, kind
from mlstack.errors import UserError
from mlstack.text import counted, printable
from shared.batch_input import PICTURE_SUFFIXES

LARGEST_PICTURE = 64 * 1024**2
LARGEST_FILE = 10 * 1024**3
LONGEST_KEY = 900
"""In bytes; S3 takes 1,024 with what stands before it."""
NAMED, LONGEST_NAMED = 3, 60
"""How many files that are left out are named, and with how many letters each."""
LeftOut = defaultdict[str, list[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One file that may be sent."""

    path: Path
    key: str
    """From the folder on, with slashes."""
    size: int
    digest: bytes
    """SHA-256 of its content."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What of a folder may be sent."""

    pictures: bool
    labels: bool
    largest: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Folder:
    """Everything in a folder that may be sent, in the order of the keys."""

    path: Path
    files: tuple[File, ...]
    left_out: Mapping[str, Sequence[str]]
    """Which, by what they are."""

    @classmethod
    def look(cls, path: Path, *, pictures: bool, labels: bool = False, largest: int | None = None) -> Self:
        """Look at a folder, and read its files to know their digests.

        Args:
            path: the folder; what is behind a link in it is not looked at.
            pictures: only JPEG and PNG, by their names and by what they hold.
            labels: only what lies in a folder of a label.
            largest: of a file, in bytes, where it is not what S3 and the training image take.

        Raises:
            UserError: where nothing in it may be sent.
        """
        left_out: LeftOut = defaultdict(list)
        wanted = Wanted(
            pictures=pictures, labels=labels, largest=largest or (LARGEST_PICTURE if pictures else LARGEST_FILE)
        )
        files = tuple(sorted(_files(path, left_out, wanted), key=lambda file: file.key))
        found = cls(path=path, files=files, left_out=left_out)
        if not files:
            what = "pictures (JPEG or PNG)" if pictures else "files"
            where = f", each in the folder of its label, such as {path.name}/compost/1.jpg" if labels else ""
            why = f" ({found.told})" if left_out else ""
            message = f"{printable(str(path))} holds nothing to send{why}; put {what} into it{where}"
            raise UserError(message)
        return found

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return sum(file.size for file in self.files)

    @property
    def digest(self) -> str:
        """What no other content has: of the keys and the content of all files."""
        found = hashlib.sha256()
        for file in self.files:
            found.update(f"{file.key}\0{file.digest.hex()}\n".encode())
        return found.hexdigest()

    @property
    def told(self) -> str:
        """What is left out, in words; nothing where nothing is."""
        most_first = sorted(self.left_out.items(), key=lambda one: -len(one[1]))
        parts = [f"{len(names):,} {what} ({_named(names)})" for what, names in most_first]
        return f"left out: {', '.join(parts)}" if parts else ""

    @property
    def shown(self) -> str:
        """What there is, in words."""
        return f"{counted(len(self.files), 'file')}, {self.size / 1024**2:,.1f} MB"


def _named(names: Sequence[str]) -> str:
    """The first few of them; of a long one the end, which is the file's own name."""
    shown = [f"...{name[-LONGEST_NAMED:]}" if len(name) > LONGEST_NAMED else name for name in sorted(names)[:NAMED]]
    return printable(", ".join(shown)) + (" and others" if len(names) > NAMED else "")


def _files(root: Path, left_out: LeftOut, wanted: Wanted) -> Iterator[File]:
    for path in _walk(root, left_out):
        key = PurePosixPath(path.relative_to(root)).as_posix()
        reason = _refused(path, key, wanted)
        if reason:
            left_out[reason].append(key)
            continue
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").digest()
            yield File(path=path, key=key, size=content.tell(), digest=digest)


def _walk(root: Path, left_out: LeftOut) -> Iterator[Path]:
    """Every path below a folder but for folders, hidden things and links, whose names are kept."""
    for here, folders, names in os.walk(root, onerror=_raise):
        for name in [*folders, *names]:
            path = Path(here, name)
            if not _is_plain(path):
                reason = "hidden" if name.startswith(".") else "behind a symbolic link"
                left_out[reason].append(path.relative_to(root).as_posix())
        folders[:] = [name for name in folders if _is_plain(Path(here, name))]
        yield from (path for name in names if _is_plain(path := Path(here, name)))


def _is_plain(path: Path) -> bool:
    return not path.name.startswith(".") and not path.is_symlink()


def _raise(error: OSError) -> NoReturn:
    raise error


def _refused(path: Path, key: str, wanted: Wanted) -> str:
    """Why a file is left out; nothing where it is not."""
    told = path.lstat()
    pictures, labels = wanted.pictures, wanted.labels
    reasons = {
        "no ordinary file": not stat.S_ISREG(told.st_mode),
        "with a name that no key in S3 should have": key != printable(key) or len(key.encode()) > LONGEST_KEY,
        "empty": not told.st_size,
        f"larger than {wanted.largest // 1024**2:,} MB": told.st_size > wanted.largest,
        "in no label's folder": labels and "/" not in key,
        "with a name that begins with _": labels and any(part.startswith("_") for part in key.split("/")),
        "called neither .jpg nor .jpeg nor .png": pictures and path.suffix.lower() not in PICTURE_SUFFIXES,
    }
    found = next((reason for reason, is_so in reasons.items() if is_so), "")
    return found or ("neither JPEG nor PNG" if pictures and not _is_picture(path) else "")


def _is_picture(path: Path) -> bool:
    with path.open("rb") as content:
        return kind(content.read(HEAD)) is not None
