"""What the address of a container image tells: registry, region, repository, and the hardware it was built for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from catalogue.images import NAMES, Image, image

ADDRESS = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?P<suffix>[^/]+)/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@.+)?"
)
WORD = re.compile(r"[^a-z0-9]+")
CUDA = re.compile(r"cu(?:da)?[0-9]*")


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """An image in Amazon ECR."""

    account: str
    region: str
    repository: str
    tag: str


def container_image(text: str) -> ContainerImage | None:
    """The image that a complete address names; None for any other text."""
    match = ADDRESS.fullmatch(text)
    if not match:
        return None
    return ContainerImage(match["account"], match["region"], match["repository"], match["tag"] or "")


def listed(text: str) -> Image | None:
    """The catalogue's entry for an address; None for an image that AWS does not publish, or not under this tag."""
    found = container_image(text)
    return _listed().get((found.repository, found.tag)) if found else None


def hardware(text: str) -> str:
    """The hardware that an image is built for: `gpu`, `cpu` or `neuron`; empty where nothing tells, or it takes any."""
    published = listed(text)
    if published:
        return "" if published.hardware == "any" else published.hardware
    repository, _, tag = text.rpartition("/")[2].partition(":")
    words = set(WORD.split(tag.lower()))
    if "neuron" in repository or any(word.startswith("neuron") for word in words):
        return "neuron"
    if "gpu" in words or any(CUDA.fullmatch(word) for word in words):
        return "gpu"
    return "cpu" if "cpu" in words else ""


def processor(text: str) -> str:
    """The processor that an image of AWS is built for; empty where nothing tells."""
    found, published = container_image(text), listed(text)
    if published:
        return published.architecture
    return "arm64" if found and found.repository.endswith("-arm64") else ""


@cache
def publishers(repository: str) -> Mapping[str, str]:
    """The account of AWS that publishes a repository, by region; empty where the catalogue has none."""
    return next((one.accounts for one in map(image, NAMES) if one.repository == repository), {})


@cache
def accounts() -> frozenset[str]:
    """Every account that AWS publishes images in."""
    return frozenset(account for one in map(image, NAMES) for account in one.accounts.values())


@cache
def _listed() -> Mapping[tuple[str, str], Image]:
    """The catalogue's images by repository and tag."""
    return {(one.repository, one.tag): one for one in map(image, NAMES)}
