"""The channels of a training: what lies in S3 as it is, and what lies here sent there."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rich import progress as bars
from rich.markup import escape

from mlstack.console import err
from mlstack.errors import UserError
from mlstack.text import counted, printable
from mlstack.training.dataset import labels
from mlstack.training.dataset.folder import File, Folder
from mlstack.training.dataset.upload import missing, upload
from mlstack.vision.backfill.objects import SCHEME, Place
from shared.batch_input import LARGEST_PICTURE_MB

PREFIX = "datasets/"
TRAIN = labels.TRAIN
INSIDE = (TRAIN, labels.VALIDATION, "test", "pretrained")
"""The folders that become channels where one of them is train/."""
WITHOUT_PICTURES = "pretrained"
NAME_LETTERS = 40
Tell = Callable[[str], None]


class Shelf(Protocol):
    """A stage that keeps what its models are trained on."""

    @property
    def datasets_bucket(self) -> str:
        """Where."""
        ...

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        """The client of a service by its boto3 name."""
        ...


@dataclass(frozen=True, slots=True)
class Local:
    """A folder of this machine that becomes a channel."""

    channel: str
    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """The channels of a training, looked at, before anything is sent."""

    there: Mapping[str, str]
    """What lies in S3, by its channel."""
    here: Mapping[str, Folder]
    """What lies on this machine."""

    @property
    def names(self) -> list[str]:
        """All channels."""
        return [*self.there, *self.here]

    def sent(self, stage: Shelf, tell: Tell) -> dict[str, str]:
        """The prefix of each channel, after everything local is in the stage's bucket."""
        return {**self.there, **{name: sent(stage, found, name, tell) for name, found in self.here.items()}}


def channels(stage: Shelf, sources: Mapping[str, str], *, own: bool, tell: Tell) -> dict[str, str]:
    """The prefix of each channel, after everything local is there.

    Args:
        stage: where to.
        sources: folders or S3 URIs, by the channels that a person names them for.
        own: whether the project's own algorithm is trained, on folders of pictures.
        tell: takes what a person should know.

    Raises:
        UserError: where a source is neither, or holds nothing of use.
    """
    return gathered(sources, own=own, tell=tell).sent(stage, tell)


def gathered(sources: Mapping[str, str], *, own: bool, tell: Tell) -> Gathered:
    """Look at all sources, as ``channels`` does, and send nothing; raise UserError as it does."""
    there: dict[str, str] = {}
    folders: list[Local] = []
    for channel, source in sources.items():
        if source.startswith(SCHEME):
            there[channel] = Place.of(source).uri
        else:
            folders += _inside(channel, folder(source), sources, tell)
    found = Gathered(there=there, here={one.channel: _look(one, own=own, tell=tell) for one in folders})
    if own:
        labels.check(found.here, has_validation=labels.VALIDATION in found.names)
    return found


def batch(stage: Shelf, source: str, *, pictures: bool, tell: Tell) -> str:
    """The prefix of what a model is to predict for; raise UserError as ``channels`` does.

    A picture that no request can hold would fail the whole batch, so it stays here.
    """
    if source.startswith(SCHEME):
        return Place.of(source).uri
    path = folder(source)
    with err.status(escape(f"Reading {printable(str(path))}")):
        found = Folder.look(path, pictures=pictures, largest=LARGEST_PICTURE_MB * 1024**2 if pictures else None)
    _tell_left_out(found, "batch", tell)
    return sent(stage, found, "batch", tell)


def folder(source: str) -> Path:
    """A folder of this machine by its name; raise UserError where it is none."""
    path = Path(source).expanduser()
    if not path.is_dir():
        what = "is no folder" if path.exists() else "is not there"
        message = f"{printable(source)} {what}; name a folder, or s3://BUCKET/PREFIX/"
        raise UserError(message)
    return path.resolve()


def sent(stage: Shelf, there: Folder, channel: str, tell: Tell) -> str:
    """Send a folder where its content has not been sent before, and say where it lies."""
    s3 = stage.client("s3")
    prefix = f"{PREFIX}{_name(there.path)}-{there.digest[:12]}/{channel}/"
    wanted = missing(s3, stage.datasets_bucket, prefix, there.files)
    uri = f"{SCHEME}{stage.datasets_bucket}/{prefix}"
    if wanted:
        with _progress(channel, wanted) as told:
            upload(s3, stage.datasets_bucket, prefix, wanted, told)
    were = len(there.files) - len(wanted)
    before = f", {were:,} of them there already" if were else ""
    tell(f"{channel}: {there.shown}{before}: {uri}")
    return uri


def _inside(channel: str, path: Path, sources: Mapping[str, str], tell: Tell) -> list[Local]:
    """The channels that a folder comes to; raise UserError where it could mean two things."""
    if channel != TRAIN:
        return [Local(channel, path)]
    there = [name for name in INSIDE if (path / name).is_dir() and not (path / name).is_symlink()]
    if TRAIN not in there:
        if there:
            message = f"{printable(str(path))} has {there[0]}/ and no {TRAIN}/; call one of its folders {TRAIN}"
            raise UserError(message)
        return [Local(channel, path)]
    twice = [name for name in there if name != TRAIN and name in sources]
    if twice:
        message = f"{printable(str(path))} has {twice[0]}/, and --{twice[0]} is said too; leave one of them out"
        raise UserError(message)
    beside = sorted(one.name for one in path.iterdir() if one.name not in there and not one.name.startswith("."))
    if beside:
        names = printable(", ".join(beside[:3]))
        tell(f"left out beside {TRAIN}/: {names}{' and others' if len(beside) > 3 else ''}")  # noqa: PLR2004 - as above
    return [Local(name, path / name) for name in there]


def _look(one: Local, *, own: bool, tell: Tell) -> Folder:
    pictures = own and one.channel != WITHOUT_PICTURES
    with err.status(escape(f"Reading {printable(str(one.path))}")):
        found = Folder.look(one.path, pictures=pictures, labels=pictures)
    if pictures and one.channel == TRAIN:
        labels.apart(found)
        if warning := labels.warning(found):
            tell(warning)
    _tell_left_out(found, one.channel, tell)
    return found


def _tell_left_out(found: Folder, channel: str, tell: Tell) -> None:
    if found.told:
        tell(f"{channel}: {found.told}")


def _name(path: Path) -> str:
    """A folder's name as a part of a key: the channel's own says less than the name above it."""
    name = path.parent.name if path.name in INSIDE and path.parent.name else path.name
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:NAME_LETTERS].strip("-.") or "data"


@contextmanager
def _progress(channel: str, files: list[File]) -> Iterator[Callable[[File], None]]:
    """A bar in a terminal; one line before, where there is none."""
    size = sum(file.size for file in files)
    if not err.is_terminal:
        err.print(f"{channel}: sending {counted(len(files), 'file')}, {size / 1024**2:,.1f} MB", markup=False)
    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.DownloadColumn(),
        bars.TransferSpeedColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as bar:
        task = bar.add_task(f"Sending {channel}", total=size)
        yield lambda file: bar.advance(task, file.size)
