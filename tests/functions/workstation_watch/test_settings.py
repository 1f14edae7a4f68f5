"""What the function is told by its environment is whole, and can be gone by, or is an error."""

from datetime import timedelta

import pytest

from workstation_watch.settings import Settings, settings


def test_settings_are_what_the_environment_says() -> None:
    assert settings() == Settings(
        stage="sandbox",
        longest={"trainer": timedelta(hours=12), "painter": timedelta(hours=4)},
        heartbeat=timedelta(minutes=5),
        grace=timedelta(minutes=20),
    )


@pytest.mark.parametrize("missing", ["STAGE", "MAX_HOURS", "HEARTBEAT_MINUTES", "GRACE_MINUTES"])
def test_function_without_its_environment_is_an_error(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(missing)

    with pytest.raises(KeyError, match=missing):
        settings()


NUMBERS = ["", "soon", "0", "-5", "nan", "NaN", "inf", "1e300", "[]"]
BROKEN = [
    ("STAGE", ""),
    ("STAGE", " "),
    *((name, value) for name in ("HEARTBEAT_MINUTES", "GRACE_MINUTES") for value in NUMBERS),
    *(("MAX_HOURS", value) for value in ("", "12", "{}", "[]", "[12]", '"trainer"', "null", "{")),
    *(("MAX_HOURS", f'{{"trainer": 12, "painter": {value}}}') for value in ("0", "-1", "NaN", "Infinity", "1e300")),
    *(("MAX_HOURS", f'{{"painter": {value}}}') for value in ("null", "true", "[]", "{}", '""', '"soon"')),
]


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_environment_that_cannot_be_gone_by_is_an_error(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValueError, match=r".+"):
        settings()
