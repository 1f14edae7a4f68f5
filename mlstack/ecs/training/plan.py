"""What a run would do, and what it costs at most: by the dearest machine, for as long as each attempt may take."""

from collections.abc import Sequence
from decimal import Decimal

from mlstack.ecs.training.settings import ON_DEMAND, SPOT, Settings
from mlstack.text import counted
from mlstack.training.plan import Plan, Step

FARGATE_PRICES, EC2_PRICES = "aws.amazon.com/fargate/pricing", "aws.amazon.com/ec2/pricing"
AROUND_HOURS = Decimal("0.5")
"""What an instance bills beside its task at most: while it comes, and until it goes because nothing needs it."""
AROUND = "the price holds half an hour more each time, for an instance to come and go"
CHEAPER = "Spot is never dearer than on demand, and usually 50 to 70 % less"
AGAIN = "after an interruption it goes on from its last checkpoint"


def made(settings: Settings, run: str, market: str) -> Plan:
    """The plan of a run on a market."""
    steps = [_spot(settings), _fallback(settings)] if market == SPOT else [_on_demand(settings)]
    amounts = [step.at_most_usd for step in steps]
    most = None if None in amounts else sum((one for one in amounts if one is not None), Decimal())
    return Plan(job=run, steps=steps, at_most_usd=most, warnings=(), raw={"price": _price(steps, most)})


def prices(settings: Settings) -> str:
    """Where AWS says what is not known here."""
    return EC2_PRICES if settings.is_on_instances else FARGATE_PRICES


def _spot(settings: Settings) -> Step:
    usd = settings.usd_per_hour[SPOT]
    is_known = usd is not None
    return _step(
        settings,
        SPOT,
        usd if is_known else settings.usd_per_hour[ON_DEMAND],  # its bound, unless somebody bids more
        settings.spot_attempts,
        [AGAIN, "" if is_known else CHEAPER],
    )


def _fallback(settings: Settings) -> Step:
    attempts = counted(settings.spot_attempts, "attempt")
    note = f"only where Spot has not carried it to its end in {attempts}"
    return _step(settings, ON_DEMAND, settings.usd_per_hour[ON_DEMAND], 1, [note])


def _on_demand(settings: Settings) -> Step:
    """As often as with Spot, because machines break too."""
    return _step(settings, ON_DEMAND, settings.usd_per_hour[ON_DEMAND], settings.spot_attempts + 1, [AGAIN])


def _step(settings: Settings, market: str, usd: Decimal | None, times: int, notes: Sequence[str]) -> Step:
    hours = settings.max_hours + (AROUND_HOURS if settings.is_on_instances else 0)
    often = f", up to {times} times" if times > 1 else ""
    around = AROUND if settings.is_on_instances else ""
    return Step(
        step=market,
        what=f"{settings.machine}, at most {settings.max_hours} h{often}",
        usd_per_hour=usd,
        at_most_usd=None if usd is None else usd * hours * times,
        note="; ".join(filter(None, [*notes, around])),
    )


def _price(steps: Sequence[Step], most: Decimal | None) -> dict[str, object]:
    """The same for machines, in the words of the plan of a training on SageMaker."""
    return {
        "currency": "USD",
        "known": most is not None,
        "at_most_usd": _text(most),
        "steps": [
            {
                "step": one.step,
                "what": one.what,
                "usd_per_hour": _text(one.usd_per_hour),
                "at_most_usd": _text(one.at_most_usd),
                "note": one.note,
            }
            for one in steps
        ],
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
