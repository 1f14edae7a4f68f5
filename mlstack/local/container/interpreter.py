"""Which of the project's Pythons runs an image: the first that has everything its requirements name."""

import re
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from mlstack.local.container.image import Image
from mlstack.project import ROOT

TRAINING = ROOT / ".venv-training"
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
ELSEWHERE = re.compile(r"\b(?:sys_platform|platform_|os_name|implementation|extra)")
"""Markers of requirements that another machine may have and this one not."""
NO_PYTHON = "the local AWS has no Python with {missing} for this image; run `make setup`"


class NoPythonError(Exception):
    """An image whose requirements no environment of the project fulfils."""


def python_of(image: Image, environments: Sequence[Path] = (TRAINING,)) -> str:
    """This process's Python, or that of the first other environment that fits; raise NoPythonError where none does."""
    needed = set(_required(image))
    missing = needed - {_normal(found.name) for found in metadata.distributions()}
    if not missing:
        return sys.executable
    for folder in environments:
        lacking = needed - set(_installed(folder))
        if (folder / "bin" / "python").exists() and not lacking:
            return str(folder / "bin" / "python")
        missing = min(missing, lacking, key=len) if (folder / "bin" / "python").exists() else missing
    raise NoPythonError(NO_PYTHON.format(missing=", ".join(sorted(missing))))


def _required(image: Image) -> Iterator[str]:
    """What the requirements*.txt files in the image's working folder name."""
    for file in sorted((image.root / image.workdir.lstrip("/")).glob("requirements*.txt")):
        text = file.read_text(encoding="utf-8", errors="replace").replace("\\\n", " ")
        for line in text.splitlines():
            said = line.partition("#")[0].strip()
            named = NAME.match(said)
            if named is not None and not ELSEWHERE.search(said.partition(";")[2]):
                yield _normal(named[0])


def _installed(environment: Path) -> Iterator[str]:
    for found in environment.glob("lib/python3*/site-packages/*.dist-info"):
        yield _normal(found.name.removesuffix(".dist-info").rpartition("-")[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
