"""The schedules and scheduled rules that moto keeps, and their calls when they fall due by the server's date."""

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mlstack.local import event_rules, runtime
from mlstack.local.event_sending import service_event
from mlstack.local.schedules.occurrence import Timing, due
from mlstack.local.schedules.target import call

SCHEDULER = "moto.scheduler.models"
"""Imported when somebody asks the scheduler for the first time; until then there is no schedule."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is due from time to time."""

    arn: str
    made: object
    """What it is; another one of the same name begins anew."""
    expression: str
    zone: str
    begins: float | None
    ends: float
    at_once: bool
    run: Callable[[float], None]
    """Do it, for an occurrence at this moment."""


class Calendar:
    """When each was looked at last."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[object, str, float, float]] = {}

    def look(self, moment: float) -> None:
        """Do what fell due since the last look: each thing once, however long that is ago."""
        there = {entry.arn: entry for entry in entries()}
        self._seen = {arn: known for arn, known in self._seen.items() if arn in there}
        for arn, entry in there.items():
            made, expression, begins, last = self._seen.get(arn, (None, "", 0.0, 0.0))
            if made is not entry.made or expression != entry.expression:
                begins, last = entry.begins or moment, moment - 1e-6
            self._seen[arn] = entry.made, entry.expression, begins, moment
            self._serve(entry, begins, last, moment)

    def _serve(self, entry: Entry, begins: float, last: float, moment: float) -> None:
        timing = Timing(
            expression=entry.expression, zone=entry.zone, begins=begins, ends=entry.ends, at_once=entry.at_once
        )
        try:
            latest = max(due(timing, last, moment), default=None)
            if latest is not None:
                entry.run(latest)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others go on; the report tells
            runtime.running().report.fault(f"{entry.arn}: {error}")


def entries() -> Iterator[Entry]:
    """Every enabled schedule and scheduled rule."""
    yield from _schedules()
    yield from _rules()


def _schedules() -> Iterator[Entry]:
    models = sys.modules.get(SCHEDULER)
    for regions in list(models.scheduler_backends.values()) if models else ():
        for backend in list(regions.values()):
            for group in list(backend.schedule_groups.values()):
                for schedule in list(group.schedules.values()):
                    if schedule.state == "ENABLED":
                        yield _schedule(backend, schedule)


def _schedule(backend: Any, schedule: Any) -> Entry:  # noqa: ANN401 - moto's, imported late
    def run(_moment: float) -> None:
        here = runtime.running()
        try:
            call(schedule.target, lambda service: here.client(service, backend.region_name))
        except Exception as error:  # noqa: BLE001 - whatever the service answers is the reason
            here.report.undelivered(f"schedule {schedule.name} to {schedule.target['Arn']}: {error}")
        if schedule.action_after_completion == "DELETE" and schedule.schedule_expression.startswith("at("):
            backend.delete_schedule(schedule.group_name, schedule.name)

    return Entry(
        arn=schedule.arn,
        made=schedule,
        expression=schedule.schedule_expression,
        zone=schedule.schedule_expression_timezone,
        begins=_date(schedule.start_date),
        ends=_date(schedule.end_date) or math.inf,
        at_once=True,
        run=run,
    )


def _rules() -> Iterator[Entry]:
    for rule in event_rules.scheduled():
        yield Entry(
            arn=rule.arn,
            made=rule,
            expression=str(rule.scheduled_expression),
            zone="UTC",
            begins=None,
            ends=math.inf,
            at_once=False,
            run=lambda moment, rule=rule: event_rules.fire(rule, _event(rule.arn, moment)),  # type: ignore[misc]
        )


def _event(rule: str, moment: float) -> Any:  # noqa: ANN401 - moto's type
    return {**service_event(rule, "aws.events", "Scheduled Event", {}), "time": int(moment)}


def _date(said: object) -> float | None:
    """A date as moto keeps it: seconds, or nothing."""
    return float(said) if isinstance(said, int | float) else None


CALENDAR = Calendar()
"""The server's own."""
