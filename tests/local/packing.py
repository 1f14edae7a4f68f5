"""Code as a zip, as it is deployed."""

import io
import zipfile


def zipped(files: dict[str, str]) -> bytes:
    """A zip with these texts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()
