"""What a bucket's policy forbids: moto takes a statement whose condition it does not understand for a denial."""

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

from mlstack.local.mend import replace


def mend() -> None:
    """Judge by the statements that hold for any caller; those with a condition (TLS only, say) are met here."""
    replace(FakeBucket, "get_permission", get_permission)


def get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    """What the bucket's policy says of an action."""
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(self.policy)
    judged = {**policy, "Statement": unconditional(policy.get("Statement", []))}
    return IAMPolicy(json.dumps(judged)).is_action_permitted(action, resource)


def unconditional(statements: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """The statements without a condition that mean everyone, or that allow."""
    listed = statements if isinstance(statements, list) else [statements]
    return [
        statement
        for statement in listed
        if not statement.get("Condition")
        and (statement.get("Effect") == "Allow" or statement.get("Principal") in ("*", {"AWS": "*"}))
    ]
