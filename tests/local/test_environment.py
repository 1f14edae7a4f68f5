"""The environment that every process of the local AWS gets."""

from pathlib import Path

from mlstack.local.environment import Place, isolated

PLACE = Place(port=4000, region="eu-west-1", account="111122223333")


def test_environment_keeps_nothing_of_the_callers_aws() -> None:
    caller = {"AWS_PROFILE": "mine", "AWS_CA_BUNDLE": "x", "CDK_DEFAULT_ACCOUNT": "1", "MOTO_PORT": "1", "LANG": "C"}

    environment = isolated(caller, PLACE, Path("home"))

    assert not {"AWS_PROFILE", "AWS_CA_BUNDLE", "CDK_DEFAULT_ACCOUNT", "MOTO_PORT"} & environment.keys()
    assert environment["LANG"] == "C"


def test_environment_names_place_region_and_home() -> None:
    environment = isolated({"HOME": "/home/person"}, PLACE, Path("home"))

    assert environment["AWS_ENDPOINT_URL"] == "http://localhost:4000"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert environment["HOME"] == "home"


def test_environment_sends_nothing_local_through_a_proxy() -> None:
    environment = isolated({"HTTPS_PROXY": "http://proxy", "no_proxy": "corp"}, PLACE, Path("home"))

    assert environment["NO_PROXY"] == environment["no_proxy"] == "localhost,127.0.0.1"
