"""What speaks against an update of a workstation: what its machine was made as no longer fits, or it would go."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Properties = Mapping[str, object]

_TEXT = re.compile(r"[!-~]{1,128}")
_PATTERNS = {
    "Stage": _TEXT,
    "Workstation": _TEXT,
    "Edition": re.compile(r"[1-9][0-9]{0,8}"),
    "System": _TEXT,
    "Flavour": _TEXT,
    "Processor": _TEXT,
    "Market": re.compile(r"on-demand|spot|one-time"),
}
ON_DEMAND = "on-demand"
_KEYS = {"System": "os", "Flavour": "flavour", "Processor": "instance_type"}
"""Which key of the profile says what a machine is made as."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why not, in words for who deploys."""

    text: str
    ends_the_machine: bool = False
    """Whether the update would take the machine away; else it only treats it as what it is not."""


def unfit(properties: Properties) -> list[str]:
    """The properties that are missing, or not what they must be."""
    wrong = [key for key, pattern in _PATTERNS.items() if not _fits(pattern, properties.get(key))]
    # EC2 changes the type of a machine on demand in place: none is told, for none is decided.
    if properties.get("Market") == ON_DEMAND:
        fits = properties.get("Type", "") == ""
    else:
        fits = _fits(_TEXT, properties.get("Type"))
    return wrong if fits else [*wrong, "Type"]


def objection(old: Properties, new: Properties) -> Objection | None:
    """To an update from what is deployed; what one of both does not say, as an older mlstack's, is not compared."""
    deployed, wanted = (_number(properties.get("Edition")) for properties in (old, new))
    table = f"[workstations.{new.get('Workstation')}]"
    if deployed and wanted and wanted < deployed:
        return Objection(
            f"edition {wanted} of {table} is lower than {deployed}, which is deployed, and would make another "
            f"machine: say edition = {deployed + 1} to make one, or {deployed} to keep it",
            ends_the_machine=True,
        )
    if wrong := unfit(new):
        return Objection(f"the resource has no {', no '.join(wrong)}")
    changed = list(dict.fromkeys(_changed(old, new)))
    if wanted != deployed or not changed:
        return None
    are, them = ("is", "it") if len(changed) == 1 else ("are", "them")
    return Objection(
        f"{_listed(changed)} of {table} {are} decided when its machine is made: say edition = {wanted + 1} to make "
        f"it anew, with an empty disk, or change {them} back"
    )


def _number(edition: object) -> int:
    """An edition; 0, which is none, where there is none."""
    return int(str(edition)) if _fits(_PATTERNS["Edition"], edition) else 0


def _changed(old: Properties, new: Properties) -> Iterator[str]:
    """The profile's keys that say something else now."""
    differ = {key for key in (*_KEYS, "Market", "Type") if key in old and key in new and old[key] != new[key]}
    yield from (name for key, name in _KEYS.items() if key in differ)
    # To go between on demand and Spot alone lets the type come or go, and nobody has changed that one.
    if "Type" in differ and ("Market" not in differ or (old["Type"] and new["Type"])):
        yield "instance_type"
    if "Market" in differ:
        yield "market" if ON_DEMAND in {old["Market"], new["Market"]} else "on_idle"


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _listed(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
