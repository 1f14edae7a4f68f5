"""Deletes what a stage keeps of one person, in an order that loses no trace of what is left."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.errors import UserError
from mlstack.vision.backfill.objects import is_versioned
from mlstack.vision.faces.traces import Entry, Mention, Tracer, Traces, Version, versions

AT_ONCE = 8
ROUNDS = 5
"""The index tells of a deleted item for a moment, and a photo may be uploaded meanwhile."""
PAUSE_S = 1.0
One = TypeVar("One")


@dataclass(slots=True)
class Forgotten:
    """What was deleted."""

    faces: int = 0
    photos: int = 0
    documents: int = 0
    items: int = 0
    records: int = 0
    """Other pictures' records that name the person no more."""
    left: dict[str, str] = field(default_factory=dict)
    """Faces that Rekognition did not delete, with its reasons."""
    complete: bool = False
    """Whether nothing was found in the end."""


def forget(tracer: Tracer, *, pause: Callable[[float], object]) -> Forgotten:
    """Delete, and look again, until nothing is found.

    Raises:
        UserError: where AWS fails on the way; nothing is lost by that.
    """
    done = Forgotten()
    for turn in range(ROUNDS):
        if turn:
            pause(PAUSE_S)
        found = tracer.find()
        if not found:
            done.complete = True
            return done
        copies = _copies(tracer, found.documents)
        try:
            _delete(tracer, found, copies, done)
        except (BotoCoreError, ClientError) as error:
            message = (
                f"{tracer.person} is forgotten in part, because AWS answered: {' '.join(str(error).split())}; "
                "run the same command again, it goes on with what is left"
            )
            raise UserError(message) from error
    done.complete = not tracer.find()
    return done


def _copies(tracer: Tracer, documents: Iterable[str]) -> dict[str, Sequence[Version]]:
    """Every version of each document, listed before the first is deleted; no list where a bucket keeps no versions."""
    places = {uri: uri.removeprefix("s3://").partition("/") for uri in documents}
    versioned = {bucket: is_versioned(tracer.s3, bucket) for bucket in {bucket for bucket, _, _ in places.values()}}

    def copies(place: tuple[str, str, str]) -> Sequence[Version]:
        bucket, _, key = place
        if not versioned[bucket]:
            return [Version(bucket, key, "null")]
        return list(versions(tracer.s3, bucket, key, exact=True))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(places, pool.map(copies, places.values()), strict=True))


def _delete(tracer: Tracer, found: Traces, copies: Mapping[str, Sequence[Version]], done: Forgotten) -> None:
    """Delete what was found: photos first, so that none is enrolled again; items last, for they lead to the rest."""
    done.photos += _each(lambda one: _delete_version(tracer, one), found.photos)
    done.left = tracer.collection.forget(found.faces) if found.faces else {}
    done.faces += len(found.faces) - len(done.left)
    done.documents += _each(lambda one: _delete_all(tracer, one), copies.values())
    done.records += _each(lambda one: _unname(tracer, one), found.mentions)
    done.items += _each(lambda one: _delete_item(tracer, one), found.entries)


def _each(act: Callable[[One], object], things: Iterable[One]) -> int:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return len(list(pool.map(act, things)))


def _delete_version(tracer: Tracer, one: Version) -> None:
    # One call a version: the batch call writes keys into XML, which has no way to say some control characters.
    tracer.s3.delete_object(Bucket=one.bucket, Key=one.key, VersionId=one.version_id)


def _delete_all(tracer: Tracer, copies: Iterable[Version]) -> None:
    for one in copies:
        _delete_version(tracer, one)


def _delete_item(tracer: Tracer, one: Entry) -> None:
    key = {"object": {"S": one.object}, "entry": {"S": one.entry}}
    tracer.results.dynamodb.delete_item(TableName=tracer.results.table, Key=key)


def _unname(tracer: Tracer, one: Mention) -> None:
    """Take the person out of a record's best findings, and the link to the deleted answer with it."""
    key = {"object": {"S": one.object}, "entry": {"S": one.version}}
    dynamodb, table = tracer.results.dynamodb, tracer.results.table
    item: Any = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
    outcome = item.get("analyses", {}).get("M", {}).get(one.analysis, {}).get("M", {})
    if not outcome:
        return
    others = [best for best in outcome.get("top", {}).get("L", ()) if best["M"]["name"].get("S") != tracer.person]
    dynamodb.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET analyses.#analysis.#top = :others REMOVE analyses.#analysis.#document",
        ConditionExpression="attribute_exists(analyses.#analysis)",
        ExpressionAttributeNames={"#analysis": one.analysis, "#top": "top", "#document": "document"},
        ExpressionAttributeValues={":others": {"L": others}},
    )
