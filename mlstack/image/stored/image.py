"""The images in a stage's repositories, and which of them the stage runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from catalogue import prices
from mlstack.image.deployed import Deployed
from mlstack.image.stored import findings
from mlstack.image.stored.findings import Findings

if TYPE_CHECKING:
    from mypy_boto3_ecr.client import ECRClient

STORAGE = "ecr_stored_gb_month"
GB = 1024**3


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """One image."""

    names: tuple[str, ...]
    """What it is, or was: of one that nothing uses, everything that its repository keeps."""
    repository: str
    digest: str
    tags: tuple[str, ...]
    pushed: datetime | None
    size: int
    """In bytes, as ECR keeps it."""
    findings: Findings
    used: bool
    """Whether the deployed stack names it."""

    def usd_per_month(self, region: str) -> Decimal | None:
        """What its storage costs at the most, where that is known: what images share is paid for once."""
        price = prices.usd(STORAGE, region)
        return price.usd * self.size / GB if price else None


def stored(ecr: "ECRClient", deployed: Sequence[Deployed]) -> list[Stored]:
    """Every image of the repositories of a stage, each repository's newest first."""
    repositories = dict.fromkeys(one.repository for one in deployed)
    return [image for repository in repositories for image in _of_repository(ecr, repository, deployed)]


def _of_repository(ecr: "ECRClient", repository: str, deployed: Sequence[Deployed]) -> Iterator[Stored]:
    names = {one.name: one.tag for one in deployed if one.repository == repository}
    pages = ecr.get_paginator("describe_images").paginate(repositoryName=repository)
    found = [image for page in pages for image in page["imageDetails"]]
    for one in sorted(found, key=_pushed, reverse=True):
        tags = tuple(sorted(one.get("imageTags", ())))
        using = tuple(name for name, tag in names.items() if tag in tags)
        digest = one.get("imageDigest", "")
        yield Stored(
            names=using or tuple(names),
            repository=repository,
            digest=digest,
            tags=tags,
            pushed=one.get("imagePushedAt"),
            size=one.get("imageSizeInBytes") or 0,
            findings=findings.of_image(ecr, repository, digest),
            used=bool(using),
        )


def _pushed(told: Mapping[str, Any]) -> datetime:
    found: datetime | None = told.get("imagePushedAt")
    return found or datetime.min.replace(tzinfo=UTC)
