"""Reads how the best hyperparameters are to be looked for."""

from typing import cast

from training_request.problems import quoted
from training_request.request import Kind, Range, Tuning
from training_request.section import Section, scalar
from training_request.settings import Settings

KEYS = ("strategy", "objective", "goal", "ranges", "max_jobs", "parallel_jobs", "max_epochs")
RANGE_KEYS = ("kind", "min", "max", "scaling", "values")
STRATEGIES = ("Bayesian", "Random", "Grid", "Hyperband")
KINDS = ("continuous", "integer", "categorical")
SCALINGS = ("Auto", "Linear", "Logarithmic", "ReverseLogarithmic")
# https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-limits.html
MOST_RANGES = 30
MOST_VALUES = 30
MOST_PARALLEL = 100
MOST_JOBS = 750
MOST_EPOCHS = 20_000
GRID = "Grid"
HYPERBAND = "Hyperband"
_LONGEST_VALUE = 256


def tuning(part: Section, told: Settings) -> Tuning:
    """The tuning of a request's ``tune``."""
    strategy = part.text("strategy", "Bayesian", among=STRATEGIES)
    ranges = part.objects("ranges", most=MOST_RANGES, known=RANGE_KEYS, needed="name the hyperparameters to try")
    jobs = _jobs(part, strategy, told)
    if part.has("max_epochs") and strategy != HYPERBAND:
        part.wrong("max_epochs", f"is for the strategy {HYPERBAND} alone, and this one is {strategy}")
    return Tuning(
        strategy=strategy,
        objective=part.text("objective", "validation:accuracy"),
        goal=part.text("goal", "Maximize", among=("Maximize", "Minimize")),
        ranges=tuple(_range(name, one) for name, one in ranges.items()),
        max_jobs=jobs,
        parallel_jobs=part.whole("parallel_jobs", 1, least=1, most=MOST_PARALLEL),
        max_epochs=part.whole("max_epochs", 0, least=1, most=MOST_EPOCHS) or None,
    )


def _jobs(part: Section, strategy: str, told: Settings) -> int:
    """How many are tried; a grid has as many as it has points, which is not for the request to say."""
    if strategy == GRID:
        if part.has("max_jobs"):
            part.wrong("max_jobs", "must be left out: a grid tries every combination of the values once")
        return 0
    most = min(told.max_tuning_jobs, MOST_JOBS)
    return part.whole("max_jobs", min(6, most), least=1, most=most)


def _range(name: str, part: Section) -> Range:
    kind = cast("Kind", part.text("kind", "continuous", among=KINDS, needed="is continuous, integer or categorical"))
    if kind == "categorical":
        for key in ("min", "max", "scaling"):
            if part.has(key):
                part.wrong(key, "is no part of a categorical range; it has values")
        return Range(name=name, kind=kind, values=_values(part))
    if part.has("values"):
        part.wrong("values", f"is no part of a range of kind {kind}; it has min and max")
    return Range(
        name=name,
        kind=kind,
        least=_end(part, "min"),
        most=_end(part, "max"),
        scaling=part.text("scaling", "Auto", among=SCALINGS),
    )


def _end(part: Section, name: str) -> str:
    value = part.values.get(name)
    read = scalar(value) if not isinstance(value, bool) else None
    if value is None:
        part.wrong(name, "is missing")
    elif read is None:
        part.wrong(name, f"must be a number, not {quoted(value)}")
    return read or ""


def _values(part: Section) -> tuple[str, ...]:
    value = part.values.get("values")
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_VALUES:
        part.wrong("values", f"must be a list of 1 to {MOST_VALUES} values, not {quoted(value)}")
        return ()
    read = [scalar(one) for one in value]
    found = tuple(one for one in read if one is not None and len(one) <= _LONGEST_VALUE)
    if len(found) != len(value):
        part.wrong("values", f"must each be a text or number of 1 to {_LONGEST_VALUE} characters")
    elif len(set(found)) != len(found):
        part.wrong("values", "must differ from each other")
    return found
