"""What a request costs at most: the list price of its instances for as long as they may run."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from catalogue import prices
from training_request import deployment, tuning
from training_request.problems import Problems, listed
from training_request.request import Machines, Request
from training_request.settings import Settings

_CENT = Decimal("0.01")
_MINUTES = 60
_PLACES = tuple(
    f"{part}.{key}"
    for part in ("train", "tune", "evaluate", "transform")
    for key in ("instance_type", "instances", "max_run_minutes", "max_jobs", "ranges")
)
_SPOT = "spot is usually 50 to 70 % less; it never costs more than this"
_TRANSFORM = "taken from training's; not verified for batch transform"
_NEO = "AWS names no price for compilation jobs"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of the workflow and its price."""

    step: str
    what: str
    usd_per_hour: Decimal | None
    """Of one instance; None where it is not known, or not paid by the hour."""
    at_most: Decimal | None
    """None where it is not known."""
    note: str = ""


def steps(request: Request, told: Settings) -> tuple[Step, ...]:
    """The price of each step."""
    return tuple(_steps(request, told))


def total(found: tuple[Step, ...]) -> Decimal | None:
    """What they cost together at most; None where one of them is not known."""
    each = [one.at_most for one in found if one.at_most is not None]
    return sum(each, Decimal(0)) if len(each) == len(found) else None


def check(request: Request, told: Settings, problems: Problems) -> None:
    """Refuse what may cost more than the stage allows, and what nobody knows the price of where it allows so much."""
    if told.max_usd is None or problems.at(*_PLACES):
        return  # what is wrong there comes first
    found = steps(request, told)
    most = total(found)
    if most is None:
        unknown = listed([f"{one.step} ({one.what})" for one in found if one.at_most is None])
        problems.add(
            "price",
            f"is not known for {unknown} in {told.region}, and this stage allows {told.max_usd:.2f} USD a request; "
            "use a type whose price is known, or take max_usd out of the profile",
        )
    elif most > told.max_usd:
        each = listed([f"{one.step} {_usd(one.at_most)}" for one in found if one.at_most])
        problems.add(
            "price",
            f"may be {_usd(most)} USD ({each}), and this stage allows {told.max_usd:.2f} USD a request; "
            "lower max_run_minutes, instances or max_jobs, or choose a smaller type",
        )


def planned(request: Request, told: Settings) -> dict[str, Any]:
    """The price as the plan and the command line show it."""
    found = steps(request, told)
    most = total(found)
    return {
        "currency": "USD",
        "known": most is not None,
        "at_most_usd": _usd(most),
        "steps": [
            {
                "step": one.step,
                "what": one.what,
                "usd_per_hour": None if one.usd_per_hour is None else str(one.usd_per_hour),
                "at_most_usd": _usd(one.at_most),
                "note": one.note,
            }
            for one in found
        ],
    }


def _steps(request: Request, told: Settings) -> Iterator[Step]:
    trained = request.training
    if trained:
        count = tuning.trials(request.tuning) if request.tuning else 1
        yield _job(trained.place, "training", trained.machines, told, count=count, note=_SPOT if trained.spot else "")
    if request.evaluation:
        yield _job("evaluate", "processing", request.evaluation, told)
    if request.compilation:
        yield Step(step="compile", what="one compilation job", usd_per_hour=None, at_most=Decimal(0), note=_NEO)
    if request.transform:
        yield _job("transform", "transform", request.transform.machines, told, note=_TRANSFORM)
    if request.deployment:
        yield _endpoint(request, told)


def _job(  # noqa: PLR0913 (what a price follows from)
    step: str, use: prices.Component, machines: Machines, told: Settings, *, count: int = 1, note: str = ""
) -> Step:
    price = prices.per_hour(use, machines.instance_type, told.region)
    rate = price.usd if price else None
    each = f"{machines.instances} x {machines.instance_type}, at most {machines.max_run_minutes} min"
    hours = Decimal(machines.instances * machines.max_run_minutes * count) / _MINUTES
    return Step(
        step=step,
        what=f"{count} jobs of {each} each" if count > 1 else each,
        usd_per_hour=rate,
        at_most=None if rate is None else rate * hours,
        note=note if price else f"no price is known for {machines.instance_type} in {told.region}",
    )


def _endpoint(request: Request, told: Settings) -> Step:
    wanted = request.deployment
    memory = (wanted.memory_mb if wanted else None) or deployment.MEMORY_MB
    second = prices.usd("serverless_gb_second", told.region)
    rate = (
        f"{(second.usd * memory / 1024).normalize():f} USD for each second of answering" if second else "by the request"
    )
    return Step(
        step="deploy",
        what=f"{wanted.endpoint if wanted else ''}, {memory} MB",
        usd_per_hour=None,
        at_most=Decimal(0),
        note=f"costs nothing to make and nothing while idle, then {rate}; one that is there goes on at its own price",
    )


def _usd(amount: Decimal | None) -> str | None:
    """Whole cents, rounded up: at most is at most."""
    return None if amount is None else f"{amount.quantize(_CENT, ROUND_CEILING):f}"
