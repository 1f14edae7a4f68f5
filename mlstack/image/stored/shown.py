"""The images of a stage as people and machines read them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rich.table import Table

from mlstack.clock import iso, moment
from mlstack.image.stored.image import Stored
from mlstack.price import UNKNOWN, number
from mlstack.training.listing import Column, listing

SHORT = 12
COLUMNS = (
    Column("image", 0),
    Column("state", 0),
    Column("tag", 0),
    Column("digest", 1),
    Column("pushed", 1),
    Column("size", 1, right=True),
    Column("a month", 1, right=True),
    Column("findings", 2),
)
KB, CENT = 1000, Decimal("0.01")


def table(images: Sequence[Stored], region: str, title: str) -> Table:
    """One row an image."""
    rows = [
        (
            ", ".join(one.names),
            "used" if one.used else "unused",
            ", ".join(tag[:SHORT] for tag in one.tags) or "no tag",
            one.digest.rpartition(":")[2][:SHORT],
            moment(one.pushed) if one.pushed else UNKNOWN,
            size(one.size),
            usd(one.usd_per_month(region)),
            one.findings.shown,
        )
        for one in images
    ]
    return listing(title, COLUMNS, rows)


def machine(one: Stored, region: str) -> dict[str, Any]:
    """One image for machines."""
    return {
        "images": list(one.names),
        "used": one.used,
        "repository": one.repository,
        "tags": list(one.tags),
        "digest": one.digest,
        "pushed": iso(one.pushed),
        "bytes": one.size,
        "usd_per_month": number(one.usd_per_month(region)),
        "findings": None if one.findings.counts is None else dict(one.findings.counts),
        "scan": "complete" if one.findings.counts is not None else one.findings.state,
    }


def total(images: Sequence[Stored], region: str) -> Decimal | None:
    """What all cost a month at the most; None where that is not known."""
    each = [one.usd_per_month(region) for one in images]
    return None if None in each else sum((one for one in each if one is not None), Decimal(0))


def size(number_of_bytes: int) -> str:
    """So many bytes, in the unit that they fill."""
    amount, unit = float(number_of_bytes), "B"
    for larger in ("KB", "MB", "GB"):
        if amount < KB:
            break
        amount, unit = amount / KB, larger
    return f"{amount:,.0f} {unit}" if unit in {"B", "KB"} else f"{amount:,.1f} {unit}"


def usd(amount: Decimal | None) -> str:
    """An amount, to the cent; little is not nothing."""
    if amount is None:
        return UNKNOWN
    return "under $0.01" if 0 < amount < CENT else f"${amount.quantize(CENT)}"
