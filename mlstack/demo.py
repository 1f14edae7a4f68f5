"""`mlstack demo`: everything from nothing to nothing on the local AWS, in front of a person."""

import fcntl
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.table import Table

from mlstack.account import of_local
from mlstack.assembly import Assembly
from mlstack.console import grid, out
from mlstack.endpoint import examples
from mlstack.endpoint.shown import table as shown_predictions
from mlstack.endpoint.verdict import Verdict as Prediction
from mlstack.errors import UserError
from mlstack.local import tables
from mlstack.local.aws import LocalAws, require
from mlstack.local.leftovers import Resource
from mlstack.local.synthesis import home, synthesize
from mlstack.project import ROOT, WORK
from mlstack.steps import step
from mlstack.target import Target
from mlstack.training import examples as training
from mlstack.training.runs import SUCCEEDED, Run
from mlstack.training.shown import outcome_table, why
from mlstack.vision import table
from mlstack.vision.analyse import analysed
from mlstack.vision.gallery.command import STATUSES, downloaded, newest, write
from mlstack.vision.gallery.page import page
from mlstack.vision.review.acting import acted_on
from mlstack.vision.review.reviews import Review, Reviews
from mlstack.vision.uploads import ANALYSED, REFUSED, Verdict, VisionStage

PHOTOS = ROOT / "examples" / "photos"
HOSTILE = "really a webp"
FLAGGED = "moderation-example"
"""Who plays Rekognition here finds content that may offend where the name says so, and only there."""
PATIENCE_S = 120.0


@click.command(short_help="Deploy, analyse, destroy and count, all on this machine")
@click.option("--profile", default="sandbox", show_default=True, help="A profile of config/, or a .toml file.")
def demo(profile: str) -> None:
    """Deploy to an AWS on this machine, analyse photos, train a model, ask endpoints, destroy, count what is left.

    The real CDK CLI deploys; AWS's services are played by moto, with the project's own functions and containers
    running in them. Needs no AWS account, costs nothing, and ends with 0 only when everything worked and nothing is
    left.

    Example: mlstack demo
    """
    folder = WORK / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = "another demo runs in this folder; wait for its end"
            raise UserError(message) from error
        _run(folder, profile)


def _run(folder: Path, profile: str) -> None:
    started = time.monotonic()
    photos = [*sorted(path for path in PHOTOS.iterdir() if path.suffix in {".jpg", ".png"}), _flagged(folder)]
    with step("Synthesize the stacks (cdk synth)") as tell:
        assembly = synthesize(folder, profile, tell)
    stage = stage_of(assembly)
    region, account = home(assembly)
    with step("Start the local AWS"):
        if (abandoned := LocalAws.find(folder)) is not None:
            abandoned.stop()  # a demo before this one was cut off
        running = LocalAws.start(folder, region=region, account=account)
    with running as aws:
        verdicts = _deploy_and_analyse(aws, assembly, stage, photos)
        run = _train(aws, assembly, stage)
        said = _predict(aws, assembly, stage)
        _show_running(aws)
        kept = aws.retained()
        with step("Destroy every stack (cdk destroy --all)") as tell:
            aws.destroy(tell)
        found = _named(one for one in aws.leftovers().resources if one not in kept)
    out.print()
    if kept:
        out.print(f"Kept on purpose, because the profile is durable: {', '.join(_named(sorted(kept)))}.", markup=False)
    out.print(f"Left of the stage after the destroy: {', '.join(found) or '[green]nothing[/]'}.")
    out.print("The CDK's own bootstrap stack stays in a real account; here it ended with the local AWS.", style="dim")
    out.print(f"The whole demo took {time.monotonic() - started:.0f} s.")
    judge(verdicts, said, found, run)


def _named(resources: Iterable[Resource]) -> list[str]:
    return [f"{one.kind} {one.name}" for one in resources]


def _train(aws: LocalAws, assembly: Assembly, stage: str) -> Run | None:
    """A model from drawings to an endpoint, where the stage trains."""
    if not _has(assembly, "Training"):
        return None
    with step("Train a model on drawings, evaluate, register and deploy it (mlstack train)") as tell:
        run = training.trained(Target(of_local(aws), stage), tell)
    if run.output is not None:
        out.print(outcome_table(run.output, "Trained by the project's own training container"))
    return run


def _has(assembly: Assembly, name: str) -> bool:
    return any(stack.name.endswith(f"-{name}") for stack in assembly.stacks)


def _predict(aws: LocalAws, assembly: Assembly, stage: str) -> dict[str, list[Prediction]]:
    """What the stage's endpoints say of drawings, where it has endpoints."""
    if not _has(assembly, "Endpoints") and not _has(assembly, "Training"):
        return {}
    with step("Ask the endpoints about drawings of waste (mlstack predict)"):
        drawings = [shown(path) for path in sorted(examples.WASTE.glob("*.jpg"))]
        said = examples.asked(Target(of_local(aws), stage), drawings)
    for name, predictions in said.items():
        out.print(shown_predictions(predictions, f"Endpoint {name}, by the project's own inference server", 1))
    return said


def _deploy_and_analyse(aws: LocalAws, assembly: Assembly, stage: str, photos: Sequence[Path]) -> list[Verdict]:
    with step("Bootstrap the account (cdk bootstrap)") as tell:
        aws.bootstrap(tell)
    with step(f"Deploy {len(assembly.stacks)} stacks (cdk deploy --all)") as tell:
        aws.deploy(tell)
    require(aws.gaps())
    with step(f"Upload {len(photos)} photos and wait for what is found in them"):
        target = Target(of_local(aws), stage)
        vision = VisionStage.find(target)
        verdicts = analysed(vision, photos, vision.prefix(), patience_s=PATIENCE_S)
    flagged = _acted(target, vision, verdicts)
    album = aws.folder / "gallery.html"
    with step("Write a page of them (mlstack vision gallery)"):
        tiles = downloaded(vision.results, list(newest(vision.results, STATUSES)))
        made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        write(album, page(tiles, title="The demo's photographs", made=made, note=table.CANNED))
    out.print()
    out.print(_deployed(assembly, aws.stacks()))
    out.print(table.table(verdicts, f"Photos of stage {stage}"))
    out.print(table.CANNED, style="bold")
    for review in flagged:
        place = "moved into quarantine" if review.quarantined else "tagged"
        out.print(f"Moderation flagged {review.key.rpartition('/')[2]}: it is {place}.", markup=False)
    out.print(f"A page of them with their boxes, which stays: {shown(album)}", markup=False)
    return verdicts


def _acted(target: Target, vision: VisionStage, verdicts: Sequence[Verdict]) -> list[Review]:
    """What moderation did about the flagged photo, where the profile lets it do something."""
    if "ReviewStateMachineArn" not in target.outputs("Vision"):
        return []
    with step("Wait for what moderation does about the flagged one"):
        uris = [verdict.uri for verdict in verdicts if FLAGGED in verdict.photo.name]
        waited = [acted_on(Reviews(vision.results), uri, patience_s=PATIENCE_S) for uri in uris]
    return [review for review in waited if review]


def _flagged(folder: Path) -> Path:
    """A photo that moderation flags here."""
    copy = folder / f"rocket ({FLAGGED}).jpg"
    copy.write_bytes((PHOTOS / "rocket 100% go.jpg").read_bytes())
    return copy


def shown(path: Path) -> Path:
    """The path as short as it can be said from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def stage_of(assembly: Assembly) -> str:
    """The stage's name, which stands in every stack's tags."""
    names = {stack.tags["stage"] for stack in assembly.stacks if stack.name.endswith("-Vision")}
    if not names:
        message = "the profile leaves vision out, and the demo analyses photos; set vision.enabled = true"
        raise UserError(message)
    return names.pop()


def _deployed(assembly: Assembly, statuses: dict[str, str]) -> Table:
    rows = grid("Deployed stacks")
    for column in ("stack", "layer", "status"):
        rows.add_column(column)
    rows.add_column("resources", justify="right")
    for stack in assembly.stacks:
        rows.add_row(stack.name, stack.tags["layer"], statuses.get(stack.name, "missing"), str(len(stack.resources)))
    return rows


def _show_running(aws: LocalAws) -> None:
    facts = aws.report()
    out.print(tables.functions(facts))
    messages = sum(queue["received"] for queue in facts["queues"].values())
    out.print(f"{messages} messages were taken from the queue.")


def judge(
    verdicts: Sequence[Verdict],
    said: Mapping[str, Sequence[Prediction]],
    left: Sequence[str],
    run: Run | None = None,
) -> None:
    """End with 1 where the demo did not do what it is for."""
    wrong = [
        f"{verdict.photo.name} is {verdict.status}: {table.summary(verdict)}"
        for verdict in verdicts
        if verdict.status != (REFUSED if HOSTILE in verdict.photo.name else ANALYSED)
    ]
    unfinished = [f"the training ended with {run.status}: {why(run)}"] if run and run.status != SUCCEEDED else []
    problems = [*wrong, *unfinished, *examples.wrong(said), *(f"{name} is left" for name in left)]
    for problem in problems:
        out.print(f"[red]✗[/] {problem}")
    if problems:
        sys.exit(1)
    out.print("[green]✓ Every photo got its verdict, and nothing is left.[/]")
