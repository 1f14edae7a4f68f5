"""What could be seen of the things in a cluster, and why the rest could not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from shared.cluster import batches
from shared.fault import reason_of

T = TypeVar("T")
U = TypeVar("U")

Describe = Callable[[Sequence[str]], tuple[list[U], list[str]]]
"""Describes a batch; also says which of its things it cannot."""


@dataclass(frozen=True, slots=True)
class Sight(Generic[T]):
    """What was seen."""

    things: tuple[T, ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing else is there, as far as AWS knows."""
        return not self.troubles

    def __add__(self, other: "Sight[T]") -> "Sight[T]":
        """With what else was seen."""
        return Sight(self.things + other.things, self.troubles + other.troubles)


def seen(find: Callable[[], Sequence[T]]) -> Sight[T]:
    """All that one look finds, or nothing."""
    try:
        return Sight(tuple(find()))
    except (BotoCoreError, ClientError) as error:
        return Sight(troubles=(reason_of(error),))


def described(listed: Callable[[], Sequence[str]], describe: Describe[U], read: Callable[[U], T]) -> Sight[T]:
    """All that is listed, as far as ECS describes it; what it does not hides nothing else."""
    names = seen(listed)
    sight: Sight[T] = Sight(troubles=names.troubles)
    for batch in batches(names.things):
        try:
            told, unseen = describe(batch)
            sight += Sight(tuple(read(one) for one in told), tuple(f"ECS does not describe {one}" for one in unseen))
        except (BotoCoreError, ClientError) as error:
            sight += Sight(troubles=(reason_of(error),))
    return sight
