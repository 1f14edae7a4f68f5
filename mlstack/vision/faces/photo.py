"""Photos that go to Rekognition as they are."""

from pathlib import Path

import click
from botocore.exceptions import ClientError

# https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
LARGEST = 5 * 1024 * 1024
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
UNFIT = {
    "ImageTooLargeException": "the image is too large for Rekognition",
    "InvalidImageFormatException": "the image is damaged, or no JPEG or PNG",
    "InvalidParameterException": "no face is found in it",
}


def readable(_context: click.Context, parameter: click.Parameter, path: Path) -> bytes:
    """The photo's bytes; refuse what Rekognition would not take, before anything is billed."""
    if not path.is_file():
        message = f"{path} is no ordinary file"
        raise click.BadParameter(message, param=parameter)
    if path.stat().st_size > LARGEST:
        message = f"{path} has {path.stat().st_size:,} bytes; Rekognition takes at most {LARGEST:,} from a file"
        raise click.BadParameter(message, param=parameter)
    content = path.read_bytes()
    if not content.startswith(BEGINNINGS):
        message = f"{path} is no JPEG or PNG"
        raise click.BadParameter(message, param=parameter)
    return content


def unfit(error: ClientError) -> str | None:
    """Why Rekognition finds nothing in a photo; None where the error is of another kind."""
    return UNFIT.get(error.response.get("Error", {}).get("Code", ""))
