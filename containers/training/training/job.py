"""What SageMaker tells a training job: its hyperparameters, its channels and its hosts."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from training.folders import Folders
from training.problem import ProblemError

CHANNELS = ("train", "validation", "test", "pretrained")
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
Document = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One training job as this host sees it."""

    name: str
    folders: Folders
    hyperparameters: Mapping[str, str]
    channels: Mapping[str, Path]
    hosts: Sequence[str]
    host: str
    interface: str | None
    """The network interface that the hosts reach each other by."""
    instance_type: str
    """Empty where nobody says it."""

    @property
    def checkpoints(self) -> Path:
        """Apart for each job, as the jobs of a tuning share one place in S3."""
        return self.folders.checkpoints / self.name

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the files and variables; raise ProblemError."""
        folders = Folders.read(environment)
        name = environment.get("TRAINING_JOB_NAME") or "local"
        if not NAME.fullmatch(name):
            message = f"TRAINING_JOB_NAME: {name!r:.80} is no name of a training job"
            raise ProblemError(message)
        resources = _document(folders.config / "resourceconfig.json")
        hosts = _hosts(environment, resources)
        host = environment.get("SM_CURRENT_HOST") or str(resources.get("current_host") or hosts[0])
        if host not in hosts:
            message = f"resourceconfig.json: current_host {host!r:.80} is not one of the hosts"
            raise ProblemError(message)
        interface = resources.get("network_interface_name")
        return cls(
            name=name,
            folders=folders,
            hyperparameters=_hyperparameters(environment, folders),
            channels=_channels(environment, folders),
            hosts=hosts,
            host=host,
            interface=interface if isinstance(interface, str) else None,
            instance_type=str(resources.get("current_instance_type") or ""),
        )


def _hyperparameters(environment: Mapping[str, str], folders: Folders) -> Mapping[str, str]:
    found = (
        _object("SM_HPS", environment["SM_HPS"])
        if environment.get("SM_HPS")
        else _document(folders.config / "hyperparameters.json")
    )
    # AWS sends texts; SM_HPS and people's own files may have bare numbers.
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}


def _channels(environment: Mapping[str, str], folders: Folders) -> Mapping[str, Path]:
    told = _document(folders.config / "inputdataconfig.json")
    lying = {folder.name for folder in folders.data.iterdir() if folder.is_dir()} if folders.data.is_dir() else set()
    named = {name for name in CHANNELS if environment.get(_variable(name))}
    if unknown := sorted(set(told) - set(CHANNELS)):
        message = f"channel {unknown[0]!r:.60}: there is none of this name; there are {', '.join(CHANNELS)}"
        raise ProblemError(message)
    for name, described in told.items():
        _check_channel(name, described)
    there = set(told) | named | (lying & set(CHANNELS) if not told else set())
    if "train" not in there:
        message = "channel train: it is missing; give it a prefix in S3 with a folder of pictures for each label"
        raise ProblemError(message)
    return {name: Path(environment.get(_variable(name)) or folders.data / name) for name in CHANNELS if name in there}


def _check_channel(name: str, described: object) -> None:
    if not isinstance(described, dict):
        message = f"inputdataconfig.json: channel {name} is not described by a JSON object"
        raise ProblemError(message)
    if described.get("TrainingInputMode", "File") == "Pipe":
        message = f"channel {name}: its input mode is Pipe; pictures need File or FastFile"
        raise ProblemError(message)
    if described.get("S3DistributionType", "FullyReplicated") == "ShardedByS3Key":
        message = (
            f"channel {name}: it is ShardedByS3Key; use FullyReplicated, the processes share the pictures themselves"
        )
        raise ProblemError(message)


def _hosts(environment: Mapping[str, str], resources: Document) -> Sequence[str]:
    hosts: object = resources.get("hosts") or ["localhost"]
    if environment.get("SM_HOSTS"):
        hosts = _value("SM_HOSTS", environment["SM_HOSTS"])
    if not isinstance(hosts, list) or not hosts or not all(isinstance(host, str) for host in hosts):
        message = "resourceconfig.json: hosts must be a list of names"
        raise ProblemError(message)
    return sorted(hosts)


def _variable(channel: str) -> str:
    return f"SM_CHANNEL_{channel.upper()}"


def _document(path: Path) -> Document:
    """A JSON object; an empty one where there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path.name}: cannot be read: {error}"
        raise ProblemError(message) from error
    return _object(path.name, text)


def _object(name: str, text: str) -> Document:
    value = _value(name, text)
    if not isinstance(value, dict):
        message = f"{name}: not a JSON object"
        raise ProblemError(message)
    return value


def _value(name: str, text: str) -> object:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{name}: cannot be read as JSON"
        raise ProblemError(message) from error
    return value
