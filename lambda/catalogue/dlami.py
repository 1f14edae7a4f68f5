"""AWS's Deep Learning AMIs by their lines: flavour, framework version, operating system and processor.

A line's image is found by a public parameter of Systems Manager, and only when a machine is launched. Names as they are
in use, lines as the release notes of 2026 have them: https://docs.aws.amazon.com/dlami/latest/devguide/find-dlami-id.html
and https://docs.aws.amazon.com/dlami/latest/devguide/dlami-support-policy-table.html (November 2026).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from catalogue.ec2_types import Processor

Flavour = Literal["base", "pytorch", "tensorflow"]
FLAVOURS: tuple[Flavour, ...] = ("base", "pytorch", "tensorflow")
SYSTEMS = ("ubuntu-22.04", "ubuntu-24.04", "ubuntu-26.04", "amazon-linux-2023")

_LINES: Mapping[tuple[Flavour, Processor], Mapping[str, tuple[str, ...]]] = {
    ("base", "x86_64"): dict.fromkeys(SYSTEMS, ("",)),
    ("base", "arm64"): dict.fromkeys(SYSTEMS, ("",)),
    ("pytorch", "x86_64"): {
        "ubuntu-22.04": ("2.6", "2.7"),
        "ubuntu-24.04": ("2.8", "2.9", "2.10", "2.11", "2.12"),
        "ubuntu-26.04": ("2.13", "2.14"),
        "amazon-linux-2023": ("2.6", "2.8", "2.9", "2.10", "2.11", "2.13"),
    },
    ("pytorch", "arm64"): {
        "ubuntu-22.04": ("2.7",),
        "ubuntu-24.04": ("2.10", "2.11", "2.12"),
        "amazon-linux-2023": ("2.9", "2.10"),
    },
    ("tensorflow", "x86_64"): {"ubuntu-22.04": ("2.18",), "amazon-linux-2023": ("2.18",)},
    ("tensorflow", "arm64"): {},
}
"""The framework's versions, the newest last."""

_WITHOUT: Mapping[Flavour, frozenset[str]] = {
    "base": frozenset(),
    "pytorch": frozenset({"g7", "p6-b300"}),
    "tensorflow": frozenset(),
}
"""Families that the release notes of the base AMI name, and those of this flavour do not.

TensorFlow's last notes could not be looked up: what its driver does not know, the first boot's smoke check finds.
"""

# https://docs.aws.amazon.com/dlami/latest/devguide/dlami-support-policy-table.html
_ENDED: Mapping[str, str] = {
    "windows": "AWS makes no Deep Learning AMI for Windows any more; use ubuntu-24.04",
    "amazon-linux-2": "its patches ended on 2026-06-30; use amazon-linux-2023",
    "ubuntu-18.04": "its patches ended on 2023-05-31; use ubuntu-24.04",
    "ubuntu-20.04": "its patches ended on 2025-05-31; use ubuntu-24.04",
}


class DlamiError(ValueError):
    """There is no such line; the message is one line with the reason and what to use instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What AWS goes on building under one name."""

    flavour: Flavour
    version: str
    """The framework's; nothing for the base AMI."""
    system: str
    processor: Processor

    @property
    def parameter(self) -> str:
        """The public parameter that holds the newest image's id."""
        kind = (
            "base-oss-nvidia-driver-gpu" if not self.version else f"oss-nvidia-driver-gpu-{self.flavour}-{self.version}"
        )
        return f"/aws/service/deeplearning/ami/{self.processor}/{kind}-{self.system}/latest/ami-id"

    @property
    def login(self) -> str:
        """The user that people log in as."""
        return "ubuntu" if self.system.startswith("ubuntu") else "ec2-user"

    @property
    def python(self) -> str:
        """Where the Python with the framework is; nothing for the base AMI."""
        return f"/opt/{self.flavour}/bin/python" if self.version else ""


def lines() -> Iterator[Line]:
    """Every line."""
    for (flavour, processor), systems in _LINES.items():
        for system, versions in systems.items():
            for version in versions:
                yield Line(flavour=flavour, version=version, system=system, processor=processor)


def line(flavour: Flavour, system: str, processor: Processor, version: str | None = None) -> Line:
    """The line asked for, or its newest version where none is named; raise DlamiError where AWS builds none."""
    if system not in SYSTEMS:
        asked = system[:40].casefold()
        reason = next((why for name, why in _ENDED.items() if asked.startswith(name)), f"use {', '.join(SYSTEMS)}")
        message = f"there is no Deep Learning AMI for {asked!r}: {reason}"
        raise DlamiError(message)
    systems = _LINES[flavour, processor]
    if system not in systems:
        others = ", ".join(systems) or "none: choose pytorch"
        message = f"AWS builds no {flavour} AMI for {processor} on {system}; on {processor} there are {others}"
        raise DlamiError(message)
    versions = systems[system]
    if flavour == "base" and version:
        message = "the base AMI has no framework, and so no version of one; choose pytorch or leave the version out"
        raise DlamiError(message)
    if version and version not in versions:
        message = (
            f"AWS builds no {flavour} {version[:20]} AMI for {processor} on {system}; there are {', '.join(versions)}"
        )
        raise DlamiError(message)
    return Line(flavour=flavour, version=version or versions[-1], system=system, processor=processor)


def fault(flavour: Flavour, family: str) -> str | None:
    """Why a flavour's driver or framework does not run on a family that the base AMI knows; None where it does."""
    if family not in _WITHOUT[flavour]:
        return None
    return f'no release note of the {flavour} AMI names {family}; use flavour = "base" or another family'
