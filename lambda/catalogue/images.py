"""Container images of AWS: Deep Learning Containers and SageMaker's built-in algorithms, in every region and partition.

The accounts and tags come from images.json, which `scripts/images.py` writes from the files of the SageMaker SDK
(Apache-2.0); what those do not say is in image_lines.py. Nothing here asks AWS or looks at a clock.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from catalogue.closed import Closed, closed_image
from catalogue.image_lines import LINES, Architecture, Hardware, Kind, Use
from catalogue.regions import nearest, url_suffix
from catalogue.spelling import meant

NAMES = tuple(LINES)
_MOST_REGIONS = 4
_LONGEST = 80


class ImageError(ValueError):
    """An image that cannot be had; the message is one line that names what can."""


class UnknownImageError(ImageError):
    """No image has that name."""


class UnknownRegionError(ImageError):
    """AWS publishes images in no such region."""


class ClosedError(ImageError):
    """AWS has closed what the image belongs to; the message names what took its place."""


class NotOfferedError(ImageError):
    """The image is not in that region; the message names the nearest that have it."""

    def __init__(self, message: str, regions: tuple[str, ...]) -> None:
        super().__init__(message)
        self.regions = regions
        """Where it is offered in the same partition, the nearest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """One image that AWS publishes."""

    name: str
    repository: str
    tag: str
    kind: Kind
    hardware: Hardware
    """What the image is made for; "any" where one image serves CPU and GPU."""
    architecture: Architecture
    use: Use
    end_of_patch: date | None
    """The last day on which AWS patches it; None where AWS names none. It can be pulled after that day, too."""
    instead: str
    """Another image for the same purpose that more regions have; "" where there is none."""
    source: str
    """Where its support is described."""
    accounts: Mapping[str, str] = field(hash=False)
    """The account that publishes it, by region."""

    def is_patched(self, on: date) -> bool:
        """Whether AWS patches it on that day, as far as it has named a last one."""
        return self.end_of_patch is None or on <= self.end_of_patch


def image(name: str) -> Image:
    """The image of a name, in capitals or not.

    Raises:
        ClosedError: for what AWS has closed.
        UnknownImageError: for every other name that is not in ``NAMES``.
    """
    key = name.strip().casefold().replace("_", "-").replace(" ", "-")
    if key in LINES:
        return _image(key)
    if closed := closed_image(key):
        raise ClosedError(_ended(closed))
    message = (
        f"{name[:_LONGEST]!r} is no image in the catalogue; {meant(key, NAMES, 'see `mlstack image uri` for all')}"
    )
    raise UnknownImageError(message)


def uri(name: str, region: str) -> str:
    """The address of an image for SageMaker in a region.

    Raises:
        ImageError: where there is none; the message names what there is.
    """
    found = image(name)
    require_region(region)
    account = found.accounts.get(region)
    if account is None:
        raise _not_offered(found, region)
    return f"{account}.dkr.ecr.{region}.{url_suffix(region)}/{found.repository}:{found.tag}"


def training_base(accelerator: Literal["cpu", "gpu"]) -> str:
    """The Deep Learning Container that the project's training image begins with, where everybody can pull it.

    https://gallery.ecr.aws/deep-learning-containers
    """
    found = image(f"pytorch-2.13-training-{accelerator}")
    return f"public.ecr.aws/deep-learning-containers/{found.repository}:{found.tag}"


@cache
def regions() -> frozenset[str]:
    """Every region in which AWS publishes at least one of the images."""
    return frozenset(region for accounts in _document()["accounts"].values() for region in accounts)


def require_region(region: str) -> None:
    """Raise UnknownRegionError for a region in which AWS publishes none of the images."""
    if region not in regions():
        message = (
            f"{region[:_LONGEST]!r} is no region with images of AWS; "
            f"{meant(region, sorted(regions()), 'name one such as us-east-1')}"
        )
        raise UnknownRegionError(message)


def _ended(closed: Closed) -> str:
    return f"{closed.name} is closed since {closed.since}; {closed.successor}"


def _not_offered(found: Image, region: str) -> NotOfferedError:
    near = nearest(region, found.accounts)
    have = f"the nearest regions that have it are {_listed(near)}" if near else "no region of its partition has it"
    other = f"; {found.instead} is offered there" if found.instead and region in image(found.instead).accounts else ""
    return NotOfferedError(f"{found.name} is not offered in {region}; {have}{other}", tuple(near))


def _listed(near: list[str]) -> str:
    more = len(near) - _MOST_REGIONS
    return ", ".join(near[:_MOST_REGIONS]) + (f" and {more} more" if more > 0 else "")


@cache
def _document() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    found: Mapping[str, Mapping[str, Mapping[str, str]]] = json.loads(
        Path(__file__).with_name("images.json").read_text(encoding="utf-8")
    )
    return found


@cache
def _image(name: str) -> Image:
    line, found = LINES[name], _document()["images"][name]
    absent = set(found["not in"])
    accounts = {region: one for region, one in _document()["accounts"][line.accounts].items() if region not in absent}
    return Image(
        name=name,
        repository=found["repository"],
        tag=found["tag"],
        kind=line.kind,
        hardware=line.hardware,
        architecture=line.architecture,
        use=line.use,
        end_of_patch=line.end_of_patch,
        instead=line.instead,
        source=line.source,
        accounts=MappingProxyType(accounts),
    )
