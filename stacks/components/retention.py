"""The retention mode: the one place that decides what outlives a stage."""

from enum import StrEnum

import aws_cdk as cdk
from constructs import Construct

TRANSIENT = "mlstack:transient"
"""Metadata of a resource of a type that holds data, but whose content nobody misses; says why."""


class Retention(StrEnum):
    """What happens to data when a stage is destroyed."""

    EPHEMERAL = "ephemeral"
    DURABLE = "durable"

    @property
    def keeps_data(self) -> bool:
        """Whether data, and its earlier versions, stay when the stage goes."""
        return self is Retention.DURABLE

    @property
    def removal_policy(self) -> cdk.RemovalPolicy:
        """The removal policy of everything that holds data."""
        return cdk.RemovalPolicy.RETAIN if self.keeps_data else cdk.RemovalPolicy.DESTROY


def declare_transient(construct: Construct, reason: str) -> None:
    """Let a table, or a bucket with its policy, go with a durable stage too: what it holds is of no use after it."""
    resource = construct.node.default_child
    if not isinstance(resource, cdk.CfnResource):
        message = f"{construct.node.path} has no resource of its own"
        raise TypeError(message)
    policy = construct.node.try_find_child("Policy")
    for holds in (resource, policy.node.default_child if policy else None):
        if isinstance(holds, cdk.CfnResource):
            holds.add_metadata(TRANSIENT, reason)
