"""`mlstack faces forget`."""

import json
import sys
import time
from dataclasses import asdict

import click
from click.core import ParameterSource

from mlstack import target as targets
from mlstack.console import err, out
from mlstack.target import Target
from mlstack.text import counted, printable
from mlstack.vision.dead_letters import DeadLetters
from mlstack.vision.faces.collection import person
from mlstack.vision.faces.forgetting import forget as forget_all
from mlstack.vision.faces.traces import Tracer, Traces

SHOWN = 10
LOOKED_AT = 1000
NOT_ALL_FORGOTTEN = 1
BEYOND = "logs keep what they say until they expire, and whoever listened to the stage's events may have kept more"


@click.command(short_help="Show what is kept of a person, and delete it all")
@click.argument("name", metavar="PERSON", callback=person)
@click.option("--execute", is_flag=True, help="Delete it all; wants --stage said.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@targets.options
def forget(name: str, *, execute: bool, as_json: bool, target: Target) -> None:
    """Show what a stage keeps of a person, and with --execute delete it for good.

    That is: the faces, the enrolment photos in all their versions, what was found of the person anywhere, and
    Rekognition's answers behind it. Photos by others stay; only the person's name goes from their results.

    Example: mlstack faces forget alice --stage sandbox --execute
    """
    said = click.get_current_context().get_parameter_source("stage")
    if execute and said is not ParameterSource.COMMANDLINE:
        message = f"--execute wants the stage said: --stage {target.stage}"
        raise click.UsageError(message)
    tracer = Tracer.of(target, name)
    if not execute:
        plan(tracer.find(), name, target, as_json=as_json)
        warn(tracer, target)
        return
    done = forget_all(tracer, pause=time.sleep)
    if as_json:
        sys.stdout.write(json.dumps(asdict(done), indent=2) + "\n")
    err.print(
        f"deleted in {target.shown}: {counted(done.faces, 'face')}, {counted(done.photos, 'photo version')}, "
        f"{counted(done.documents, 'answer')}, {counted(done.items, 'result')}; "
        f"{name} is named no more in {counted(done.records, 'other record')}",
        markup=False,
    )
    warn(tracer, target)
    for number, reason in list(done.left.items())[:SHOWN]:
        err.print(f"Rekognition kept face {number}: {reason}", markup=False)
    if not done.complete or done.left:
        err.print(f"something of {name} is still there; run this once more", markup=False)
        sys.exit(NOT_ALL_FORGOTTEN)
    err.print(BEYOND, markup=False)


def plan(found: Traces, name: str, target: Target, *, as_json: bool) -> None:
    """Say what would be deleted."""
    counts = {
        "faces": len(found.faces),
        "photos": len(found.photos),
        "documents": len(found.documents),
        "items": len(found.entries),
        "records": len(found.mentions),
    }
    if as_json:
        keys = sorted({photo.key for photo in found.photos})
        sys.stdout.write(json.dumps(counts | {"photo_keys": keys}, ensure_ascii=False, indent=2) + "\n")
    elif not found:
        out.print(f"{target.shown} keeps nothing of {name}", markup=False)
    else:
        out.print(f"Of {name}, {target.shown} keeps", markup=False)
        told = ("faces", "versions of enrolment photos", "answers and copies", "results", "records that name them")
        for count, what in zip(counts.values(), told, strict=True):
            out.print(f"{count:>8,} {what}", markup=False)
        for photo in found.photos[:SHOWN]:
            out.print(f"         {printable(photo.key)}", markup=False)
        if len(found.photos) > SHOWN:
            out.print(f"         and {len(found.photos) - SHOWN:,} more", markup=False)
    if found:
        err.print("nothing was deleted; --execute deletes all of it, for good", markup=False)


def warn(tracer: Tracer, target: Target) -> None:
    """Say what may bring the person back: uploads that are not analysed yet."""
    outputs = target.outputs("Vision")
    if "QueueUrl" not in outputs:
        return
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    queue = target.account.client("sqs").get_queue_attributes(QueueUrl=outputs["QueueUrl"], AttributeNames=names)
    if waiting := sum(int(count) for count in queue["Attributes"].values()):
        err.print(
            f"about {counted(waiting, 'upload is', 'uploads are')} not analysed yet; "
            f"where {tracer.person} is to be seen, run this again afterwards",
            markup=False,
        )
    if letters := dead_letters(tracer, target):
        err.print(
            f"{counted(letters, 'dead letter names', 'dead letters name')} photos of {tracer.person}; "
            "each goes after 14 days, and without the photos brings nobody back",
            markup=False,
        )


def dead_letters(tracer: Tracer, target: Target) -> int:
    """How many dead letters name an enrolment photo of the person; each is given back at once."""
    letters = DeadLetters.find(target, video=False)
    places = tuple(f"s3://{tracer.media}/{folder}" for folder in tracer.folders)
    if not letters.count():
        return 0
    held = list(letters.hold(LOOKED_AT))
    try:
        return sum(letter.subject.startswith(places) for letter in held)
    finally:
        letters.give_back(held)
