"""What a person orders of `mlstack train` and `mlstack tune`, as the options that both share."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from mlstack.errors import UserError
from mlstack.text import printable
from mlstack.training import words
from mlstack.training.stage import Json

OWN = "own"
APPROVE = ("automatic", "manual")
ANYWHERE = {"model", "file", "stage", "where", "region", "plan_only", "no_follow", "as_json"}
"""What may be said beside --request."""
LARGEST_REQUEST = 200_000
"""In bytes; an execution takes 256 KiB, with what AWS puts around."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One training, before anything is looked at; None and nothing where the workflow decides."""

    model: str
    file: Path | None = None
    """A whole request instead of all below."""
    data: str | None = None
    validation: str | None = None
    test: str | None = None
    pretrained: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    algorithm: str = OWN
    instance: str | None = None
    instances: int | None = None
    on_demand: bool = False
    max_minutes: int | None = None
    gate: Json | None = None
    compile_for: str | None = None
    approve: str = "manual"
    deploy: str | None = None
    """The endpoint's name; empty for that of the model."""

    @property
    def sources(self) -> dict[str, str]:
        """Where the data of each channel comes from; raise UsageError where there is none."""
        if self.data is None:
            message = "Missing option '--data': a folder, or s3://BUCKET/PREFIX/"
            raise click.UsageError(message)
        said = {"train": self.data, "validation": self.validation, "test": self.test, "pretrained": self.pretrained}
        return {channel: source for channel, source in said.items() if source is not None}

    def training(self, channels: Mapping[str, str]) -> dict[str, Any]:
        """The part of a request that says how to train."""
        told: dict[str, Any] = {
            "algorithm": self.algorithm,
            "data": dict(channels),
            "hyperparameters": dict(self.settings),
            "instance_type": self.instance,
            "instances": self.instances,
            "spot": False if self.on_demand else None,
            "max_run_minutes": self.max_minutes,
        }
        return {name: value for name, value in told.items() if value is not None}

    def request(self, **how: Json) -> dict[str, Any]:
        """The whole request, with ``train`` or ``tune`` as it says."""
        told: dict[str, Any] = {
            "model": self.model,
            **how,
            "gate": self.gate,
            "compile": None if self.compile_for is None else {"target": self.compile_for},
            "approval": self.approve,
            "deploy": None if self.deploy is None else {"endpoint": self.deploy or self.model},
        }
        return {name: value for name, value in told.items() if value is not None}


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of an order; it gets them as ``order``."""

    @click.argument("model", metavar="MODEL")
    @click.option("--data", metavar="FOLDER|S3_URI", help="What to train on; train/, validation/, test/ in it count.")
    @click.option("--validation", metavar="FOLDER|S3_URI", help="What to choose the best epoch by.")
    @click.option("--test", metavar="FOLDER|S3_URI", help="What to evaluate the model on, unseen in training.")
    @click.option("--pretrained", metavar="FOLDER|S3_URI", help="A Hugging Face model to start from.")
    @click.option(
        "--set", "settings", multiple=True, metavar="NAME=VALUE", callback=words.settings, help="Such as epochs=12."
    )
    @click.option("--algorithm", default=OWN, show_default=True, help="The project's own, or a built-in: xgboost.")
    @click.option("--instance", metavar="TYPE", help="Such as ml.m5.xlarge.  [default: the workflow's]")
    @click.option("--instances", type=click.IntRange(1), help="How many train together.")
    @click.option("--on-demand", is_flag=True, help="Not on spot capacity: dearer, and never interrupted.")
    @click.option("--max-minutes", type=click.IntRange(1), help="Stop the training after so many.")
    @click.option(
        "--gate",
        metavar="METRIC=VALUE",
        callback=words.gate,
        help="Such as validation:accuracy=0.8; with test data, accuracy=0.8.",
    )
    @click.option("--compile", "compile_for", metavar="TARGET", help="Compile it with Neo, as for jetson_nano.")
    @click.option("--approve", type=click.Choice(APPROVE), default="manual", show_default=True, help="Who approves it.")
    @click.option(
        "--deploy",
        is_flag=False,
        flag_value="",
        metavar="[ENDPOINT]",
        help="Serve it at an endpoint.  [ENDPOINT: MODEL]",
    )
    @click.option(
        "--request",
        "file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Take everything else from this JSON.",
    )
    @wraps(command)
    def ordered(**said: Any) -> None:  # noqa: ANN401 - all options of the command
        names = Order.__dataclass_fields__.keys()
        order = Order(**{name: value for name, value in said.items() if name in names})
        others = {name: value for name, value in said.items() if name not in names}
        if order.file:
            _alone()
        command(**others, order=order)

    return ordered


def _alone() -> None:
    """Raise UsageError where something is said beside --request that it says itself."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        if name not in ANYWHERE and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            message = f"--request says everything, {parameter.opts[0]} too; leave one of them out"
            raise click.UsageError(message)


def read(file: Path, model: str, way: str) -> dict[str, Any]:
    """The request in a file; raise UserError where it is none, or one of another model or kind."""
    name = printable(str(file))
    if file.stat().st_size > LARGEST_REQUEST:
        message = f"{name} has {file.stat().st_size:,} bytes; a request has at most {LARGEST_REQUEST:,}"
        raise UserError(message)
    try:
        told = json.loads(file.read_bytes())
    except (RecursionError, ValueError) as error:
        message = f"{name} is no JSON: {error}"
        raise UserError(message) from error
    if not isinstance(told, dict) or way not in told:
        message = f"{name} is no request with {way!r} in it; docs/training.md shows one"
        raise UserError(message)
    if told.setdefault("model", model) != model:
        message = f"{name} is for model {told['model']!r}, not {model!r}; name the same model in both places"
        raise UserError(message)
    return told
