"""A bucket's keys while other requests delete some of them: what a listing sees is what was there when it began."""

from collections.abc import Iterator
from typing import Any

from moto.s3.utils import _VersionedKeyStore

from mlstack.local.mend import replace


def mend() -> None:
    """Iterate over a copy; moto looks each key up again, and fails over one that is gone by then."""
    replace(_VersionedKeyStore, "iterlists", _lists)
    replace(_VersionedKeyStore, "lists", _lists)
    replace(_VersionedKeyStore, "items", _items)
    replace(_VersionedKeyStore, "values", _values)


def _lists(self: _VersionedKeyStore) -> Iterator[tuple[str, list[Any]]]:
    # dict's own items in one step, which no other thread can come between.
    for key, versions in list(dict.items(self)):
        if versions:
            yield key, list(versions)


def _items(self: _VersionedKeyStore) -> Iterator[tuple[str, Any]]:
    return ((key, versions[-1]) for key, versions in _lists(self))


def _values(self: _VersionedKeyStore) -> Iterator[Any]:
    return (versions[-1] for _, versions in _lists(self))
