"""AWS's regions as names tell them: the partition, the suffix of its addresses, and which regions are near."""

from collections.abc import Iterable, Mapping
from itertools import takewhile

_COMMERCIAL = ("aws", "amazonaws.com")
_PARTITIONS: Mapping[str, tuple[str, str]] = {
    "cn-": ("aws-cn", "amazonaws.com.cn"),
    "eu-isoe-": ("aws-iso-e", "cloud.adc-e.uk"),
    "eusc-": ("aws-eusc", "amazonaws.eu"),
    "us-gov-": ("aws-us-gov", "amazonaws.com"),
    "us-iso-": ("aws-iso", "c2s.ic.gov"),
    "us-isob-": ("aws-iso-b", "sc2s.sgov.gov"),
    "us-isof-": ("aws-iso-f", "csp.hci.ic.gov"),
}
"""The partition and the suffix of its addresses, by how the names of its regions begin."""
_NEIGHBOURS: Mapping[str, str] = {"af": "eu", "ca": "us", "il": "eu", "me": "eu", "mx": "us", "sa": "us"}
"""Where to look next when a part of the world with few regions has none."""


def partition(region: str) -> str:
    """The partition of a region, such as aws or aws-cn."""
    return _found(region)[0]


def url_suffix(region: str) -> str:
    """What addresses in a region end in, such as amazonaws.com."""
    return _found(region)[1]


def nearest(region: str, among: Iterable[str]) -> list[str]:
    """Those regions that a region's data could go to: of its own partition, by their names the nearest first."""
    home = partition(region)
    return sorted((one for one in among if partition(one) == home), key=lambda one: (_distance(region, one), one))


def _found(region: str) -> tuple[str, str]:
    return next((found for start, found in _PARTITIONS.items() if region.startswith(start)), _COMMERCIAL)


def _distance(region: str, other: str) -> tuple[bool, bool, int]:
    here, there = region.partition("-")[0], other.partition("-")[0]
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(region, other, strict=False))
    return here != there, _NEIGHBOURS.get(here) != there, -len(list(alike))
