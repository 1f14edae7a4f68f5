"""What a backfill costs at most, and how long it takes at least: numbers in, numbers out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from mlstack.bill.rekognition import Group, usd
from mlstack.vision.backfill.plan import Plan
from shared.analyses import ANALYSES

# List prices of us-east-1; what an image takes of each was chosen high.
USD_PER_LAMBDA_SECOND = Decimal("0.0000133334") / 4  # arm64, 256 MiB
USD_PER_LAMBDA_CALL = Decimal("0.0000002")
USD_PER_TABLE_WRITE = Decimal("0.000000625")
USD_PER_PUT, USD_PER_GET = Decimal("0.000005"), Decimal("0.0000004")
USD_PER_EXPRESS_CHILD = Decimal("0.000001")
USD_PER_EXPRESS_SECOND = Decimal("0.060012") / 3600 / 16  # 64 MiB
WRITES_PER_OBJECT, WRITES_PER_CALL = 4, 22  # claim and record; ten findings with their index, two for the pace
GETS_PER_OBJECT, GETS_PER_CALL = 2, 1
SECONDS_PER_CALL = 1
AROUND = "Lambda, DynamoDB, S3 and Step Functions"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """The price and the time of so many calls."""

    calls: Mapping[Group, int]
    """Those that bill by the call."""
    unpriced: tuple[str, ...]
    """Analyses that bill by the hour."""
    rekognition_usd: Decimal
    around_usd: Decimal
    seconds: float | None
    """At the configured rates; None where one of them is not known."""

    @property
    def usd(self) -> Decimal:
        """Everything that can be told."""
        return self.rekognition_usd + self.around_usd


def quote(plan: Plan, *, calls_per_second: Mapping[str, float], image_properties: bool) -> Quote:
    """Price the calls of a plan, as if the month had no others."""
    asked = {name: number for name, number in plan.calls.items() if number}
    groups: Counter[Group] = Counter()
    for name, number in asked.items():
        if group := Group.of(ANALYSES[name].price_group):
            groups[group] += number
    if image_properties and asked.get("labels"):
        groups[Group.IMAGE_PROPERTIES] = asked["labels"]
    return Quote(
        calls=dict(groups),
        unpriced=tuple(name for name in asked if ANALYSES[name].price_group is None),
        rekognition_usd=usd(groups),
        around_usd=_around(plan.objects, sum(asked.values()), plan.batches),
        seconds=_seconds(asked, calls_per_second),
    )


def _around(objects: int, calls: int, batches: int) -> Decimal:
    seconds = calls * SECONDS_PER_CALL
    return (
        seconds * (USD_PER_LAMBDA_SECOND + USD_PER_EXPRESS_SECOND)
        + batches * (USD_PER_LAMBDA_CALL + USD_PER_EXPRESS_CHILD)
        + (objects * WRITES_PER_OBJECT + calls * WRITES_PER_CALL) * USD_PER_TABLE_WRITE
        + calls * USD_PER_PUT
        + (objects * GETS_PER_OBJECT + calls * GETS_PER_CALL) * USD_PER_GET
    )


def _seconds(calls: Mapping[str, int], calls_per_second: Mapping[str, float]) -> float | None:
    """The analyses run beside each other, each at its own rate."""
    if not all(calls_per_second.get(name) for name in calls):
        return None
    return max((number / calls_per_second[name] for name, number in calls.items()), default=0.0)
