"""The news that a person approved or rejected a version of a model."""

from collections.abc import Mapping
from typing import Any

from training_outcome.news import News, line_of

KIND = "SageMaker Model Package State Change"
CHANGED = "Model Package Approval Changed"
APPROVED, REJECTED = "Approved", "Rejected"


def news(stage: str, detail: Mapping[str, Any]) -> News | None:
    """What is told of a change of a version; None where nobody approved or rejected it by that."""
    prefix, group = f"mlstack-{stage}-", str(detail.get("ModelPackageGroupName") or "")
    status = detail.get("ModelApprovalStatus")
    if not group.startswith(prefix) or status not in {APPROVED, REJECTED} or not is_decision(detail):
        return None
    model, version = group.removeprefix(prefix), detail.get("ModelPackageVersion")
    description = line_of(str(detail.get("ApprovalDescription") or ""))
    why = f": {description.rstrip('.')}" if description else ""
    what = f"{model} version {version} {'approved' if status == APPROVED else 'rejected'}"
    verb = "was approved" if status == APPROVED else "was rejected"
    follows = " It can be deployed now." if status == APPROVED else " It cannot be deployed any more."
    arn = str(detail.get("ModelPackageArn") or "")
    return News(
        key=f"{arn}#{status}#{detail.get('LastModifiedTime') or ''}",
        kind=CHANGED,
        subject=f"mlstack {stage}: {what}",
        text=f"Version {version} of {model} in stage {stage} {verb}{why}.{follows}",
        detail={
            "stage": stage,
            "model": model,
            "group": group,
            "version": version,
            "package_arn": arn,
            "approval": status,
            "description": description or None,
        },
    )


def is_decision(detail: Mapping[str, Any]) -> bool:
    """Whether the approval itself was changed: a version is announced when it is made too, and when its texts change.

    What the workflow approves by itself is part of its own news: it registers the version as approved, and never
    changes it. AWS names the fields that an update changed in UpdatedModelPackageFields.
    """
    fields = detail.get("UpdatedModelPackageFields")
    return isinstance(fields, list) and "ModelApprovalStatus" in fields
