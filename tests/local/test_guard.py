"""The guard refuses every way to the real AWS, and nothing else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.errors import UserError
from mlstack.local.environment import Place, aws, isolated
from mlstack.local.guard import check, is_loopback, reachable


@pytest.mark.parametrize(
    "name",
    [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
    ],
)
def test_guard_refuses_what_leads_to_the_real_aws(name: str) -> None:
    caller = {"PATH": "/bin", name: "https://something.amazonaws.com"}

    found = reachable(caller)

    assert found == (name,)


def test_guard_names_the_variables_and_the_way_on_in_one_line() -> None:
    caller = {"AWS_PROFILE": "mine", "AWS_ACCESS_KEY_ID": "AKIAREAL"}

    with pytest.raises(UserError) as refused:
        check(caller)

    said = str(refused.value)
    assert "env -u AWS_ACCESS_KEY_ID -u AWS_PROFILE THE_COMMAND" in said
    assert "\n" not in said
    assert "AKIAREAL" not in said


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PAGER", "AWS_RETRY_MODE"])
def test_guard_lets_harmless_variables_pass(name: str) -> None:
    assert reachable({name: "anything"}) == ()


def test_guard_takes_an_empty_variable_for_an_absent_one() -> None:
    assert reachable({"AWS_PROFILE": "", "AWS_ENDPOINT_URL": ""}) == ()


def test_guard_lets_the_local_aws_own_environment_pass() -> None:
    assert reachable(aws(Place(port=5000))) == ()


@given(port=st.integers(1, 65535), caller=st.dictionaries(st.text(min_size=1), st.text()))
def test_isolated_environment_never_reaches_the_real_aws(port: int, caller: dict[str, str]) -> None:
    caller = {**caller, **{f"AWS_{name}": value for name, value in caller.items()}}

    handed_out = isolated(caller, Place(port=port), home=Path())

    assert reachable(handed_out) == ()
    assert handed_out["AWS_ENDPOINT_URL"] == f"http://localhost:{port}"


@given(host=st.from_regex(r"[a-z][a-z0-9.-]{0,40}", fullmatch=True))
def test_no_name_but_localhost_is_loopback(host: str) -> None:
    assert is_loopback(f"http://{host}:4566") == (host == "localhost")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("http://127.9.9.9", True),
        ("http://localhost.evil.com", False),
        ("http://localhost@evil.com", False),
        ("http://10.0.0.1", False),
        ("not a url", False),
        ("http://[", False),
    ],
)
def test_loopback_is_judged_by_the_host_alone(url: str, *, expected: bool) -> None:
    assert is_loopback(url) is expected
