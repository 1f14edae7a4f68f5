"""A tar archive of somebody's, unpacked without leaving its folder."""

import tarfile
from pathlib import Path


def unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Unpack files and folders; raise tarfile.TarError for what leads out of the folder, or is neither."""
    if hasattr(tarfile, "data_filter"):
        archive.extractall(folder, filter="data")
        return
    inside = folder.resolve()  # Python 3.11.0 to 3.11.3 has no filters
    for member in archive.getmembers():
        if not (member.isfile() or member.isdir()) or not (inside / member.name).resolve().is_relative_to(inside):
            message = f"{member.name} is no plain file inside the archive's folder"
            raise tarfile.TarError(message)
    archive.extractall(folder)  # noqa: S202 - each member was looked at
