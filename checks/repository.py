"""The files of the repository as git sees them: tracked, or new and not ignored."""

import os
import subprocess
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from mlstack.errors import UserError


@dataclass(frozen=True, slots=True)
class Repository:
    """The paths of a working tree, relative to its root, sorted."""

    root: Path
    files: tuple[str, ...]

    @classmethod
    def read(cls, root: Path) -> "Repository":
        """List ``root``; raise UserError where it is no git working tree."""
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        # Inside a git hook these would point at another working tree
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        listing = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        if listing.returncode:
            message = f"{root} is no git working tree, so its files cannot be listed"
            raise UserError(message)
        # A file deleted but not yet staged is still listed
        present = {name for name in listing.stdout.split("\0") if name and (root / name).is_file()}
        return cls(root, tuple(sorted(present)))

    @property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file, itself or further down."""
        return frozenset(str(parent) for name in self.files for parent in PurePosixPath(name).parents)

    def named(self, *patterns: str) -> list[str]:
        """The files whose last part matches one of the shell ``patterns``."""
        return [name for name in self.files if any(fnmatch(PurePosixPath(name).name, each) for each in patterns)]

    def text(self, name: str) -> str:
        """The text of a file, with whatever is not UTF-8 replaced."""
        return (self.root / name).read_text(encoding="utf-8", errors="replace")
