"""A deployed stack's outputs, found by the stage's name; or why there are none, and what to do."""

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from mlstack.account import Account
from mlstack.errors import UserError
from mlstack.project import WORK

MAKERS = {
    "Notebook": ("notebook", "`enabled = true` in [notebook]"),
    "Endpoints": ("endpoints", "a table in [endpoints]"),
    "Training": ("training workflow", "`enabled = true` in [training]"),
    "Images": ("images", "an endpoint, a service, or `enabled = true` in [training]"),
    "Ecs": ("containers on ECS", "a table [ecs.services.NAME], or `enabled = true` in [ecs.training]"),
    "Vision": ("vision stack", "`enabled = true` in [vision]"),
}
"""What people call a stack that not every stage has, and what in a profile makes it."""
NEVER_MADE = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
"""The states of a stack that holds nothing of use."""
MADE_NOW = {"CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"}
Stacks = Mapping[str, str]
"""The states of stacks, by their names."""


def outputs(account: Account, stage: str, stack: str) -> dict[str, str]:
    """The outputs of one stack of a stage by name; raise UserError where it is not deployed, or in no state for it."""
    name = f"mlstack-{stage}-{stack}"
    try:
        found: list[Any] = account.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        found = []
    if not found or found[0].get("StackStatus") == "REVIEW_IN_PROGRESS":
        raise UserError(_absent(account, stage, stack))
    state, said = found[0].get("StackStatus", ""), found[0].get("Outputs", ())
    if state in NEVER_MADE or (state.endswith("_FAILED") and not said):
        raise UserError(_failed(account, name, state))
    if state in MADE_NOW:
        message = f"stack {name} is not ready in {account.shown} ({state}); wait until its deploy has ended"
        raise UserError(message)
    return {output["OutputKey"]: output["OutputValue"] for output in said}


def _absent(account: Account, stage: str, stack: str) -> str:
    """Why a stack is not there, as far as the others tell, and what to do."""
    pages = account.client("cloudformation").get_paginator("describe_stacks").paginate()
    there: Stacks = {one["StackName"]: one.get("StackStatus", "") for page in pages for one in page["Stacks"]}
    beside = {name: state for name, state in there.items() if re.fullmatch(rf"mlstack-{re.escape(stage)}-\w+", name)}
    broken = sorted(name for name, state in beside.items() if state in NEVER_MADE)
    others = [match[1] for name in there if (match := re.fullmatch(rf"mlstack-(.+)-{re.escape(stack)}", name))]
    way = f"say --stage {' or '.join(sorted(others))}" if others else "name another --stage"
    if broken:
        return _failed(account, broken[0], beside[broken[0]])
    if beside and stack in MAKERS:
        noun, maker = MAKERS[stack]
        return f"stage {stage} has no {noun} in {account.shown}; put {maker} of its profile and deploy it, or {way}"
    deploy = "mlstack local deploy" if account.is_local else "npx cdk deploy --all -c profile=NAME"
    return f"stack mlstack-{stage}-{stack} is not deployed in {account.shown}; run `{deploy}`, or {way}"


def _failed(account: Account, name: str, state: str) -> str:
    """What to do about a stack that could not be made."""
    where = str(WORK / "cdk.log") if account.is_local else "its events in the CloudFormation console"
    return f"stack {name} failed in {account.shown} ({state}); {where} says why: mend it, and deploy again"
