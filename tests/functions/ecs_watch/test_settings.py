"""What the function is told by its environment is whole, and can be gone by, or is an error."""

from datetime import timedelta

import pytest

from ecs_watch.settings import Settings, settings


def test_settings_are_what_the_environment_says() -> None:
    assert settings() == Settings(
        cluster="mlstack-sandbox",
        groups=("spot", "on-demand"),
        family="mlstack-sandbox-training",
        longest=timedelta(hours=24),
        queues=("https://sqs.us-east-1.amazonaws.com/123456789012/tagger",),
    )


@pytest.mark.parametrize("missing", ["CLUSTER", "GROUPS", "FAMILY", "MAX_HOURS", "QUEUES"])
def test_function_without_its_environment_is_an_error(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(missing)

    with pytest.raises(KeyError, match=missing):
        settings()


BROKEN = [
    *(("CLUSTER", value) for value in ("", " ", "*", "a/b", "a\n")),
    *(("FAMILY", value) for value in (" ", "*", "a:7", "a\n")),
    *(
        ("GROUPS", value)
        for value in ("", "spot", "{}", '"spot"', "null", "[1]", '[""]', '["*"]', '["s?"]', '["a\\n"]')
    ),
    *(
        ("QUEUES", value)
        for value in ("", "tagger", "{}", '"https://a/b"', "null", "[1]", '[""]', '["tagger"]', '["https://a/b\\n"]')
    ),
    *(("MAX_HOURS", value) for value in ("", "soon", "0", "-5", "nan", "inf", "1e300", "[]")),
]


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_environment_that_cannot_be_gone_by_is_an_error(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValueError, match=r".+"):
        settings()


def test_cluster_may_have_neither_groups_nor_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUPS", "[]")
    monkeypatch.setenv("QUEUES", "[]")

    assert (settings().groups, settings().queues) == ((), ())
