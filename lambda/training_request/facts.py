"""What was looked up about a request, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Object:
    """One object of S3."""

    key: str
    size: int
    """In bytes."""

    @property
    def suffix(self) -> str:
        """What its name ends in, such as .csv."""
        return suffix(self.key)


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What lies at a place in S3."""

    found: str | None = None
    """The prefix, with its slash, or the object that a job can be given; None where nothing lies there."""
    folders: tuple[str, ...] = ()
    """The folders directly in it."""
    example: str = ""
    """One of the keys."""
    objects: tuple[Object, ...] = ()
    """The first of those directly in it, without what marks folders."""
    failure: str = ""
    """Why S3 could not be asked."""

    @property
    def suffix(self) -> str:
        """What the example's name ends in, such as .csv."""
        return suffix(self.example)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """How much of something an account may use in a region."""

    name: str
    code: str
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Quotas:
    """Those quotas of SageMaker that matter to a request."""

    known: Mapping[str, Quota] = field(default_factory=dict)
    """By their names."""
    not_offered: frozenset[str] = frozenset()
    """Names that Service Quotas does not know in this region, though it knows their like."""
    failure: str = ""
    """Why they could not be read, or not all of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """One version of a model in its group."""

    arn: str
    version: int
    status: str
    approval: str
    image: str
    artifacts: str
    environment: Mapping[str, str] = field(default_factory=dict)
    content_types: tuple[str, ...] = ()
    response_types: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """An endpoint that is there already."""

    name: str
    status: str
    failure_reason: str = ""
    variants: tuple[str, ...] = ()
    with_model: bool = True
    """Whether its variants name a model; those that host inference components do not."""
    serverless: bool = False
    ours: bool | None = None
    """Whether the workflow made it, and not CloudFormation; None where nobody knows."""
    stages: frozenset[str] = frozenset()
    """Whose it is, by its tags; none where they do not say, or nobody knows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The answers to everything that a request makes the function ask."""

    listings: Mapping[str, Listing] = field(default_factory=dict)
    """By the text that the request has for the place."""
    quotas: Quotas = field(default_factory=Quotas)
    package: Package | None = None
    versions: tuple[int, ...] = ()
    """Which versions the model has, the newest first, where one was looked for."""
    package_failure: str = ""
    endpoint: Endpoint | None = None
    endpoint_failure: str = ""


def suffix(key: str) -> str:
    """What a key's name ends in, such as .csv; nothing where it has no end of its own."""
    name = key.rpartition("/")[2]
    return f".{name.rpartition('.')[2].lower()}" if "." in name else ""
