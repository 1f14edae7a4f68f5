"""What an endpoint's instances are, and what each costs while it is there."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from catalogue import prices


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """One instance of an endpoint."""

    instance_type: str
    usd_per_hour: Decimal | None = None
    """Its list price, where that is known."""

    @classmethod
    def of(cls, sagemaker: Any, config: str | None) -> Self | None:  # noqa: ANN401 - boto3's client
        """What an endpoint's configuration says; None where it has no instances, or cannot be read.

        It is a detail of an answer that is worth showing without it.
        """
        if not config:
            return None
        try:
            variants = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
        except (BotoCoreError, ClientError):
            return None
        instance_type = next((one["InstanceType"] for one in variants if "InstanceType" in one), None)
        if instance_type is None:
            return None
        usd = prices.usd_per_hour("hosting", instance_type, sagemaker.meta.region_name)
        return cls(instance_type=instance_type, usd_per_hour=usd)

    @property
    def hourly(self) -> str:
        """The price of one in a list; nothing where it is not known."""
        return "" if self.usd_per_hour is None else f"${self.usd_per_hour} an hour each"

    @property
    def told(self) -> str:
        """The same in a line of its own."""
        return f"${self.usd_per_hour} an hour for each {self.instance_type}" if self.hourly else ""
