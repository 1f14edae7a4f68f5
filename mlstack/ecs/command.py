"""`mlstack run` and `mlstack service`: what the command line does with the stage's containers on ECS."""

import click

from mlstack.ecs.service.discard import discard
from mlstack.ecs.service.listing import list_services
from mlstack.ecs.service.predict import predict
from mlstack.ecs.service.redrive import redrive
from mlstack.ecs.service.sleep import sleep
from mlstack.ecs.service.status import status
from mlstack.ecs.training.command import training
from mlstack.ecs.training.executions import follow_run, list_runs, stop_run


@click.group(short_help="Run a training on ECS, and follow it")
def run() -> None:
    """Run a training in a container of the stage's cluster, price first; follow and stop such runs.

    Example: mlstack run training sorter --on ecs --data pictures/
    """


@click.group(short_help="Ask and look after services on ECS")
def service() -> None:
    """Ask the stage's inference services on ECS, which sleep until somebody asks; see how they are and what they cost.

    Example: mlstack service list
    """


for command in (training, list_runs, follow_run, stop_run):
    run.add_command(command)
for command in (list_services, status, predict, redrive, discard, sleep):
    service.add_command(command)
