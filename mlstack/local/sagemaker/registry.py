"""What SageMaker keeps by name: each with an ARN in small letters, tags, and two dates."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import RLock
from typing import Generic, TypeVar

from moto.utilities.utils import get_partition

from mlstack.local.environment import Place
from mlstack.local.json_service import Json, ServiceError
from mlstack.local.rekognition.failure import RekognitionError
from mlstack.local.rekognition.page import page

INVALID = "ValidationException"
LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Refusal:
    """How SageMaker says that there is no such thing, or that there is one already."""

    words: str
    code: str = INVALID

    def of(self, name: str, arn: str, kind: str) -> ServiceError:
        """The error for one name."""
        return ServiceError(self.code, self.words.format(name=name, arn=arn, words=kind))


MISSING = Refusal('Could not find {words} "{arn}".')
TAKEN = Refusal('Cannot create already existing {words} "{arn}".')


@dataclass(kw_only=True)
class Record:
    """One named thing."""

    name: str
    arn: str
    said: Json
    """The request that made it, and whatever changed it since."""
    created: float = field(default_factory=time.time)
    changed: float = field(default_factory=time.time)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def dates(self) -> Json:
        """As every description has them."""
        return {"CreationTime": self.created, "LastModifiedTime": self.changed}

    def touch(self) -> None:
        """It was changed just now."""
        self.changed = time.time()


R = TypeVar("R", bound=Record)


class Registry(Generic[R]):
    """Things of one kind, by their name in whichever letters."""

    def __init__(
        self,
        place: Place,
        kind: str,
        words: str,
        *,
        missing: Refusal | str = MISSING,
        taken: Refusal = TAKEN,
    ) -> None:
        partition = get_partition(place.region)
        self._prefix = f"arn:{partition}:sagemaker:{place.region}:{place.account}:{kind}/"
        self._words = words
        self._missing = Refusal(missing) if isinstance(missing, str) else missing
        self._taken = taken
        self._kept: dict[str, R] = {}
        self.lock = RLock()

    def arn(self, name: str) -> str:
        """The ARN of a name; SageMaker writes it in small letters."""
        return self._prefix + name.lower()

    def add(self, record: R) -> R:
        """Keep something new; ServiceError where the name is taken."""
        record.tags = {tag["Key"]: tag["Value"] for tag in record.said.get("Tags", [])}
        with self.lock:
            if record.name.lower() in self._kept:
                raise self._taken.of(record.name, record.arn, self._words)
            self._kept[record.name.lower()] = record
        return record

    def get(self, name: str) -> R:
        """What has a name; ServiceError where nothing has."""
        found = self.find(name)
        if found is None:
            raise self._missing.of(name, self.arn(name), self._words)
        return found

    def find(self, name: str) -> R | None:
        """What has a name, or nothing."""
        with self.lock:
            return self._kept.get(name.lower())

    def remove(self, name: str) -> None:
        """Let go of it."""
        with self.lock:
            self.get(name)
            del self._kept[name.lower()]

    def by_arn(self, arn: str) -> R | None:
        """What has an ARN."""
        return self.find(arn.removeprefix(self._prefix)) if arn.startswith(self._prefix) else None

    def __iter__(self) -> Iterator[R]:
        """All there is, oldest first."""
        with self.lock:
            return iter([*self._kept.values()])


def listing(
    records: Iterator[R], asked: Json, told: Callable[[R], Json], title: str, *, order: str = "Descending"
) -> Json:
    """One page of a List operation, narrowed and ordered as it is asked, or by ``order`` where it is not."""
    named = asked.get("NameContains", "").lower()
    found = [(one, told(one)) for one in records if named in one.name.lower() and _in_time(one, asked)]
    if "StatusEquals" in asked:
        found = [(one, said) for one, said in found if _status(said) == asked["StatusEquals"]]
    keys: dict[str, Callable[[tuple[R, Json]], float | str]] = {
        "Name": lambda pair: pair[0].name,
        "Status": lambda pair: _status(pair[1]),
    }
    key = keys.get(asked.get("SortBy", ""), lambda pair: pair[0].created)
    found.sort(key=key, reverse=asked.get("SortOrder", order) != "Ascending")
    return paged([said for _, said in found], asked, title)


def paged(found: list[Json], asked: Json, title: str) -> Json:
    """One page of what was found."""
    try:
        size = min(asked.get("MaxResults", LARGEST_PAGE), LARGEST_PAGE)
        shown, token = page(found, size, asked.get("NextToken"), title)
    except RekognitionError as error:
        raise ServiceError(INVALID, "Invalid NextToken.") from error
    return {title: shown, **({"NextToken": token} if token else {})}


def _status(said: Json) -> str:
    """A summary's own status."""
    found = (value for name, value in said.items() if name.endswith("Status") and name != "SecondaryStatus")
    return str(next(found, ""))


def _in_time(record: Record, asked: Json) -> bool:
    """Whether a record was made, and changed, when the request says."""
    spans = (("CreationTime", record.created), ("LastModifiedTime", record.changed))
    return all(asked.get(f"{name}After", when) <= when <= asked.get(f"{name}Before", when) for name, when in spans)
