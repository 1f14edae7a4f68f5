"""Which endpoints a stage has, by the outputs of its stack."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from mlstack import deployment
from mlstack.account import Account
from mlstack.endpoint import stage as endpoints
from mlstack.endpoint.endpoint import Kind, read
from mlstack.errors import UserError
from mlstack.target import Target
from tests.mlstack.endpoint.conftest import NAMES, outputs
from tests.mlstack.wire import client

TARGET = Target(Account(shown="the lab", is_local=True, client=client), "sandbox")


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(deployment, "outputs", lambda *_: outputs(NAMES))
    with mock_aws():
        yield


def test_every_endpoint_of_the_stack_is_found_by_name() -> None:
    found = endpoints.of_stage(TARGET)

    assert {one.name: one.kind for one in found} == {name: Kind(kind) for name, kind in NAMES.items()}
    assert [one.name for one in found] == sorted(NAMES)


def test_only_one_with_a_component_names_one() -> None:
    assert {one.name: one.component for one in endpoints.of_stage(TARGET) if one.component} == {
        "waste-sorter": "mlstack-sandbox-waste-sorter"
    }


def test_its_logs_are_where_its_containers_write() -> None:
    assert endpoints.find(TARGET, "waste-sorter").logs.startswith("/aws/sagemaker/InferenceComponents/")
    assert endpoints.find(TARGET, "fast").logs == "/aws/sagemaker/Endpoints/mlstack-sandbox-fast"


@pytest.mark.parametrize("name", ["waste-sorter", "mlstack-sandbox-waste-sorter"])
def test_an_endpoint_has_the_profiles_name_and_sagemakers(name: str) -> None:
    assert endpoints.find(TARGET, name).endpoint_name == "mlstack-sandbox-waste-sorter"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "wastesorter",
            "no endpoint 'wastesorter'; did you mean waste-sorter? it has fast, slow, steady, waste-sorter",
        ),
        ("Fast", "did you mean fast?"),
        ("zebra", "has no endpoint 'zebra'; it has fast, slow"),
        ("", "has no endpoint ''"),
        ("a\x1b[2J", r"no endpoint 'a\\x1b\[2J'"),
    ],
)
def test_an_unknown_name_is_answered_with_those_there_are(name: str, said: str) -> None:
    with pytest.raises(UserError) as error:
        endpoints.find(TARGET, name)

    assert said.replace(r"\\", "\\").replace(r"\[", "[") in str(error.value)


def test_a_stage_without_endpoints_names_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "outputs", lambda *_: {"FastKind": "serverless"})

    with pytest.raises(UserError, match="has no endpoints; name one in"):
        endpoints.find(TARGET, "fast")


@given(st.dictionaries(st.text() | st.sampled_from(sorted(outputs(NAMES))), st.text() | st.sampled_from(list(Kind))))
def test_outputs_of_any_kind_can_be_read(found: dict[str, str]) -> None:
    assert all(one.endpoint_name in found.values() for one in read(found))
