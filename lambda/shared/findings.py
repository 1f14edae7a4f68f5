"""What an analysis found in an object, as the results table keeps it: one item per distinct name."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

SHOWN = 5
LONGEST_NAME = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One name that an analysis gave, however often."""

    name: str
    confidence: float
    """The highest, in percent."""
    instances: int = 1
    first_ms: int | None = None
    """Where in a video it is first seen, in milliseconds."""
    last_ms: int | None = None


def gather(named: Iterable[tuple[str, float]]) -> list[Finding]:
    """One finding per name, the most certain first."""
    best: dict[str, Finding] = {}
    for name, confidence in named:
        before = best.get(name)
        best[name] = Finding(
            name=name,
            confidence=max(confidence, before.confidence if before else 0.0),
            instances=before.instances + 1 if before else 1,
        )
    return sorted(best.values(), key=lambda one: (-one.confidence, one.name))


def top(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """The most certain few, short enough for an event or a list."""
    return [{"name": one.name[:LONGEST_NAME], "confidence": percent(one.confidence)} for one in found[:SHOWN]]


def percent(confidence: float) -> Decimal:
    """A confidence as DynamoDB keeps it: two digits are all that Rekognition's mean."""
    return Decimal(f"{confidence:.2f}")


def index_key(analysis: str, name: str) -> str:
    """Where the index `findings` keeps a name of an analysis, whatever its case."""
    return f"{analysis}#{name.casefold()[:LONGEST_NAME]}"


def items(
    thing: ObjectVersion, analysis: str, found: Sequence[Finding], *, media: str, shared: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The items of an analysis's findings; ``shared`` is what all of them carry, such as when they expire."""
    return [
        {
            "object": thing.uri,
            "entry": f"{thing.version}#{analysis}#{hashlib.sha256(one.name.encode()).hexdigest()[:16]}",
            "kind": "finding",
            "analysis": analysis,
            "name": one.name[:LONGEST_NAME],
            "finding": index_key(analysis, one.name),
            "rank": percent(one.confidence),
            "instances": one.instances,
            "bucket": thing.bucket,
            "key": thing.key,
            "version": thing.version,
            "media": media,
            **{name: value for name in ("first_ms", "last_ms") if (value := getattr(one, name)) is not None},
            **shared,
        }
        for one in found
    ]


def store(table: "Table", written: Sequence[Mapping[str, Any]]) -> None:
    """Write the items, as often as it takes; the same items once more change nothing."""
    with table.batch_writer() as batch:
        for item in written:
            batch.put_item(Item=dict(item))
