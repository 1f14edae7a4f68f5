"""A listing of a bucket sees what was there when it began, whatever is deleted meanwhile."""

from collections.abc import Callable, Iterator

import pytest
from moto.s3.models import FakeKey
from moto.s3.utils import _VersionedKeyStore

from mlstack.local import object_versions


@pytest.fixture
def key() -> Iterator[Callable[[str], FakeKey]]:
    """Makes keys and closes their files at the end; moto warns of others, in whichever test comes later."""
    made: list[FakeKey] = []

    def make(name: str) -> FakeKey:
        made.append(FakeKey(name, b"x", "123456789012", "us-east-1"))
        return made[-1]

    yield make
    for one in made:
        one.dispose()


@pytest.fixture
def store(key: Callable[[str], FakeKey], monkeypatch: pytest.MonkeyPatch) -> _VersionedKeyStore:
    """Three keys of a bucket as the local AWS keeps them."""
    for name in ("iterlists", "lists", "items", "values"):
        monkeypatch.setattr(_VersionedKeyStore, name, getattr(_VersionedKeyStore, name))
    object_versions.mend()
    made = _VersionedKeyStore()
    for name in ("a", "b", "c"):
        made[name] = key(name)
    return made


@pytest.mark.parametrize("listing", ["iterlists", "items", "values"])
@pytest.mark.parametrize("delete", [lambda store: store.pop("b"), lambda store: store.setlist("b", [])])
def test_a_key_that_goes_while_a_bucket_is_listed_harms_no_listing(
    store: _VersionedKeyStore, listing: str, delete: Callable[[_VersionedKeyStore], None]
) -> None:
    found = iter(getattr(store, listing)())
    next(found)

    delete(store)

    assert len(list(found)) == 2


def test_a_later_listing_sees_the_keys_that_are_left_with_all_their_versions(
    store: _VersionedKeyStore, key: Callable[[str], FakeKey]
) -> None:
    store["a"] = key("a")
    store.setlist("b", [])
    store.pop("c")

    assert {key: len(versions) for key, versions in store.iterlists()} == {"a": 2}
    assert [(key, one.name) for key, one in store.items()] == [("a", "a")]
