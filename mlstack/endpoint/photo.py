"""The photos that a model is asked about: looked at before anything is sent."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from mlstack.endpoint.endpoint import MIB, Endpoint
from mlstack.errors import UserError
from mlstack.text import printable

JPEG, PNG = "image/jpeg", "image/png"
MAGIC = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}
OTHERS = {b"GIF8": "a GIF", b"BM": "a BMP", b"II*\x00": "a TIFF", b"MM\x00*": "a TIFF", b"%PDF": "a PDF"}
BOXED = {b"WEBP": "a WebP", b"heic": "a HEIC", b"heix": "a HEIC", b"mif1": "a HEIC", b"avif": "an AVIF"}
"""What stands at the eighth byte of RIFF files and of ISO media files."""
HEAD = 16
SUFFIXES = {JPEG: ".jpg", PNG: ".png"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Photo:
    """A JPEG or PNG that may be sent."""

    path: Path
    content_type: str
    size: int

    @classmethod
    def look(cls, path: Path) -> Self:
        """Look at a file; raise UserError where it is no JPEG or PNG, whatever its name says."""
        name = printable(str(path))
        if not path.is_file():
            message = f"{name} is no ordinary file"
            raise UserError(message)
        with path.open("rb") as file:
            head = file.read(HEAD)
        if not head:
            message = f"{name} is empty"
            raise UserError(message)
        content_type = kind(head)
        if content_type is None:
            message = f"{name} is {what(head)}; convert it to JPEG or PNG"
            raise UserError(message)
        return cls(path=path, content_type=content_type, size=path.stat().st_size)

    def check(self, endpoint: Endpoint) -> None:
        """Raise UserError where AWS does not take so large a request for that kind of endpoint."""
        largest = endpoint.kind.largest_bytes
        if self.size > largest:
            message = (
                f"{printable(str(self.path))} has {self.size:,} bytes; AWS takes at most {largest // MIB:,} MB "
                f"for {endpoint.name}, which is {endpoint.kind}"
            )
            raise UserError(message)


def kind(head: bytes) -> str | None:
    """The content type by the first bytes, which cannot lie as a name can."""
    return next((content_type for magic, content_type in MAGIC.items() if head.startswith(magic)), None)


def what(head: bytes) -> str:
    """What another file is, for people."""
    boxed = BOXED.get(head[8:12]) if head[:4] == b"RIFF" or head[4:8] == b"ftyp" else None
    return boxed or next((name for magic, name in OTHERS.items() if head.startswith(magic)), "neither JPEG nor PNG")
