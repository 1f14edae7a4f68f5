"""What Rekognition takes as a video, decided before it is asked, so that a hopeless file is refused for free.

Whether an MP4 holds H.264 lies anywhere in it: Rekognition says so itself, when the job fails.
"""

# https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
MAX_BYTES = 10 * 1024**3
HEAD = 64
"""How many bytes `refusal_of_content` wants to see."""
# The boxes that a file may start with: MP4 and MOV with the first, QuickTime before 2001 with the others.
BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
# What people upload by mistake, so that a refusal can name it.
OTHERS = (
    (4, b"ftyphei", "a HEIC"),
    (4, b"ftypmif1", "a HEIF"),
    (4, b"ftypavif", "an AVIF"),
    (4, b"ftypM4A", "an M4A sound"),
    (8, b"AVI ", "an AVI"),
    (8, b"WAVE", "a WAV sound"),
    (8, b"WEBP", "a WebP"),
    (0, b"GIF8", "a GIF"),
    (0, b"\xff\xd8", "a JPEG"),
    (0, b"\x89PNG", "a PNG"),
    (0, b"FLV", "a Flash video (FLV)"),
    (0, b"\x30\x26\xb2\x75", "a Windows Media (WMV)"),
    (0, b"\x00\x00\x01\xba", "an MPEG program stream"),
    (0, b"\x00\x00\x01\xb3", "an MPEG-1"),
    (0, b"G@", "an MPEG transport stream"),
    (0, b"OggS", "an Ogg"),
    (0, b"ID3", "an MP3"),
    (0, b"%PDF", "a PDF"),
    (0, b"PK\x03\x04", "a ZIP"),
    (0, b"<", "an HTML or XML"),
)
MATROSKA = b"\x1a\x45\xdf\xa3"


def refusal_of_size(size: int) -> str | None:
    """Why an object of ``size`` bytes is refused, or None."""
    if size == 0:
        return "the file is empty"
    if size > MAX_BYTES:
        return f"the file has {size:,} bytes; Rekognition takes at most {MAX_BYTES:,} (10 GB)"
    return None


def refusal_of_content(start: bytes) -> str | None:
    """Why a file with these first bytes is refused, or None."""
    kind = _kind(start[:HEAD])
    if kind is None and start[4:8] in BOXES:
        return None
    content = f"the content is {kind} file" if kind else "the content is unknown"
    return f"not an MP4 or MOV: {content}; convert it to H.264 in MP4"


def _kind(start: bytes) -> str | None:
    if start.startswith(MATROSKA):
        return "a WebM" if b"webm" in start else "a Matroska (MKV)"
    return next((name for offset, magic, name in OTHERS if start[offset:].startswith(magic)), None)
