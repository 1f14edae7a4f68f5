"""A stage that is not deployed is answered with those that are."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from mlstack.account import Account
from mlstack.deployment import outputs
from mlstack.errors import UserError

TEMPLATE = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"Name": {"Value": "x"}}}'
Deploy = Callable[..., Account]


@pytest.fixture
def deploy() -> Iterator[Deploy]:
    """Make empty stacks of these names and give their account."""
    with mock_aws():
        client: Any = boto3.client("cloudformation")

        def made(*names: str) -> Account:
            for name in names:
                client.create_stack(StackName=name, TemplateBody=TEMPLATE)
            return Account(shown="the lab", is_local=True, client=lambda _: client)

        yield made


def test_outputs_are_told_by_name(deploy: Deploy) -> None:
    assert outputs(deploy("mlstack-a-Vision"), "a", "Vision") == {"Name": "x"}


def test_a_stage_that_is_not_deployed_is_answered_with_those_that_are(deploy: Deploy) -> None:
    account = deploy("mlstack-sandbox-Vision", "mlstack-my-team-Vision", "mlstack-other-Storage", "CDKToolkit")

    with pytest.raises(UserError, match=r"run `mlstack local deploy`, or say --stage my-team or sandbox$"):
        outputs(account, "nope", "Vision")


def test_without_any_stage_no_name_is_made_up(deploy: Deploy) -> None:
    with pytest.raises(UserError, match=r"or name another --stage$"):
        outputs(deploy(), "nope", "Vision")
