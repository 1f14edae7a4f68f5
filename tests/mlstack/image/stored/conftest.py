"""A registry whose answers a test writes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mlstack import account
from mlstack.account import Account
from tests.mlstack.wire import Spoken, Wire, refused, said, wired

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
NOT_SCANNED = refused("ScanNotFoundException")


@pytest.fixture
def wire() -> Wire:
    """A registry in which nothing was scanned."""
    found = Wire()
    found.answer("DescribeImageScanFindings", NOT_SCANNED)
    return found


@pytest.fixture
def outputs() -> dict[str, str]:
    """What the stage's stack says; a test may change it."""
    return {
        "InferenceImageUri": f"{REGISTRY}/inference:{'a' * 64}",
        "InferenceRepositoryName": "inference",
        "InferenceArm64ImageUri": f"{REGISTRY}/inference:{'b' * 64}",
        "TrainingImageUri": f"{REGISTRY}/training:{'c' * 64}",
        "ExportsOutputRefInferenceRepository": "inference",
    }


@pytest.fixture
def stage(wire: Wire, outputs: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """A real account with a stage whose stack says that."""
    monkeypatch.setattr("mlstack.deployment.outputs", lambda *_: outputs)
    for found in wired(wire, ("ecr",)):
        there = replace(found, shown="account 1", is_local=False)
        monkeypatch.setattr(account, "choose", lambda *_, chosen=there: chosen)
        yield there


def image(
    *tags: str, digest: str = "d" * 64, size: int | None = 5_000_000_000, pushed: float = 1.0
) -> dict[str, object]:
    """An image as ECR tells it; one without a tag has no list of them."""
    told: dict[str, object] = {"imageDigest": f"sha256:{digest}", "imagePushedAt": pushed}
    more: dict[str, object] = {"imageSizeInBytes": size, "imageTags": list(tags) or None}
    return told | {name: value for name, value in more.items() if value is not None}


def listed(*images: dict[str, object], following: str = "") -> Spoken:
    """A page of images."""
    return said(imageDetails=list(images), **({"nextToken": following} if following else {}))


def scanned(status: str = "COMPLETE", **counts: int) -> Spoken:
    """What a scan found."""
    return said(imageScanStatus={"status": status}, imageScanFindings={"findingSeverityCounts": counts})
