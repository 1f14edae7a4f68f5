"""Small pictures as bytes."""

from io import BytesIO

from PIL import Image


def jpeg(width: int = 96, height: int = 80, mode: str = "RGB", **options: object) -> bytes:
    """A grey JPEG, with Pillow's options."""
    return _saved("JPEG", mode, (width, height), options)


def png(width: int = 96, height: int = 80, mode: str = "1", **options: object) -> bytes:
    """A black PNG, with Pillow's options."""
    return _saved("PNG", mode, (width, height), options)


def segment(marker: int, body: bytes = b"", length: int | None = None) -> bytes:
    """One JPEG segment, whose length may lie."""
    return bytes((0xFF, marker)) + (len(body) + 2 if length is None else length).to_bytes(2) + body


def _saved(file_format: str, mode: str, size: tuple[int, int], options: dict[str, object]) -> bytes:
    target = BytesIO()
    Image.new(mode, size).save(target, file_format, **options)
    return target.getvalue()
