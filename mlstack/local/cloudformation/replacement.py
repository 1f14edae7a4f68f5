"""Resources that took another's place in an update: the old one goes when all is well, else it comes back."""

from dataclasses import replace

from mlstack.local.cloudformation.ledger import Ledger, Made
from mlstack.local.cloudformation.order import deletion_order

Snapshot = dict[str, Made]
"""What every resource of a stack was like."""


def snapshot(ledger: Ledger) -> Snapshot:
    """What every resource is like now."""
    return {name: replace(made) for name, made in ledger.made.items()}


def replaced(ledger: Ledger, before: Snapshot) -> list[tuple[str, Made]]:
    """The resources of ``before`` that others took the place of and that still exist, dependents first."""
    return [(name, before[name]) for name in _swapped(ledger, before)]


def bring_back(ledger: Ledger, before: Snapshot) -> list[tuple[str, Made]]:
    """Put the old resources back in their place; give those that had taken it, dependents first."""
    swapped = [(name, replace(ledger.made[name])) for name in _swapped(ledger, before)]
    for name, _ in swapped:
        ledger.enter(name, before[name])
    return swapped


def _swapped(ledger: Ledger, before: Snapshot) -> list[str]:
    order = deletion_order({name: made.raw for name, made in ledger.made.items()})
    return [name for name in order if name in before and _took_place(ledger.made[name], before[name])]


def _took_place(new: Made, old: Made) -> bool:
    """Whether one stands for the other, under another name: the same name is the same thing."""
    stands = getattr(new.resource, "replaces", None) is old.resource and new.resource is not old.resource
    return stands and new.physical_id != old.physical_id
