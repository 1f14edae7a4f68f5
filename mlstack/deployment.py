"""A deployed stack's outputs, found by the stage's name."""

from typing import Any

from botocore.exceptions import ClientError

from mlstack.account import Account
from mlstack.errors import UserError


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
        deploy = "mlstack local deploy" if account.is_local else "npx cdk deploy --all -c profile=NAME"
        message = f"stack {name} is not deployed in {account.shown}; run `{deploy}`, or name another --stage"
        raise UserError(message)
    return {output["OutputKey"]: output["OutputValue"] for output in found[0].get("Outputs", ())}
