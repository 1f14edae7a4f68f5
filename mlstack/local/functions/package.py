"""A deployed zip on disk, and the libraries that Lambda's Python runtime has beside it."""

import importlib.util
import io
import shutil
import stat
import zipfile
from pathlib import Path
from tempfile import mkdtemp

GIVEN = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
"""What can be imported on Lambda without being in the zip; nothing else of the project's environment can."""


def unpack(code: bytes, digest: str, folder: Path) -> Path:
    """The folder with the zip's files, made once per content."""
    target = folder / digest
    if not target.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = Path(mkdtemp(dir=folder))
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            for member in archive.infolist():
                made = Path(archive.extract(member, fresh))
                mode = stat.S_IMODE(member.external_attr >> 16)
                if mode and not member.is_dir():
                    made.chmod(mode | stat.S_IRUSR)
        fresh.chmod(0o755)
        try:
            fresh.rename(target)
        except OSError:  # another thread was faster
            shutil.rmtree(fresh)
    return target


def given(folder: Path) -> Path:
    """A folder with links to the libraries that Lambda gives every Python function."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in GIVEN:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            origin = Path(spec.origin)
            _link(folder, origin.parent if origin.name == "__init__.py" else origin)
    return folder


def node_modules(folder: Path, source: Path) -> None:
    """Let Node find the AWS SDK from any folder under ``folder``, as Lambda's Node runtime does."""
    folder.mkdir(parents=True, exist_ok=True)
    _link(folder, source)


def _link(folder: Path, source: Path) -> None:
    link = folder / source.name
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(source)
