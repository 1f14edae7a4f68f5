"""The retention mode: the one place that decides what outlives a stage."""

from enum import StrEnum

import aws_cdk as cdk


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
