"""Copies a running training's checkpoints to S3, and brings them back where a task begins again."""

import hashlib
import sys
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Self

from training import checkpoints, copies
from training.checkpoints import LIST
from training.copies import STATE, Files
from training.objects import Objects
from training.place import Place
from training.problem import ProblemError
from training.stop import Stop

LARGEST_LIST = 1024**2


class Courier:
    """The way between a folder of checkpoints and their place in S3."""

    def __init__(self, objects: Objects, folder: Path, place: Place) -> None:
        self._objects, self._folder, self._place = objects, folder, place
        self._sent: dict[str, str] = {}
        """Checkpoints that are whole in S3, with a mark of their content."""
        self._there: dict[str, set[str]] = {}
        """The keys in S3 of each checkpoint, whole or not."""
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="courier")
        self._running: Future[None] | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Finish what is underway."""
        self._hand.shutdown()

    def restore(self, stop: Stop) -> str | None:
        """Bring back the newest whole checkpoint, and the best one that it knows of; its name. Raise ProblemError."""
        groups = copies.grouped(self._place.files(self._objects.listed(self._place)))
        self._there = {name: {one.key for one in files.values()} for name, files in groups.items()}
        for name, files in groups.items():
            listed = self._list(name, files)
            if listed is None:
                sys.stderr.write(f"{name}: left out, as it is not whole\n")
                continue
            self._bring(name, files, listed, stop)
            state = self._folder / name / STATE
            other = copies.best(state.read_bytes()) if state.is_file() else None
            if other and other != name and (listed := self._list(other, groups.get(other, {}))) is not None:
                self._bring(other, groups[other], listed, stop)
            return name
        return None

    def look(self) -> None:
        """Copy what is new, in the background; nothing where that is still being done."""
        if self._running is None or self._running.done():
            self._running = self._hand.submit(self._try)

    def finish(self) -> bool:
        """Copy what is new, and wait for it; whether all is copied."""
        self._settle()
        try:
            self._copy()
        except ProblemError as error:
            sys.stderr.write(f"the last checkpoint is not copied: {error}\n")
            return False
        return True

    def clear(self) -> None:
        """Delete the copies of a training that is done, none of which is underway then; raise ProblemError."""
        self._settle()
        self._objects.delete(self._place, [one.key for one in self._objects.listed(self._place)])

    def _settle(self) -> None:
        """Wait for what is being done in the background."""
        if self._running is not None:
            wait([self._running])

    def _try(self) -> None:
        try:
            self._copy()
        except ProblemError as error:  # the training goes on; the next look tries again
            sys.stderr.write(f"a checkpoint is not copied: {error}\n")

    def _copy(self) -> None:
        lying = [entry.name for entry in self._folder.iterdir()] if self._folder.is_dir() else []
        whole = {path.name: mark for path in checkpoints.whole(self._folder) if (mark := _mark(path))}
        due = copies.due(whole, lying, self._sent, self._there)
        for name in due.send:
            self._send(name, whole[name])
        for name in due.drop:
            self._sent.pop(name, None)
            self._withdraw(name)
            self._objects.delete(self._place, sorted(self._there.pop(name)))

    def _send(self, name: str, mark: str) -> None:
        folder = self._folder / name
        self._sent.pop(name, None)
        self._withdraw(name)
        try:
            files = {path.relative_to(self._folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
            ending = files.pop(f"{name}/{LIST}")
            self._there.setdefault(name, set()).update(self._place.key(one) for one in files)
            self._objects.send(self._place, files)
            if _mark(folder) != mark:
                return  # it was written anew meanwhile; the next look takes it
            self._there[name].add(self._place.key(f"{name}/{LIST}"))
            self._objects.send(self._place, {f"{name}/{LIST}": ending})
        except (FileNotFoundError, KeyError):
            return  # the training has given it up meanwhile; the next look drops what there is of it
        self._sent[name] = mark

    def _withdraw(self, name: str) -> None:
        """Take a copy's list away before anything else of it changes: without it, it is not whole."""
        key = self._place.key(f"{name}/{LIST}")
        if key in self._there.get(name, ()):
            self._objects.delete(self._place, [key])
            self._there[name].discard(key)

    def _list(self, name: str, files: Files) -> bytes | None:
        """The list of a copy that is whole; None of one that is not."""
        if LIST not in files or files[LIST].size > LARGEST_LIST:
            return None
        listed = self._objects.read(self._place, f"{name}/{LIST}")
        return listed if copies.is_whole(files, listed) else None

    def _bring(self, name: str, files: Files, listed: bytes, stop: Stop) -> None:
        folder = self._folder / name
        self._objects.fetch(self._place, {folder / part: found for part, found in files.items() if part != LIST}, stop)
        (folder / LIST).write_bytes(listed)
        self._sent[name] = _digest(listed)


def _mark(checkpoint: Path) -> str:
    """What tells a whole checkpoint from another one; empty where it is gone."""
    try:
        return _digest((checkpoint / LIST).read_bytes())
    except FileNotFoundError:
        return ""


def _digest(listed: bytes) -> str:
    return hashlib.sha256(listed).hexdigest()
