"""What a person orders of `mlstack run training`: looked at as a whole before anything is sent."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click
from botocore.exceptions import ClientError

from mlstack.ecs.training.settings import SPOT
from mlstack.ecs.training.workflow import Workflow
from mlstack.ecs.trouble import code
from mlstack.errors import UserError
from mlstack.text import printable
from mlstack.training.dataset.channels import TRAIN, Gathered
from mlstack.training.plan import refusal
from mlstack.vision.backfill.objects import Place
from training_request import hyperparameters

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

MODEL = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""Its run is named after it, and the task takes no name that begins with a hyphen."""
LONGEST_NAME = 60
"""Of a hyperparameter as it is repeated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One training."""

    model: str
    data: str
    validation: str | None = None
    test: str | None = None
    pretrained: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> dict[str, str]:
        """Where the data of each channel come from."""
        said = {TRAIN: self.data, "validation": self.validation, "test": self.test, "pretrained": self.pretrained}
        return {channel: source for channel, source in said.items() if source is not None}


def model(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    """A model's name; raise BadParameter for what can be none."""
    if not MODEL.fullmatch(name):
        message = f"{printable(name)!r} is no name of a model; write 1 to 40 of a-z, 0-9 and -, the first no hyphen"
        raise click.BadParameter(message)
    return name


def check(said: Mapping[str, str], channels: Collection[str]) -> None:
    """Raise UserError where the training image would refuse a hyperparameter, after its machine has started."""
    problems = list(_problems(said, channels))
    if problems:
        raise refusal(problems)


def _problems(said: Mapping[str, str], channels: Collection[str]) -> Iterator[str]:
    for name, text in said.items():
        reason = hyperparameters.fault(name, text) or hyperparameters.network_fault(name, text, channels)
        if reason:
            yield f"--set {printable(name)[:LONGEST_NAME]}: {reason}"
    if reason := hyperparameters.size_fault(said):
        yield f"--set image_size: {reason}"


def closed(found: Gathered) -> Gathered:
    """The same with every prefix ended by a slash: without it, that of others would be read too."""
    there = {channel: uri if uri.endswith("/") else f"{uri}/" for channel, uri in found.there.items()}
    return Gathered(there=there, here=found.here)


def look(workflow: Workflow, found: Gathered) -> None:
    """Raise UserError where the task may not read, or would find nothing: a machine would start only to say so."""
    s3: S3Client = workflow.client("s3")
    allowed = {workflow.settings.datasets, workflow.settings.models}
    for channel, uri in found.there.items():
        place, shown = Place.of(uri), printable(uri)
        if place.bucket not in allowed:
            message = (
                f"{channel}: the training's task reads no other buckets than {' and '.join(sorted(allowed))}; "
                f"copy {shown} into one of them, or name a folder"
            )
            raise UserError(message)
        try:
            listed = s3.list_objects_v2(Bucket=place.bucket, Prefix=place.path, MaxKeys=1)
        except ClientError as error:
            if code(error) not in {"NoSuchBucket", "InvalidBucketName"}:
                raise
            message = f"{channel}: there is no bucket {printable(place.bucket)}; name one that is there, or a folder"
            raise UserError(message) from error
        if not listed.get("Contents"):
            message = f"{channel}: nothing lies under {shown}; name a prefix with files, or a folder"
            raise UserError(message)


def market(workflow: Workflow, said: str | None) -> str:
    """Where it is bought; raise UserError for a market that the stage's workflow does not have."""
    own = workflow.settings.market
    if said == SPOT and own != SPOT:
        message = (
            f"the training of {workflow.target.shown} is bought on demand alone; "
            'write market = "spot" into [ecs.training] of its profile and deploy it'
        )
        raise UserError(message)
    return said or own
