"""What Rekognition takes, decided before it is asked, so that a hopeless image is refused readably and for free."""

from image_analysis.image_header import Header
from shared.analyses import Analysis

# https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
MAX_BYTES = 15 * 1024 * 1024


def refusal_of_size(size: int) -> str | None:
    """Why an object of ``size`` bytes is refused, or None."""
    if size == 0:
        return "the file is empty"
    if size > MAX_BYTES:
        return f"the file has {size:,} bytes; Rekognition takes at most {MAX_BYTES:,} (15 MB)"
    return None


def refusal_of_shape(header: Header, analysis: Analysis) -> str | None:
    """Why an analysis does not take an image of this width and height, or None."""
    shape = f"the image is {header.width} x {header.height} pixels"
    if min(header.width, header.height) < analysis.least_pixels:
        return f"{shape}; {analysis.operation} needs at least {analysis.least_pixels} on each side"
    if analysis.most_pixels and max(header.width, header.height) > analysis.most_pixels:
        return f"{shape}; {analysis.operation} takes at most {analysis.most_pixels:,} on each side"
    return None
