"""AWS's cron expressions: six fields, with ?, L, W and #.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Self

MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if number}
WEEKDAYS = {name.upper(): (number + 1) % 7 + 1 for number, name in enumerate(calendar.day_abbr)}
"""From Sunday, which Python counts last."""
FIELDS = 6
ANY, NONE, LAST = "*", "?", "L"
RANGE = re.compile(r"(?P<first>[0-9A-Z*]+)(?:-(?P<last>[0-9A-Z]+))?(?:/(?P<step>[0-9]+))?")
NEAREST = re.compile(r"([0-9]{1,2})W")
LAST_WEEKDAY = re.compile(r"([0-9A-Z]+)L")
NTH_WEEKDAY = re.compile(r"([0-9A-Z]+)#([1-5])")
Days = Callable[[int, int], frozenset[int]]
"""The days of a month that a field means."""


class _Kind(NamedTuple):
    """What a field may hold."""

    name: str
    least: int
    most: int
    names: dict[str, int]


MINUTE = _Kind("minutes", 0, 59, {})
HOUR = _Kind("hours", 0, 23, {})
DAY = _Kind("day of month", 1, 31, {})
MONTH = _Kind("month", 1, 12, MONTHS)
WEEKDAY = _Kind("day of week", 1, 7, WEEKDAYS)
YEAR = _Kind("year", 1970, 2199, {})


class CronError(ValueError):
    """What is no cron expression of AWS's."""


@dataclass(frozen=True, slots=True)
class Cron:
    """An expression, read."""

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    days: Days

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what stands between the brackets; raise CronError."""
        fields = text.upper().split()
        if len(fields) != FIELDS:
            message = f"cron({text}) has {len(fields)} fields, and not {FIELDS}"
            raise CronError(message)
        minute, hour, day, month, weekday, year = fields
        if (day == NONE) is (weekday == NONE):
            message = f"cron({text}): one of day of month and day of week is ?, and only one"
            raise CronError(message)
        return cls(
            _numbers(minute, MINUTE),
            _numbers(hour, HOUR),
            _numbers(month, MONTH),
            _numbers(year, YEAR),
            _days(day) if weekday == NONE else _weekdays(weekday),
        )

    def matches(self, local: datetime) -> bool:
        """Whether it means the minute of this clock on a wall."""
        return local.minute in self.minutes and local.hour in self.hours and self.on(local.date())

    def on(self, day: date) -> bool:
        """Whether it means anything on this day."""
        return day.month in self.months and day.year in self.years and day.day in self.days(day.year, day.month)


def _numbers(field: str, kind: _Kind) -> frozenset[int]:
    return frozenset(number for part in field.split(",") for number in _range(part, kind))


def _range(part: str, kind: _Kind) -> range:
    found = RANGE.fullmatch(part)
    if found is None:
        raise _wrong(part, kind)
    step = int(found["step"] or 1)
    if found["first"] == ANY:
        first, last = kind.least, kind.most
        is_range = True
    else:
        first = _number(found["first"], kind)
        is_range = found["last"] is not None or found["step"] is not None
        last = _number(found["last"], kind) if found["last"] else kind.most
    if not step or (is_range and first > last) or (found["first"] == ANY and found["last"]):
        raise _wrong(part, kind)
    return range(first, (last if is_range else first) + 1, step)


def _number(word: str, kind: _Kind) -> int:
    number = kind.names.get(word, int(word) if word.isdigit() else -1)
    if not kind.least <= number <= kind.most:
        raise _wrong(word, kind)
    return number


def _wrong(part: str, kind: _Kind) -> CronError:
    return CronError(f"{part} is no {kind.name} of a cron expression")


def _days(field: str) -> Days:
    """The field of the days of a month: numbers, L for the last, nW for the weekday nearest to the nth."""
    if field == LAST:
        return lambda year, month: frozenset({_length(year, month)})
    nearest = NEAREST.fullmatch(field)
    if nearest:
        wanted = _number(nearest[1], DAY)
        return lambda year, month: frozenset(_nearest(year, month, wanted))
    numbers = _numbers(field, DAY)
    return lambda _year, _month: numbers


def _weekdays(field: str) -> Days:
    """The field of the days of a week: numbers from Sunday, nL for the month's last, n#m for its mth; L is Saturday."""
    last, nth = LAST_WEEKDAY.fullmatch(field), NTH_WEEKDAY.fullmatch(field)
    if last:
        wanted = _number(last[1], WEEKDAY)
        return lambda year, month: frozenset([*_of_weekday(year, month, {wanted})][-1:])
    if nth:
        wanted, number = _number(nth[1], WEEKDAY), int(nth[2])
        return lambda year, month: frozenset([*_of_weekday(year, month, {wanted})][number - 1 : number])
    numbers = frozenset({WEEKDAY.most}) if field == LAST else _numbers(field, WEEKDAY)
    return lambda year, month: frozenset(_of_weekday(year, month, numbers))


def _of_weekday(year: int, month: int, wanted: frozenset[int] | set[int]) -> Iterator[int]:
    """Python's Monday is 0, AWS's Sunday is 1."""
    for day in range(1, _length(year, month) + 1):
        if (calendar.weekday(year, month, day) + 1) % 7 + 1 in wanted:
            yield day


def _nearest(year: int, month: int, wanted: int) -> Iterator[int]:
    """The weekday nearest to a day, in the same month."""
    length = _length(year, month)
    if wanted <= length:
        saturday = calendar.SATURDAY
        found = (wanted + move for move in (0, -1, 1, 2, -2))
        yield next(day for day in found if 1 <= day <= length and calendar.weekday(year, month, day) < saturday)


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
