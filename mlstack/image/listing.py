"""Images of AWS as people and machines read them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from rich.table import Table

from catalogue.algorithms import ALGORITHMS
from catalogue.closed import CLOSED_IMAGES, Closed
from catalogue.images import NAMES, Image, image, uri
from mlstack.console import grid

COLUMNS = ("name", "image", "use", "hardware", "state")
OWN = {"inference": ("inference", "cpu"), "training": ("training", "any"), "worker": ("tasks of ECS", "cpu")}
"""The project's own images, which no region publishes, with their use and hardware."""
ARM = "-arm64"
OWN_STATE = "this project's own: CodeBuild builds it in your account (stack mlstack-STAGE-Images)"
HARDWARE = {"cpu": "CPU", "gpu": "GPU", "any": "CPU or GPU"}


def state(found: Image, on: date) -> str:
    """Whether AWS mends the image, in words."""
    if found.end_of_patch is None:
        return "AWS names no end"
    return f"{'patched until' if found.is_patched(on) else 'out of patch since'} {found.end_of_patch}"


def own_address(name: str) -> str | None:
    """Where an image of the project's own lies; None for another one."""
    key = name.strip().casefold()
    if key.removesuffix(ARM) not in OWN:
        return None
    output = "".join(part.capitalize() for part in key.split("-"))
    return (
        f"{key} is this project's own image, which CodeBuild builds in your account; its address is the output "
        f"{output}ImageUri of the stack mlstack-STAGE-Images, and `mlstack image list` shows what is kept"
    )


def hardware(found: Image) -> str:
    """What the image runs on, in words."""
    needs = ALGORITHMS.get(found.name)
    if needs and needs.training != needs.inference:
        return f"{HARDWARE[needs.training]} to train, {HARDWARE[needs.inference]} to infer"
    return f"{HARDWARE[found.hardware]}{' (Arm)' if found.architecture == 'arm64' else ''}"


def machine(found: Image, region: str, on: date) -> dict[str, Any]:
    """One image for machines; its address is null where the region does not have it."""
    return {
        "name": found.name,
        "region": region,
        "uri": uri(found.name, region) if region in found.accounts else None,
        "kind": found.kind,
        "use": found.use,
        "hardware": found.hardware,
        "architecture": found.architecture,
        "end_of_patch": found.end_of_patch.isoformat() if found.end_of_patch else None,
        "patched": found.is_patched(on),
        "source": found.source,
    }


def everything(region: str, on: date) -> list[dict[str, Any]]:
    """All images for machines, and those that AWS has closed."""
    ended = [
        {"name": name, "closed": one.since, "successor": one.successor, "source": one.source} for name, one in closed()
    ]
    own = [
        {"name": name, "region": region, "uri": None, "kind": "own", "use": use, "hardware": on_what}
        for name, (use, on_what) in OWN.items()
    ]
    return [*own, *(machine(image(name), region, on) for name in NAMES), *ended]


def table(region: str, on: date) -> Table:
    """All images for people, and those that AWS has closed."""
    rows = grid(f"Images of AWS in {region}")
    for column in COLUMNS:
        rows.add_column(column, overflow="fold", no_wrap=column == "name")
    for name, (use, on_what) in OWN.items():
        rows.add_row(name, "", use, HARDWARE[on_what], OWN_STATE)
    for name in NAMES:
        found = image(name)
        where = state(found, on) if region in found.accounts else f"not in {region}"
        rows.add_row(name, f"{found.repository}:{found.tag}", _use(found), hardware(found), where)
    for name, one in closed():
        rows.add_row(name, "", "", "", f"closed since {one.since}; {one.successor}")
    return rows


def closed() -> Iterable[tuple[str, Closed]]:
    """What AWS has closed, each once, by the name it is asked for with."""
    names: dict[Closed, str] = {}
    for name, one in CLOSED_IMAGES.items():
        names.setdefault(one, name.replace("_", "-"))
    return [(name, one) for one, name in names.items()]


def _use(found: Image) -> str:
    return "training, inference" if found.use == "both" else found.use
