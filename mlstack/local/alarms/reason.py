"""Why an alarm is in its state, in CloudWatch's words and as its JSON."""

import json
from collections.abc import Sequence

from mlstack.local.alarms.evaluation import (
    ALARM,
    BREACHING,
    NOT_BREACHING,
    UNKNOWN,
    Point,
    Settings,
    Verdict,
    breaching,
)
from mlstack.local.clock import date

RELATIONS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanOrEqualToThreshold": "less than or equal to",
    "LessThanThreshold": "less than",
}
TREATED = {BREACHING: "Breaching", NOT_BREACHING: "NonBreaching"}


def words(settings: Settings, verdict: Verdict) -> str:
    """The sentence that a person reads."""
    if verdict.state == UNKNOWN:
        return f"Insufficient Data: {_counted(verdict.filled, 'datapoint')} {_were(verdict.filled)} unknown."
    said = "Threshold Crossed: "
    if verdict.points:
        said += _crossed(settings, verdict)
    else:
        said += f"no datapoints were received for {_counted(settings.evaluation_periods, 'period')}"
    if verdict.filled and settings.missing in TREATED:
        said += (
            f" and {_counted(verdict.filled, 'missing datapoint')} {_were(verdict.filled)}"
            f" treated as [{TREATED[settings.missing]}]"
        )
    return f"{said}."


def data(settings: Settings, verdict: Verdict, now: float) -> str:
    """The same for a program."""
    points = sorted(verdict.points, key=lambda point: point.at)
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": _stamp(now),
            **({"startDate": _stamp(points[0].at)} if points else {}),
            "statistic": settings.statistic,
            "period": settings.period,
            "recentDatapoints": [point.value for point in points],
            "threshold": settings.threshold,
            "evaluatedDatapoints": [
                {"timestamp": _stamp(point.at), "value": point.value} for point in reversed(points)
            ],
        }
    )


def _crossed(settings: Settings, verdict: Verdict) -> str:
    """How many of the values are on which side of the threshold; those that speak for the state are told."""
    alarming = [point for point in verdict.points if breaching(settings, point.value)]
    quiet = [point for point in verdict.points if point not in alarming]
    is_alarm = bool(alarming) and (verdict.state == ALARM or not quiet)
    told = alarming if is_alarm else quiet
    relation = f"{'' if is_alarm else 'not '}{RELATIONS[settings.comparison]}"
    periods, least = settings.evaluation_periods, settings.datapoints_to_alarm
    if periods == 1:
        return f"1 datapoint {_listed(told)} was {relation} the threshold ({settings.threshold})"
    said = (
        f"{len(told)} out of the last {periods} datapoints {_listed(told)} {_were(len(told))} {relation}"
        f" the threshold ({settings.threshold})"
    )
    if verdict.state == ALARM:
        return f"{said} (minimum {_counted(least, 'datapoint')} for OK -> ALARM transition)"
    return f"{said} (minimum {_counted(periods - least + 1, 'datapoint')} for ALARM -> OK transition)"


def _listed(points: Sequence[Point]) -> str:
    return f"[{', '.join(f'{point.value} ({date(point.at):%d/%m/%y %H:%M:%S})' for point in points)}]"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _stamp(moment: float) -> str:
    return date(moment).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
