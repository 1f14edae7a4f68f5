"""What the system does by itself: services, which are no use of the workstation, though they take CPU and network.

Known of Ubuntu: apt-daily runs twice a day at any time, apt-daily-upgrade between 6 and 7 or, where the machine was
off then, within an hour of its boot; snapd asks four times a day; logrotate and man-db run at midnight, fstrim on
Mondays. Assumed: that an upgrade is there on two days of five, fetches 30 to 300 MB in a minute or two, and unpacks for
up to eight minutes (a driver is built anew).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from random import Random

from bench.idle.activity import MIB, Activity, Minute, Place, chance
from bench.idle.month import DAY, DAYS, HOUR, LENGTH, WEEK

IDLE_CPU, IDLE_NET = 0.03, 1200.0
"""What the agents of AWS, Docker and the like take all the time: cores, and bytes a second. Assumed."""
BOOT_M = 2
"""Minutes from the start of an instance until somebody can use it."""


class Upkeep:
    """The system's jobs of one month, by its seed; which of them run depends on when the machine is on."""

    def __init__(self, seed: int) -> None:
        rng = Random(f"upkeep {seed}")  # noqa: S311 (nothing is secret here)
        self._daily = [_Upgrade(rng, day) for day in range(DAYS)]
        self._timetable = _timetable(rng)
        self._late: dict[int, _Upgrade] = {}
        self.blips: Mapping[int, float] = {minute: rng.uniform(1, 4) for minute in range(LENGTH) if chance(rng, 1 / 50)}
        """Percent that nvidia-smi says of a GPU at which nobody works: assumed, and hostile."""

    def boot(self, minute: int) -> None:
        """Plan what was missed while the machine was off."""
        missed = [each for each in self._daily if each.due < minute and not each.is_done]
        for upgrade in missed:
            upgrade.is_done = True
        self._late = {minute + missed[-1].delay: missed[-1]} if missed else {}

    def beginning(self, minute: int) -> Iterator[Activity]:
        """What begins in a minute in which the machine runs."""
        yield from self._timetable.get(minute, ())
        today = self._daily[minute // DAY]
        if today.due == minute:
            today.is_done = True
            yield today.activity(minute)
        if late := self._late.pop(minute, None):
            yield late.activity(minute)


class _Upgrade:
    """Of one day."""

    def __init__(self, rng: Random, day: int) -> None:
        self.due = day * DAY + 6 * HOUR + rng.randrange(HOUR)
        self.delay = rng.randint(BOOT_M, HOUR)
        self.is_done = False
        fetched = rng.uniform(30, 300) * MIB if chance(rng, 0.4) else 0.0
        over = rng.randint(1, 2)
        self._minutes = [Minute(cpu=0.6, net=fetched / over / 60, disk=fetched / over / 60) for _ in range(over)]
        if fetched:
            self._minutes += [Minute(cpu=rng.uniform(0.7, 3.5), disk=8 * MIB) for _ in range(rng.randint(1, 8))]

    def activity(self, minute: int) -> Activity:
        return _service("unattended upgrades", minute, self._minutes)


def boot(minute: int) -> Activity:
    """The machine's own start: all cores for a while, and the agent's bundle is fetched."""
    return _service("boot", minute, [Minute(cpu=2.5, disk=40 * MIB), Minute(cpu=1.5, net=0.5 * MIB), Minute(cpu=0.4)])


def _service(kind: str, begin: int, minutes: list[Minute]) -> Activity:
    return Activity(kind=kind, begin=begin, minutes=minutes, place=Place.SYSTEM, is_needed=False)


def _timetable(rng: Random) -> Mapping[int, list[Activity]]:
    """What runs if the machine is on at that minute, and is forgotten if it is not."""
    told: defaultdict[int, list[Activity]] = defaultdict(list)

    def put(kind: str, minute: int, minutes: list[Minute]) -> None:
        told[minute].append(_service(kind, minute, minutes))

    for day in range(DAYS):
        midnight = day * DAY
        put("logrotate and man-db", midnight, [Minute(cpu=0.5, disk=4 * MIB)] * 3)
        if day % WEEK == 0:
            put("fstrim", midnight + 20, [Minute(cpu=0.1, disk=20 * MIB)] * 4)
        for _ in range(2):
            put("lists of packages", midnight + rng.randrange(DAY), [Minute(cpu=0.5, net=rng.uniform(0.2, 0.9) * MIB)])
        for _ in range(4):
            fetched = rng.uniform(20, 150) * MIB if chance(rng, 0.1) else 0.05 * MIB
            put("snapd", midnight + rng.randrange(DAY), [Minute(cpu=0.2, net=fetched / 60)])
    return told
