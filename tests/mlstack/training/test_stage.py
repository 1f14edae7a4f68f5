"""A deployed training workflow is found by its stack's outputs, or what to do is said."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from mlstack import deployment
from mlstack.account import Account
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.training.launch import name_of
from mlstack.training.runs import NAME
from mlstack.training.stage import Stage
from tests.mlstack.training.conftest import OUTPUTS
from tests.mlstack.wire import client

TARGET = Target(Account(shown="the lab", is_local=True, client=client), "sandbox")


@pytest.fixture
def _aws() -> Iterator[None]:
    """An account."""
    with mock_aws():
        yield


@pytest.mark.usefixtures("_aws")
def test_a_stage_without_training_says_how_to_get_it() -> None:
    template = '{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'
    client("cloudformation").create_stack(StackName="mlstack-sandbox-Storage", TemplateBody=template)

    with pytest.raises(UserError, match="stage sandbox has no training workflow in the lab") as error:
        Stage.find(TARGET)

    assert r"put `enabled = true` in [training] of its profile and deploy it" in str(error.value)


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_older_stack_is_to_be_deployed_again(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    rest = {key: value for key, value in OUTPUTS.items() if key != name}
    monkeypatch.setattr(deployment, "outputs", lambda *_: rest)

    with pytest.raises(UserError, match=f"has no output {name}; deploy it once more"):
        Stage.find(TARGET)


def test_a_stage_without_models_says_where_they_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "outputs", lambda *_: OUTPUTS | {"Models": ""})

    with pytest.raises(UserError, match=r"it has none; a new one goes into models of \[training\] in the profile"):
        Stage.find(TARGET).model("waste-sorter")


@pytest.mark.parametrize("model", ["waste-sorter", "x" * 200, "ü model/with.odd:letters", ""])
def test_a_run_has_a_name_that_step_functions_takes(model: str) -> None:
    name = name_of({"model": model})

    assert NAME.fullmatch(name)
    assert name != name_of({"model": model})
