"""What a build may see of its source: everything that .dockerignore does not keep away, copied as COPY does."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mlstack.local.container.dockerfile import DockerfileError

WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Context:
    """A folder, and the patterns of what is left out of it."""

    folder: Path
    ignored: list[tuple[re.Pattern[str], bool]] = field(default_factory=list)
    """Patterns in their order, and whether each brings back what one before it left out."""

    @classmethod
    def of(cls, folder: Path) -> "Context":
        """The context of a source folder."""
        named = folder / ".dockerignore"
        lines = named.read_text(encoding="utf-8").splitlines() if named.is_file() else []
        said = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        return cls(folder, [(_pattern(line.removeprefix("!")), line.startswith("!")) for line in said])

    def sees(self, path: str) -> bool:
        """Whether a file of the folder can be copied."""
        seen = True
        for pattern, back in self.ignored:
            if pattern.fullmatch(path):
                seen = back
        return seen

    def copy(self, source: str, target: Path, *, into: bool) -> None:
        """Copy a file, or a folder's content, or all that a pattern finds; raise DockerfileError for nothing."""
        plain = _plain(source)
        copied = False
        for found in self._found(plain):
            if found.is_dir():
                copied |= self._copy_folder(found, target)
            elif self.sees(found.relative_to(self.folder).as_posix()):
                place = target / found.name if into or WILD.search(plain) else target
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, place)
                copied = True
        if not copied and plain != ".":
            message = f'COPY: "{source}" is not in the source, or kept out by .dockerignore'
            raise DockerfileError(message)

    def _found(self, plain: str) -> Iterator[Path]:
        if WILD.search(plain):
            yield from sorted(self.folder.glob(plain))
        elif (self.folder / plain).exists():
            yield self.folder / plain

    def _copy_folder(self, folder: Path, target: Path) -> bool:
        copied = False
        for found in sorted(folder.rglob("*")):
            if found.is_file() and self.sees(found.relative_to(self.folder).as_posix()):
                place = target / found.relative_to(folder)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, place)
                copied = True
        return copied


def _plain(source: str) -> str:
    """A source relative to the context, which it cannot leave."""
    parts = PurePosixPath(source.lstrip("/")).parts
    if ".." in parts:
        message = f'COPY: "{source}" is outside the source'
        raise DockerfileError(message)
    return str(PurePosixPath(*parts)) if parts else "."


def _pattern(line: str) -> re.Pattern[str]:
    """A pattern of .dockerignore: it means a file or everything below a folder, from the source's root."""
    text = ""
    for piece in re.split(r"(\*\*/?|\*|\?)", line.strip("/")):
        text += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(piece, re.escape(piece))
    return re.compile(f"{text}(?:/.*)?")
