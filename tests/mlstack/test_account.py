"""Which AWS a command speaks to: never a real account unless the person said so."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from mlstack import account
from mlstack.errors import UserError
from mlstack.local.aws import LocalAws


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS that is up, with nothing in it."""
    with LocalAws.start(tmp_path_factory.mktemp("running")) as aws:
        yield aws


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The regions in which a real account was asked for."""
    asked: list[str | None] = []

    def reach(region: str | None) -> account.Account:
        asked.append(region)
        return account.Account(shown="a real account", is_local=False, client=lambda name: name)

    monkeypatch.setattr(account, "_real", reach)
    return asked


@pytest.mark.parametrize("where", [None, "local"])
def test_the_local_aws_is_chosen_where_it_is_up(
    monkeypatch: pytest.MonkeyPatch, running: LocalAws, real: list[str | None], where: Literal["local"] | None
) -> None:
    monkeypatch.setattr(account, "WORK", running.folder)

    assert account.choose(where).is_local
    assert real == []


@pytest.mark.parametrize("where", [None, "local"])
def test_no_real_account_stands_in_for_a_local_aws_that_is_down(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, real: list[str | None], where: Literal["local"] | None
) -> None:
    monkeypatch.setattr(account, "WORK", tmp_path)

    with pytest.raises(UserError, match="no local AWS is up"):
        account.choose(where)

    assert real == []


def test_a_real_account_is_chosen_only_when_it_was_said(
    monkeypatch: pytest.MonkeyPatch, running: LocalAws, real: list[str | None]
) -> None:
    monkeypatch.setattr(account, "WORK", running.folder)

    assert not account.choose("aws", "eu-west-1").is_local
    assert real == ["eu-west-1"]


def test_a_real_account_without_credentials_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)

    with pytest.raises(UserError, match="no AWS credentials are set; run `aws sso login`, set AWS_PROFILE"):
        account.choose("aws", "us-east-1")


def test_the_local_aws_is_reached_past_a_proxy_and_a_profile_of_the_shell(
    monkeypatch: pytest.MonkeyPatch, running: LocalAws
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{nobody.getsockname()[1]}")
        monkeypatch.setenv("AWS_PROFILE", "of-the-shell")

        found = LocalAws.find(running.folder)

        assert found is not None
        assert found.client("s3").list_buckets()["Buckets"] == []
        found.close()
