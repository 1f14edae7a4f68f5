"""Code as a zip, as it is deployed."""

import io
import zipfile
from pathlib import Path


def zipped(files: dict[str, str]) -> bytes:
    """A zip with these texts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def zipped_folder(folder: Path) -> bytes:
    """A zip of a folder's files, as the CDK makes one of an asset."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(folder))
    return packed.getvalue()
