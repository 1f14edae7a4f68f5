"""Tells a video from a photo, as far as this machine can."""

from pathlib import Path

SUFFIXES = (".mp4", ".mov", ".m4v")
LARGEST_BYTES = 10_000_000_000  # https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"skip")
"""How an MP4 or MOV file goes on after its first four bytes."""
STILL = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
"""The brands of photos that are packed like a video; Rekognition takes neither kind."""


def is_video(file: Path) -> bool:
    """Whether a file looks like an MP4 or MOV, by its first bytes or else by its name."""
    with file.open("rb") as content:
        start = content.read(12)
    if start[4:8] in BOXES:
        return start[8:12] not in STILL
    return file.suffix.lower() in SUFFIXES
