"""How an endpoint is now, as SageMaker describes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.account import Account
from mlstack.clock import moment
from mlstack.endpoint.endpoint import Endpoint, Kind
from mlstack.endpoint.machine import Machine

GONE = "gone"
IN_SERVICE = "InService"
NOT_FOUND = "Could not find"


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many there are, and how many there shall be; None where SageMaker does not say."""

    now: int | None = None
    desired: int | None = None

    @property
    def shown(self) -> str:
        """For people."""
        now, desired = ("?" if number is None else str(number) for number in (self.now, self.desired))
        return now if now == desired else f"{now} of {desired}"

    def of(self, noun: str, nouns: str = "") -> str:
        """The same with what is counted."""
        return f"{self.shown} {noun if self.desired == 1 else nouns or f'{noun}s'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One endpoint at one moment."""

    endpoint: Endpoint
    status: str
    failure: str = ""
    instances: Count = Count()
    copies: Count | None = None
    """Of the inference component, where one serves."""
    hosted_on: Machine | None = None
    """What each instance is, where SageMaker says it."""
    changed_at: datetime | None = None

    @classmethod
    def look(cls, account: Account, endpoint: Endpoint) -> Self:
        """Look at an endpoint; one that was deleted behind CloudFormation's back is ``gone``."""
        sagemaker = account.client("sagemaker")
        try:
            found = sagemaker.describe_endpoint(EndpointName=endpoint.endpoint_name)
        except ClientError as error:
            if NOT_FOUND not in str(error):
                raise
            return cls(endpoint=endpoint, status=GONE)
        variant: Mapping[str, Any] = next(iter(found.get("ProductionVariants", ())), {})
        component, fault = _component(sagemaker, endpoint.component) if endpoint.component else ({}, "")
        reasons = (found.get("FailureReason", ""), component.get("FailureReason", ""), fault)
        copies: Mapping[str, Any] = component.get("RuntimeConfig", {})
        return cls(
            endpoint=endpoint,
            status=_worse(found["EndpointStatus"], component.get("InferenceComponentStatus", IN_SERVICE)),
            failure="; ".join(" ".join(reason.split()) for reason in reasons if reason),
            instances=Count(now=variant.get("CurrentInstanceCount"), desired=variant.get("DesiredInstanceCount")),
            copies=Count(now=copies.get("CurrentCopyCount"), desired=copies.get("DesiredCopyCount"))
            if endpoint.component
            else None,
            hosted_on=Machine.of(sagemaker, found.get("EndpointConfigName")),
            changed_at=max(one["LastModifiedTime"].astimezone(UTC) for one in (found, component) if one),
        )

    @property
    def told(self) -> str:
        """The status with its reason."""
        return f"{self.status}: {self.failure}" if self.failure else self.status

    @property
    def serving(self) -> str:
        """How many instances, or copies, serve."""
        if self.endpoint.kind is Kind.SERVERLESS:
            return "on demand"
        if self.copies is None:
            return self.instances.of("instance")
        return f"{self.copies.of('copy', 'copies')} on {self.instances.of('instance')}"

    def row(self) -> tuple[str, ...]:
        """The same in a line of a list."""
        changed = moment(self.changed_at) if self.changed_at else ""
        kind, price = self.endpoint.kind.value, self.endpoint.idle_price
        awake = self.hosted_on.hourly if self.hosted_on else ""
        return self.endpoint.name, kind, self.told, self.serving, awake, price, changed

    def rows(self) -> list[tuple[str, str]]:
        """The same in lines of its own."""
        rows = [
            ("status", self.status),
            ("reason", self.failure),
            ("kind", self.endpoint.kind.value),
            ("instances", self.serving),
            ("price while awake", self.hosted_on.told if self.hosted_on else ""),
            ("price while idle", self.endpoint.idle_price),
            ("last change", moment(self.changed_at) if self.changed_at else ""),
            ("at SageMaker", self.endpoint.endpoint_name),
            ("logs", self.endpoint.logs),
        ]
        return [(what, now) for what, now in rows if now]

    def machine(self) -> Mapping[str, Any]:
        """The same for machines."""
        copies = self.copies or Count()
        usd = self.hosted_on.usd_per_hour if self.hosted_on else None
        return {
            "name": self.endpoint.name,
            "endpoint_name": self.endpoint.endpoint_name,
            "kind": self.endpoint.kind.value,
            "status": self.status,
            "failure_reason": self.failure or None,
            "instances_now": self.instances.now,
            "instances_desired": self.instances.desired,
            "copies_now": copies.now,
            "copies_desired": copies.desired,
            "instance_type": self.hosted_on.instance_type if self.hosted_on else None,
            "usd_per_instance_hour": float(usd) if usd is not None else None,
            "idle_price": self.endpoint.idle_price or None,
            "changed_at": self.changed_at.isoformat(timespec="seconds") if self.changed_at else None,
        }


def _component(sagemaker: Any, name: str) -> tuple[Mapping[str, Any], str]:  # noqa: ANN401 - boto3's client
    """The description of an inference component, or why there is none: the endpoint's own is worth showing anyway."""
    try:
        return sagemaker.describe_inference_component(InferenceComponentName=name), ""
    except (BotoCoreError, ClientError) as error:
        return {}, f"inference component {name}: {' '.join(str(error).split())}"


def _worse(endpoint: str, component: str) -> str:
    """The status of both together: an endpoint serves only where its component does."""
    return component if endpoint == IN_SERVICE else endpoint
