"""A stage that is not deployed is answered with those that are."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
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


@pytest.mark.parametrize(
    ("stack", "maker"),
    [
        ("Notebook", "has no notebook in the lab; put `enabled = true` in [notebook] of its profile and deploy it"),
        ("Endpoints", "has no endpoints in the lab; put a table in [endpoints] of its profile and deploy it"),
        ("Vision", "has no vision stack in the lab; put `enabled = true` in [vision] of its profile and deploy it"),
    ],
)
def test_a_stack_that_the_stages_profile_does_not_ask_for_is_answered_with_what_makes_it(
    deploy: Deploy, stack: str, maker: str
) -> None:
    account = deploy("mlstack-a-Storage", f"mlstack-b-{stack}")

    with pytest.raises(UserError) as error:
        outputs(account, "a", stack)

    assert str(error.value) == f"stage a {maker}, or say --stage b"


def test_a_stage_whose_name_begins_alike_is_another_one(deploy: Deploy) -> None:
    with pytest.raises(UserError, match="stack mlstack-a-Notebook is not deployed"):
        outputs(deploy("mlstack-a-b-Storage"), "a", "Notebook")


class Stacks:
    """CloudFormation with stacks in states that moto does not bring them to."""

    def __init__(self, states: dict[str, str], given: tuple[dict[str, str], ...] = ()) -> None:
        self.stacks = [
            {"StackName": name, "StackStatus": state, "Outputs": list(given)} for name, state in states.items()
        ]

    def describe_stacks(self, StackName: str) -> object:  # noqa: N803 (AWS's name)
        """Those of that name."""
        found = [stack for stack in self.stacks if stack["StackName"] == StackName]
        if not found:
            raise ClientError({"Error": {"Code": "ValidationError"}}, "DescribeStacks")
        return {"Stacks": found}

    def get_paginator(self, _name: str) -> "Stacks":
        """All of them, in pages."""
        return self

    def paginate(self) -> list[object]:
        """One page."""
        return [{"Stacks": self.stacks}]

    def account(self, *, is_local: bool = True) -> Account:
        """The account that has them."""
        return Account(shown="the lab", is_local=is_local, client=lambda _: self)


@pytest.mark.parametrize("state", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"])
@pytest.mark.parametrize(("is_local", "where"), [(True, "cdk.log says why"), (False, "CloudFormation console says")])
def test_a_stack_that_failed_is_said_to_have_and_where_to_look(state: str, where: str, *, is_local: bool) -> None:
    account = Stacks({"mlstack-a-Endpoints": state}).account(is_local=is_local)

    with pytest.raises(UserError, match=rf"stack mlstack-a-Endpoints failed in the lab \({state}\); .*{where}"):
        outputs(account, "a", "Endpoints")


def test_a_stack_that_is_not_there_because_another_failed_names_that_one() -> None:
    account = Stacks({"mlstack-a-Storage": "ROLLBACK_COMPLETE", "mlstack-a-Network": "CREATE_COMPLETE"}).account()

    with pytest.raises(UserError, match=r"stack mlstack-a-Storage failed in the lab \(ROLLBACK_COMPLETE\)"):
        outputs(account, "a", "Notebook")


@pytest.mark.parametrize("state", ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_a_stack_that_is_being_made_is_to_be_waited_for(state: str) -> None:
    with pytest.raises(UserError, match="wait until its deploy has ended"):
        outputs(Stacks({"mlstack-a-Notebook": state}).account(), "a", "Notebook")


@pytest.mark.parametrize("state", ["UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS", "DELETE_FAILED"])
def test_a_stack_that_still_has_what_it_made_can_be_used(state: str) -> None:
    stacks = Stacks({"mlstack-a-Notebook": state}, ({"OutputKey": "NotebookName", "OutputValue": "n"},))

    assert outputs(stacks.account(), "a", "Notebook") == {"NotebookName": "n"}


def test_a_stack_that_was_only_planned_is_not_there() -> None:
    with pytest.raises(UserError, match="has no notebook in the lab"):
        outputs(Stacks({"mlstack-a-Notebook": "REVIEW_IN_PROGRESS"}).account(), "a", "Notebook")
