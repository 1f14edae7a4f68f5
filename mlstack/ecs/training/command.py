"""`mlstack run training`: price first, then started and followed."""

from collections.abc import Mapping

import click

from mlstack import target as targets
from mlstack.ecs.training.launch import Wish, launch
from mlstack.ecs.training.order import Order, model
from mlstack.ecs.training.settings import MARKETS
from mlstack.ecs.training.workflow import Workflow
from mlstack.ecs.trouble import explained
from mlstack.target import Target
from mlstack.training import words
from mlstack.training.manner import Manner

ECS = "ecs"
FOLDER = "FOLDER|S3_URI"


def _place(_context: click.Context, _parameter: click.Parameter, said: str) -> str:
    """Where a training runs; raise BadParameter that names the other command."""
    if said.casefold() == "sagemaker":
        message = "on SageMaker it is `mlstack train MODEL` that trains"
        raise click.BadParameter(message)
    if said.casefold() != ECS:
        message = f"{said!r} is not {ECS!r}"
        raise click.BadParameter(message)
    return ECS


@click.command(short_help="Train a model on ECS: price first, then start and follow")
@click.argument("model", metavar="MODEL", callback=model)
@click.option("--on", "place", default=ECS, show_default=True, metavar="PLACE", callback=_place, help="Where it runs.")
@click.option("--data", required=True, metavar=FOLDER, help="What to train on; train/, validation/, test/ in it count.")
@click.option("--validation", metavar=FOLDER, help="What to choose the best epoch by.")
@click.option("--test", metavar=FOLDER, help="What to evaluate the model on, unseen in training.")
@click.option("--pretrained", metavar=FOLDER, help="A Hugging Face model to start from.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", callback=words.settings, help="Such as epochs=12."
)
@click.option("--market", type=click.Choice(MARKETS), help="How AWS sells the machine.  [default: the stage's]")
@click.option("--plan", "plan_only", is_flag=True, help="Show plan and price; send and start nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--no-follow", is_flag=True, help="Start it, and do not look on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@targets.options
@explained
def training(
    model: str,
    place: str,  # noqa: ARG001 - there is one place so far
    data: str,
    validation: str | None,
    test: str | None,
    pretrained: str | None,
    settings: Mapping[str, str],
    market: str | None,
    target: Target,
    *,
    plan_only: bool,
    yes: bool,
    no_follow: bool,
    as_json: bool,
) -> None:
    """Train MODEL as a task on the stage's cluster, on pictures in folders named by their labels.

    Its machine is there for the run alone. The plan and its price come first; nothing is sent or started before
    somebody agrees. A local folder is sent to the stage's bucket, once for the same content. Ends with 1 where the run
    fails.

    Example: mlstack run training sorter --on ecs --data pictures/ --set epochs=12
    """
    order = Order(model=model, data=data, validation=validation, test=test, pretrained=pretrained, settings=settings)
    manner = Manner(plan_only=plan_only, follow=not no_follow, as_json=as_json)
    launch(Workflow.find(target), Wish(order=order, manner=manner, market=market, yes=yes))
