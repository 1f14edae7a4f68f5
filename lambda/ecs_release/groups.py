"""The groups of instances that a cluster's tasks run on, as Auto Scaling finds and deletes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.fault import code_of
from shared.refusal import to_each

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient

BUSY = frozenset({"ResourceInUse", "ScalingActivityInProgress"})
"""Something else goes on with it, such as its deletion: the next look says what has come of that."""


@dataclass(frozen=True, slots=True)
class Group:
    """One that is still there."""

    name: str
    status: str
    """Empty unless it is being deleted."""

    def __str__(self) -> str:
        """In a few words."""
        return f"group {self.name} ({self.status})" if self.status else f"group {self.name}"


def groups(client: "AutoScalingClient", names: Sequence[str]) -> list[Group]:
    """Those of the names that are there; Auto Scaling does not refuse where none is."""
    if not names:
        return []  # without a name, it would tell of all that the account has
    pages = client.get_paginator("describe_auto_scaling_groups").paginate(AutoScalingGroupNames=names)
    told = [one for page in pages for one in page["AutoScalingGroups"]]
    return [Group(one["AutoScalingGroupName"], one.get("Status", "")) for one in told]


def delete(client: "AutoScalingClient", doomed: Iterable[Group]) -> None:
    """Delete them with their instances, protected from scale-in or not, without a wait for lifecycle hooks."""
    to_each(
        [one.name for one in doomed if not one.status],
        lambda name: client.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True),
        "delete it",
        goes=lambda error: code_of(error) in BUSY or _is_gone(error),
    )


def _is_gone(error: ClientError) -> bool:
    message = error.response.get("Error", {}).get("Message", "").lower()
    return code_of(error) == "ValidationError" and "not found" in message
