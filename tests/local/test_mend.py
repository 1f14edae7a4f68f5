"""A mend notices when moto has changed."""

import pytest

from mlstack.local.mend import MotoChangedError, replace


class Thing:
    def method(self, first: str, second: int = 0) -> str:
        return first * second

    @classmethod
    def made(cls, name: str) -> str:
        return name


def test_mend_replaces_and_gives_back_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Thing, "method", Thing.method)

    old = replace(Thing, "method", lambda self, first, second=1: [self.__class__, first, second])

    assert Thing().method("a") == [Thing, "a", 1]  # type: ignore[comparison-overlap]  # it is replaced
    assert old(Thing(), "a", 2) == "aa"


def test_mend_refuses_what_is_no_longer_there() -> None:
    with pytest.raises(MotoChangedError, match=r"no longer has Thing\.gone"):
        replace(Thing, "gone", lambda: None)


def test_mend_refuses_another_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Thing, "method", Thing.method)

    with pytest.raises(MotoChangedError, match=r"Thing\.method"):
        replace(Thing, "method", lambda self: self)


def test_mend_compares_class_methods_by_what_a_caller_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Thing, "made", Thing.made)

    replace(Thing, "made", classmethod(lambda cls, name: f"{cls.__name__} {name}"))

    assert Thing.made("x") == "Thing x"
