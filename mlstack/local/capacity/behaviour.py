"""Puts EC2 capacity in place: what moto's classes do, what is done at each look, and what a test may set."""

from collections.abc import Iterator
from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup, autoscaling_backends

from mlstack.local import runtime
from mlstack.local.capacity import container_instances, fleet, group, provider_calls, scaler, setting
from mlstack.local.capacity.agents import AGENTS
from mlstack.local.capacity.board import BOARD, Wish
from mlstack.local.capacity.interruptions import INTERRUPTIONS
from mlstack.local.capacity.settling import SETTLING
from mlstack.local.ec2.supply import SUPPLY


def mend() -> None:
    """Put everything in place."""
    for part in (container_instances, group, provider_calls):
        part.mend()
    SETTLING.follow(INTERRUPTIONS.look, _give_up, _settle_groups, AGENTS.register, _match, scaler.look)
    AGENTS.listen()


def changed(body: bytes) -> dict[str, Any]:
    """How it is, after what a test wants; raise ValueError for what makes no sense."""
    asked, here = setting.wanted(body), runtime.running().place
    for market, types in asked.missing.items():
        SUPPLY.set(market, types)
    if asked.interrupt is not None:
        INTERRUPTIONS.announce(here.account, here.region, asked.interrupt)
    waiting = [wish.task_arn for wish in BOARD.waiting()]
    return dict(setting.Told(missing=SUPPLY.told(), interrupted=INTERRUPTIONS.told(), waiting=waiting))


def _settle_groups() -> None:
    for one in _groups():
        fleet.settle(one)


def _groups() -> Iterator[FakeAutoScalingGroup]:
    for regions in list(autoscaling_backends.values()):
        for backend in list(regions.values()):
            yield from list(backend.autoscaling_groups.values())


def _match() -> None:
    for account, region in {(wish.account, wish.region) for wish in BOARD.waiting()}:
        BOARD.match(container_instances.candidates(account, region))


def _give_up() -> None:
    BOARD.give_up(_is_empty)


def _is_empty(wish: Wish) -> bool:
    found = container_instances.candidates(wish.account, wish.region)
    return not any(wish.provider in one.providers for one in found)
