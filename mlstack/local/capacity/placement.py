"""Where a task of an EC2 capacity provider runs: it waits until an instance has room for it."""

from dataclasses import replace

from mlstack.local.capacity import container_instances, providers
from mlstack.local.capacity.board import BOARD, Failed, Place, Placed, Wish
from mlstack.local.capacity.settling import SETTLING

__all__ = ["Place", "Wish", "place", "refusal", "release"]


def place(wish: Wish, placed: Placed, failed: Failed | None = None) -> None:
    """Place a task as soon as an instance has room; ``placed`` is called in another thread.

    ``failed`` is called instead, in another thread too, with a stop code and a reason, for a task that nobody has room
    for within AWS's own limit.
    """
    BOARD.add(replace(wish, provider=wish.provider and providers.named(wish.provider)), placed, failed)
    SETTLING.poke()


def refusal(wish: Wish) -> str:
    """Why RunTask fails at once: RESOURCE:GPU and the like, where nothing will make room; else nothing."""
    if wish.provider and providers.scales(wish.account, wish.region, providers.named(wish.provider)):
        return ""
    return BOARD.lacks(wish, container_instances.candidates(wish.account, wish.region))


def release(task_arn: str) -> None:
    """Take a task's room back: it has stopped, or is no longer wanted."""
    BOARD.drop(task_arn)
    SETTLING.poke()
