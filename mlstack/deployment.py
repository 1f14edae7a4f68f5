"""A deployed stack's outputs, found by the stage's name."""

import re
from typing import Any

from botocore.exceptions import ClientError

from mlstack.account import Account
from mlstack.errors import UserError


def _stages(account: Account, stack: str) -> list[str]:
    """The stages that have such a stack."""
    pages = account.client("cloudformation").get_paginator("describe_stacks").paginate()
    named = (
        re.fullmatch(rf"mlstack-(.+)-{re.escape(stack)}", one["StackName"]) for page in pages for one in page["Stacks"]
    )
    return sorted(match[1] for match in named if match)


def outputs(account: Account, stage: str, stack: str) -> dict[str, str]:
    """The outputs of one stack of a stage by name; raise UserError where it is not deployed."""
    name = f"mlstack-{stage}-{stack}"
    try:
        found: list[Any] = account.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        found = []
    if not found:
        others = _stages(account, stack)
        way = f"say --stage {' or '.join(others)}" if others else "name another --stage"
        deploy = "mlstack local deploy" if account.is_local else "npx cdk deploy --all -c profile=NAME"
        message = f"stack {name} is not deployed in {account.shown}; run `{deploy}`, or {way}"
        raise UserError(message)
    return {output["OutputKey"]: output["OutputValue"] for output in found[0].get("Outputs", ())}
