"""Unpacks model.tar.gz: from one's own bucket, and all the same trusted with nothing."""

import gzip
import io
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, cast

MOST_FILES = 10_000
LARGEST_PIECE = 1024**2
"""Files are read in small pieces; a header that wants more at a time would only fill the memory."""
HEADERS = 4096
"""Bytes that a file may add to an archive besides its content."""


class ArchiveError(Exception):
    """The archive is not unpacked; the message says why, in one line."""


class Bounded(io.RawIOBase):
    """A stream that is at its end, with an error, after so many bytes, and gives no more than a piece at a time."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        super().__init__()
        self._stream, self._most = stream, most

    def read(self, size: int = -1) -> bytes:
        """A piece; raise ArchiveError."""
        if not 0 <= size <= LARGEST_PIECE:
            message = "it has a header that is too large"
            raise ArchiveError(message)
        self._check(self._stream.tell() + size)
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there; raise ArchiveError where it is too far."""
        if whence == io.SEEK_SET:
            self._check(offset)
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Where it is."""
        return self._stream.tell()

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def _check(self, reached: int) -> None:
        if reached > self._most:
            message = "it is larger, unpacked, than its files say, or than they may be"
            raise ArchiveError(message)


def unpack(archive: Path, target: Path, *, max_bytes: int) -> int:
    """Unpack into a folder, which is made; how many files there are. Raise ArchiveError, and OSError for the disk's."""
    target.mkdir(parents=True)
    try:
        with gzip.open(archive) as plain:
            bounded = Bounded(cast("IO[bytes]", plain), max_bytes + MOST_FILES * HEADERS)
            with tarfile.open(fileobj=cast("IO[bytes]", bounded), mode="r:") as opened:
                files = _all(opened, target, max_bytes)
            while bounded.read(LARGEST_PIECE):
                pass  # to the end, where the checksum of everything is looked at
            return files
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, KeyError, zlib.error, ValueError, RecursionError) as error:
        message = f"it is no whole .tar.gz: {' '.join(str(error).split())[:200]}"
        raise ArchiveError(message) from error


def _all(opened: tarfile.TarFile, target: Path, max_bytes: int) -> int:
    left, files = max_bytes, 0
    for seen, member in enumerate(opened, start=1):
        left -= max(0, member.size)
        if left < 0:
            message = f"its files have more than {max_bytes:,} bytes together; MAX_MODEL_BYTES is the limit"
            raise ArchiveError(message)
        if seen > MOST_FILES:
            message = f"it has more than {MOST_FILES:,} files"
            raise ArchiveError(message)
        _check(member)
        try:
            opened.extract(member, target, filter="data")
        except tarfile.FilterError as error:
            raise ArchiveError(_leaves(member)) from error
        files += member.isfile()
    if not files:
        message = "there is no file in it"
        raise ArchiveError(message)
    return files


def _check(member: tarfile.TarInfo) -> None:
    """Refuse what the standard library's filter would only mend: an absolute path is no honest mistake."""
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise ArchiveError(_leaves(member))
    if not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
        message = f"{member.name!r:.120} is no file"
        raise ArchiveError(message)


def _leaves(member: tarfile.TarInfo) -> str:
    return f"{member.name!r:.120} would leave the folder"
