"""What Rekognition takes, decided before it is asked, so that a hopeless image is refused readably and for free."""

from image_labels.image_header import Header

# https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
MAX_BYTES = 15 * 1024 * 1024
MIN_PIXELS = 80
MAX_PIXELS = 10_000


def refusal_of_size(size: int) -> str | None:
    """Why an object of ``size`` bytes is refused, or None."""
    if size == 0:
        return "the file is empty"
    if size > MAX_BYTES:
        return f"the file has {size:,} bytes; Rekognition takes at most {MAX_BYTES:,} (15 MB)"
    return None


def refusal_of_header(header: Header) -> str | None:
    """Why an image of this width and height is refused, or None."""
    shape = f"the image is {header.width} x {header.height} pixels"
    if min(header.width, header.height) < MIN_PIXELS:
        return f"{shape}; Rekognition needs at least {MIN_PIXELS} on each side"
    if max(header.width, header.height) > MAX_PIXELS:
        return f"{shape}; Rekognition takes at most {MAX_PIXELS:,} on each side"
    return None
