"""The metadata service of a machine asks for a token, as IMDSv2 does."""

from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from mlstack.local.machine.metadata import LIFETIME, TOKEN, MetadataService

FACTS = {"instance-id": "i-1", "tags/instance/mlstack:keep-awake": "2026-11-22T18:00:00Z"}


@pytest.fixture
def address() -> Iterator[str]:
    service = MetadataService(lambda: FACTS)
    yield service.address.removeprefix("http://")
    service.close()


def ask(address: str, method: str, path: str, **headers: str) -> tuple[int, str]:
    connection = HTTPConnection(address, timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    said = answer.status, answer.read().decode()
    connection.close()
    return said


def token(address: str) -> str:
    status, said = ask(address, "PUT", "/latest/api/token", **{LIFETIME: "60"})
    assert status == 200
    return said


def test_who_has_a_token_is_told(address: str) -> None:
    mine = {TOKEN: token(address)}

    assert ask(address, "GET", "/latest/meta-data/instance-id", **mine) == (200, "i-1")
    assert ask(address, "GET", "/latest/meta-data/tags/instance/mlstack:keep-awake", **mine)[0] == 200
    assert ask(address, "GET", "/latest/meta-data/nothing", **mine) == (404, "")
    assert ask(address, "GET", "/instance-id", **mine) == (404, "")


@pytest.mark.parametrize("headers", [{}, {TOKEN: "guessed"}, {TOKEN: ""}])
def test_who_has_none_is_not_told(address: str, headers: dict[str, str]) -> None:
    assert ask(address, "GET", "/latest/meta-data/instance-id", **headers) == (401, "")


@pytest.mark.parametrize("seconds", ["", "0", "21601", "-1", "x", "٣"])
def test_a_token_is_for_some_seconds(address: str, seconds: str) -> None:
    headers = {LIFETIME: seconds.encode().decode("latin-1")} if seconds else {}

    assert ask(address, "PUT", "/latest/api/token", **headers)[0] == 400


def test_a_proxy_gets_no_token(address: str) -> None:
    assert ask(address, "PUT", "/latest/api/token", **{LIFETIME: "60", "X-Forwarded-For": "10.0.0.1"})[0] == 400


def test_a_token_is_made_at_its_own_address_only(address: str) -> None:
    assert ask(address, "PUT", "/latest/meta-data/instance-id", **{LIFETIME: "60"})[0] == 404
