"""Pictures as bytes."""

from io import BytesIO

from PIL import Image

from tests.functions.image_analysis.corpus import PNG, chunk, header
from tests.functions.image_analysis.pictures import segment

QUARTERS = ("red", "lime", "blue", "white")
"""The colours of ``quartered``: top left, top right, bottom left, bottom right."""
SCANNED = b"\xff\xda"


def encoded(picture: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    """A picture as Pillow writes it."""
    target = BytesIO()
    picture.save(target, file_format, **options)
    return target.getvalue()


def plain(colour: str | int, mode: str = "RGB", size: tuple[int, int] = (8, 8)) -> bytes:
    """A PNG of one colour."""
    return encoded(Image.new(mode, size, colour))


def quartered(width: int = 64, height: int = 32) -> Image.Image:
    """Four colours, so that every turn can be told."""
    picture = Image.new("RGB", (width, height))
    for number, colour in enumerate(QUARTERS):
        left, top = number % 2 * width // 2, number // 2 * height // 2
        picture.paste(Image.new("RGB", (width // 2, height // 2), colour), (left, top))
    return picture


def corners(picture: Image.Image) -> tuple[tuple[int, ...], ...]:
    """The colours in the middles of the quarters, roughly: 0 or 255 each."""
    width, height = picture.size
    places = [(width * x // 4, height * y // 4) for y in (1, 3) for x in (1, 3)]
    found = [picture.getpixel(place) for place in places]
    return tuple(tuple(255 if part > 127 else 0 for part in colour) for colour in found if isinstance(colour, tuple))


def bomb(side: int) -> bytes:
    """The header of a PNG of so many pixels, with nothing behind it: decoding would be seen as damage."""
    return PNG + header(side, side) + chunk(b"IDAT", b"") + chunk(b"IEND")


def many_scans(number: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    content = encoded(quartered(640, 640), "JPEG", progressive=True)
    last = content.rindex(SCANNED)
    return content[:last] + content[last:-2] * number + content[-2:]


def padded(content: bytes, size: int) -> bytes:
    """The same JPEG with application data, so many bytes long."""
    missing = size - len(content)
    whole, rest = divmod(missing, 65_537)
    filler = segment(0xE5, bytes(65_533)) * whole + (segment(0xE5, bytes(rest - 4)) if rest >= 4 else b"")
    return content[:2] + filler + content[2:]
