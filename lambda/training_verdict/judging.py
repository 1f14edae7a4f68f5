"""Whether a model is good enough. A function of the gate and the metrics alone."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

HEADLINES = ("accuracy", "validation:accuracy")
"""What is told of a model whose request has no gate, where it has it."""
NAMED = 10
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html: CustomerMetadataProperties
FORBIDDEN, LONGEST_METADATA = re.compile(r"[^\w .:/=+\-@]"), 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What became of the gate, and why."""

    passed: bool
    metric: str | None
    value: float | None
    wanted: str | None
    reason: str
    report: str | None
    metrics: Mapping[str, float]

    def told(self) -> dict[str, Any]:
        """As the state machine takes it."""
        return asdict(self) | {"metrics": dict(self.metrics), "metadata": self.metadata}

    @property
    def metadata(self) -> dict[str, str]:
        """What a registered version tells of it, in the letters that SageMaker takes there."""
        told = {"metric": self.metric, "value": None if self.value is None else repr(self.value), "gate": self.wanted}
        return {name: FORBIDDEN.sub("_", text)[:LONGEST_METADATA] for name, text in told.items() if text}


def numbers(told: object) -> dict[str, float]:
    """The metrics that are numbers: what is infinite, or none at all, JSON cannot carry on."""
    if not isinstance(told, Mapping):
        return {}
    return {str(name): number for name, value in told.items() if (number := _number(value)) is not None}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def final(metrics: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """A job's FinalMetricDataList; SageMaker keeps 32 bits, in which 0.9 is a little less than 0.9."""
    kept = numbers({one["MetricName"]: one["Value"] for one in metrics if "MetricName" in one and "Value" in one})
    return {name: float(f"{value:.7g}") for name, value in kept.items()}


def judged(
    gate: Mapping[str, Any] | None, metrics: Mapping[str, float], *, report: str | None, objective: str | None
) -> Verdict:
    """The verdict; without a gate every model passes, and a metric is only told."""
    if gate is None:
        metric = next((name for name in (objective, *HEADLINES) if name in metrics), None)
        value = metrics[metric] if metric else None
        reason = "the request has no gate"
        return Verdict(
            passed=True, metric=metric, value=value, wanted=None, reason=reason, report=report, metrics=metrics
        )
    metric, least, most = str(gate["metric"]), gate.get("at_least"), gate.get("at_most")
    value = metrics.get(metric)
    bounds = [(f"at least {least:g}", value is not None and value >= least)] if least is not None else []
    bounds += [(f"at most {most:g}", value is not None and value <= most)] if most is not None else []
    failed = [words for words, holds in bounds if not holds]
    wanted = " and ".join(words for words, _ in bounds)
    if value is None:
        reason = f"there is no metric {metric}: {_there_is(metrics)}"
    elif failed:
        reason = f"{metric} {_shown(value, least, most)} is not {' and not '.join(failed)}"
    else:
        reason = f"{metric} {_shown(value, least, most)} is {wanted}"
    passed = value is not None and not failed
    return Verdict(
        passed=passed, metric=metric, value=value, wanted=wanted or None, reason=reason, report=report, metrics=metrics
    )


def _shown(value: float, *bounds: float | None) -> str:
    """A few digits, or all of them where a few would look like a bound."""
    short = f"{value:.4g}"
    return repr(value) if float(short) in bounds and float(short) != value else short


def _there_is(metrics: Mapping[str, float]) -> str:
    if not metrics:
        return "there is no metric at all"
    more = f" and {len(metrics) - NAMED} more" if len(metrics) > NAMED else ""
    return f"there are {', '.join(sorted(metrics)[:NAMED])}{more}"
