"""Whether ECS can take a task's roles: they are there, and trust it. What they may do, the local AWS does not judge."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.iam.models import Role, iam_backends

from mlstack.local.json_service import Json

TASKS = "ecs-tasks.amazonaws.com"
KINDS = ("executionRoleArn", "taskRoleArn")
UNTRUSTING = (
    "ECS was unable to assume the role '{arn}' that was provided for this task. Please verify that the role being "
    "passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
)


def complaint(account: str, definition: Json, overrides: Json) -> str:
    """What ECS says of the roles of a task; empty where it can take them."""
    named = (overrides.get(kind) or definition.get(kind) for kind in KINDS)
    return next((UNTRUSTING.format(arn=arn) for arn in named if arn and not _trusts(account, str(arn))), "")


def _trusts(account: str, arn: str) -> bool:
    roles: Iterable[Role] = iam_backends[account]["global"].get_roles()
    found = next((role for role in roles if arn in {role.arn, role.name}), None)
    if found is None:
        return False
    document = json.loads(found.assume_role_policy_document or "{}")
    return any(
        said.get("Effect") == "Allow" and TASKS in _services(said) for said in _listed(document.get("Statement"))
    )


def _services(statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal", {})
    yield from _listed(principal.get("Service") if isinstance(principal, dict) else None)


def _listed(said: Any) -> list[Any]:  # noqa: ANN401 - JSON: one, or a list of them, or nothing
    return said if isinstance(said, list) else [said] if said else []
