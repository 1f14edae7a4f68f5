"""`mlstack models`: what is registered, what runs, and what a person decides about it."""

import click
from click.core import ParameterSource

from mlstack import target as targets
from mlstack.console import err, out
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.training.job import best_of
from mlstack.training.launch import write
from mlstack.training.models import shown
from mlstack.training.models.executions import follow_run, list_runs, stop
from mlstack.training.models.registry import Registry, Version
from mlstack.training.models.report import Report
from mlstack.training.models.serving import serving
from mlstack.training.shown import APPROVED, REJECTED
from mlstack.training.stage import Stage
from mlstack.training.words import Version as Wanted
from mlstack.training.words import VersionType

SHOWN = 20
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
model_argument = click.argument("model", metavar="MODEL")
version_argument = click.argument("version", metavar="VERSION", type=VersionType())
because_option = click.option("--because", metavar="TEXT", help="Why, for whoever asks later.")


@click.group(short_help="Models: versions, approvals, and training runs")
def models() -> None:
    """See, approve and delete the versions of the stage's models; follow and stop the runs that make them.

    Example: mlstack models list
    """


@models.command("list", short_help="List the versions of the models, newest first")
@click.argument("model", metavar="[MODEL]", required=False)
@as_json_option
@targets.options
def list_versions(model: str | None, target: Target, *, as_json: bool) -> None:
    """List the latest versions of a model, or of all, newest first.

    Example: mlstack models list waste-sorter
    """
    stage = Stage.find(target)
    registry = Registry.of(stage)
    names = stage.models if model is None else (stage.model(model),)
    found = [version for name in names for version in registry.versions(name, most=SHOWN)]
    if as_json:
        write([shown.machine(one) for one in found])
    elif found:
        out.print(shown.versions(found, f"Models of {target.shown}"))
    else:
        first = names[0] if names else "MODEL"
        err.print(
            f"no version is registered yet; `{target.command(f'train {first} --data FOLDER')}` makes one", markup=False
        )


@models.command(short_help="Show a version: how it was trained, what it is worth")
@model_argument
@version_argument
@as_json_option
@targets.options
def show(model: str, version: Wanted, target: Target, *, as_json: bool) -> None:
    """Show a version of MODEL with its evaluation: the metrics, each label, and what each was taken for.

    VERSION is a number, latest, or latest-approved.

    Example: mlstack models show waste-sorter latest
    """
    stage = Stage.find(target)
    found = Registry.of(stage).find(model, version)
    report, fault = None, ""
    try:
        report = Report.fetch(stage.client("s3"), found.report) if found.report else None
    except UserError as error:  # what is known of the version is worth showing without it
        fault = str(error)
    if as_json:
        write(shown.machine(found, report))
    else:
        best = best_of(stage, found.metadata)
        out.print(shown.details(found, f"{found.model} {found.number}, {target.shown}", best))
        if report:
            for table in (shown.metrics(report), shown.scores(report), shown.confusion(report)):
                out.print(table)
    if fault:
        err.print(fault, markup=False)


@models.command(short_help="Allow a version to be deployed")
@model_argument
@version_argument
@because_option
@targets.options
def approve(model: str, version: Wanted, because: str | None, target: Target) -> None:
    """Allow a version of MODEL to be deployed.

    Example: mlstack models approve waste-sorter 3 --because "better on cardboard"
    """
    found = _decided(target, model, version, APPROVED, because)
    command = target.command(f"deploy {found.model} {found.number}")
    err.print(f"{found.model} {found.number} is approved; `{command}` serves it", markup=False)


@models.command(short_help="Forbid a version to be deployed")
@model_argument
@version_argument
@because_option
@targets.options
def reject(model: str, version: Wanted, because: str | None, target: Target) -> None:
    """Forbid a version of MODEL to be deployed; an endpoint that serves it goes on.

    Example: mlstack models reject waste-sorter 3 --because "takes glass for paper"
    """
    found = _decided(target, model, version, REJECTED, because)
    names = serving(Stage.find(target), found)
    err.print(f"{found.model} {found.number} is rejected", markup=False)
    if names:
        err.print(f"it is served all the same by {', '.join(names)}; deploy another version there", markup=False)


@models.command(short_help="Show what deleting a version means, and do it")
@model_argument
@version_argument
@click.option("--execute", is_flag=True, help="Delete it; wants --stage said.")
@targets.options
def delete(model: str, version: Wanted, target: Target, *, execute: bool) -> None:
    """Show what deleting a version of MODEL takes away, and with --execute delete it for good.

    Example: mlstack models delete waste-sorter 3 --stage sandbox --execute
    """
    said = click.get_current_context().get_parameter_source("stage")
    if execute and said is not ParameterSource.COMMANDLINE:
        message = f"--execute wants the stage said: --stage {target.stage}"
        raise click.UsageError(message)
    stage = Stage.find(target)
    registry = Registry.of(stage)
    found = registry.find(model, version)
    out.print(shown.details(found, f"To delete: {found.model} {found.number}, {target.shown}"))
    names = serving(stage, found)
    if names:
        message = (
            f"{found.model} {found.number} is served by {', '.join(names)}, so it is not deleted; "
            "deploy another version there first"
        )
        raise UserError(message)
    err.print("its files in S3 stay until the bucket's rules, or the destroy of the stage, delete them", markup=False)
    if not execute:
        again = target.command(f"models delete {found.model} {found.number} --execute")
        again += "" if "--stage" in again else f" --stage {target.stage}"
        err.print(f"nothing was deleted; `{again}` deletes it, for good", markup=False)
        return
    registry.delete(found)
    err.print(f"deleted {found.model} {found.number}", markup=False)


def _decided(target: Target, model: str, version: Wanted, approval: str, because: str | None) -> Version:
    """Write a decision down."""
    registry = Registry.of(Stage.find(target))
    found = registry.find(model, version)
    registry.decide(found, approval, because)
    return found


for command in (list_runs, follow_run, stop):
    models.add_command(command)
