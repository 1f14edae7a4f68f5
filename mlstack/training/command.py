"""`mlstack train`, `tune`, `compile`, `transform` and `deploy`: price first, then started and followed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from mlstack import target as targets
from mlstack.console import err
from mlstack.target import Target
from mlstack.training import manner as manners
from mlstack.training import order as orders
from mlstack.training import predictions, words
from mlstack.training.dataset.channels import batch, channels
from mlstack.training.launch import launch
from mlstack.training.manner import Manner
from mlstack.training.models.registry import Registry
from mlstack.training.order import OWN, Order
from mlstack.training.stage import Json, Stage
from mlstack.training.words import VersionType

STRATEGIES = ("Bayesian", "Random", "Grid", "Hyperband")
GOALS = ("Maximize", "Minimize")
version_argument = click.argument("version", metavar="VERSION", type=VersionType())


@click.command(short_help="Train a model: price first, then start and follow")
@orders.options
@manners.options
@targets.options
def train(order: Order, manner: Manner, target: Target) -> None:
    """Train MODEL of a deployed stage on pictures in folders named by their labels, and register the result.

    A local folder is sent to the stage's bucket, once for the same content; with train/, validation/ and test/ in it,
    each is for what it says. The plan and its price come before the start. Ends with 1 where the run fails.

    Example: mlstack train waste-sorter --data pictures/ --set epochs=12 --gate validation:accuracy=0.8
    """
    stage = Stage.find(target)
    launch(stage, _request(stage, order, "train", {}), manner, options=order.file is None)


@click.command(short_help="Look for the best settings of a training")
@orders.options
@click.option(
    "--range", "ranges", multiple=True, metavar="NAME=A..B[:log]", callback=words.ranges, help="Try from A to B."
)
@click.option(
    "--choice", "choices", multiple=True, metavar="NAME=A,B", callback=words.choices, help="Try each of them."
)
@click.option("--jobs", type=click.IntRange(1), help="How many trainings at most.  [default: the workflow's]")
@click.option("--parallel", type=click.IntRange(1), help="How many at once.  [default: the workflow's]")
@click.option("--strategy", type=click.Choice(STRATEGIES, case_sensitive=False), help="[default: Bayesian]")
@click.option("--objective", metavar="METRIC", help="What decides, such as validation:accuracy.")
@click.option("--goal", type=click.Choice(GOALS, case_sensitive=False), help="Whether more of it is better.")
@manners.options
@targets.options
def tune(
    order: Order,
    ranges: Mapping[str, Json],
    choices: Mapping[str, Json],
    jobs: int | None,
    parallel: int | None,
    strategy: str | None,
    objective: str | None,
    goal: str | None,
    manner: Manner,
    target: Target,
) -> None:
    """Train MODEL several times with other settings, and register the best.

    Everything that `mlstack train` takes is the same for all.

    Example: mlstack tune waste-sorter --data pictures/ --range learning_rate=0.0001..0.1:log --jobs 6
    """
    stage = Stage.find(target)
    told = {
        "ranges": words.chosen(ranges, choices) or None,
        "max_jobs": jobs,
        "parallel_jobs": parallel,
        "strategy": strategy,
        "objective": objective,
        "goal": goal,
    }
    asked = _request(stage, order, "tune", {name: value for name, value in told.items() if value})
    launch(stage, asked, manner, options=order.file is None)


@click.command("compile", short_help="Compile a version with SageMaker Neo")
@click.argument("model", metavar="MODEL")
@version_argument
@click.option("--target", "compile_for", required=True, metavar="DEVICE", help="Such as jetson_nano or ml_c5.")
@manners.options
@targets.options
def compile_(model: str, version: words.Version, compile_for: str, manner: Manner, target: Target) -> None:
    """Compile a version of MODEL with SageMaker Neo for a kind of device or instance.

    VERSION is a number, latest, or latest-approved.

    Example: mlstack compile waste-sorter latest --target jetson_nano
    """
    stage = Stage.find(target)
    found = Registry.of(stage).find(model, version)
    launch(stage, {"model": found.model, "version": found.number, "compile": {"target": compile_for}}, manner)


@click.command(short_help="Predict for a whole folder or prefix, as a batch")
@click.argument("model", metavar="MODEL")
@version_argument
@click.option("--data", required=True, metavar="FOLDER|S3_URI", help="What to predict for.")
@click.option("--to", type=click.Path(path_type=Path), metavar="FOLDER", help="Fetch the predictions into it.")
@click.option("--instance", metavar="TYPE", help="Such as ml.m5.xlarge.  [default: the workflow's]")
@click.option("--instances", type=click.IntRange(1), help="How many work together.")
@click.option("--max-minutes", type=click.IntRange(1), help="Stop after so many.")
@manners.options
@targets.options
def transform(
    model: str,
    version: words.Version,
    data: str,
    to: Path | None,
    instance: str | None,
    instances: int | None,
    max_minutes: int | None,
    manner: Manner,
    target: Target,
) -> None:
    """Have a version of MODEL predict for everything in a folder or under a prefix, without an endpoint.

    VERSION is a number, latest, or latest-approved. The predictions lie in S3, each named as its input with .out. One
    picture that cannot be read fails the run; what was predicted all the same is there, and --to fetches it.

    Example: mlstack transform waste-sorter latest --data new-pictures/ --to predictions/
    """
    if to is not None:
        predictions.folder(to)
        if not manner.follow:
            message = "--to waits for the end, so leave --no-follow out"
            raise click.UsageError(message)
    stage = Stage.find(target)
    found = Registry.of(stage).find(model, version)
    pictures = found.metadata.get("algorithm", OWN) == OWN
    told = {
        "data": batch(stage, data, pictures=pictures, tell=_tell),
        "instance_type": instance,
        "instances": instances,
        "max_run_minutes": max_minutes,
    }
    asked = {name: value for name, value in told.items() if value is not None}
    launch(stage, {"model": found.model, "version": found.number, "transform": asked}, manner, to=to)


@click.command(short_help="Serve a version at an endpoint, new or there already")
@click.argument("model", metavar="MODEL")
@version_argument
@click.option("--endpoint", metavar="NAME", help="Where.  [default: the model's name]")
@click.option("--memory-mb", type=click.IntRange(1024, 6144), help="Of a new endpoint, in steps of 1024.")
@click.option("--max-concurrency", type=click.IntRange(1, 200), help="Requests at once at a new endpoint.")
@manners.options
@targets.options
def deploy(
    model: str,
    version: words.Version,
    endpoint: str | None,
    memory_mb: int | None,
    max_concurrency: int | None,
    manner: Manner,
    target: Target,
) -> None:
    """Serve an approved version of MODEL: at a new endpoint, or in place of what an endpoint serves.

    VERSION is a number, latest, or latest-approved. A new endpoint is serverless, and costs nothing while it is idle.

    Example: mlstack deploy waste-sorter latest-approved
    """
    stage = Stage.find(target)
    found = Registry.of(stage).find(model, version)
    told = {"endpoint": endpoint or found.model, "memory_mb": memory_mb, "max_concurrency": max_concurrency}
    asked = {name: value for name, value in told.items() if value is not None}
    launch(stage, {"model": found.model, "version": found.number, "deploy": asked}, manner)


def _request(stage: Stage, order: Order, way: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """The request of a training, after its data are there."""
    stage.model(order.model)
    if order.file:
        return orders.read(order.file, order.model, way)
    found = channels(stage, order.sources, own=order.algorithm == OWN, tell=_tell)
    return order.request(**{way: {**order.training(found), **more}})


def _tell(line: str) -> None:
    err.print(line, markup=False)
