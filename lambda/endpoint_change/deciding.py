"""What is to be done with an endpoint. A function of its state and of the configuration that it shall have."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

IN_SERVICE, CREATING, FAILED = "InService", "Creating", "Failed"
CHANGING = frozenset({"Updating", "SystemUpdating"})
UNDER_WAY = CHANGING | {CREATING, "RollingBack", "Deleting"}


class EndpointBusyError(Exception):
    """The endpoint is being changed by somebody else."""


class EndpointFailedError(Exception):
    """The endpoint is in a state from which only its deletion leads."""


class EndpointOfOthersError(Exception):
    """The endpoint is another stage's, though its name begins as those of this one do."""


class Action(Enum):
    """What is done, and what the state machine has to wait for."""

    CREATE = "create"
    UPDATE = "update"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """An endpoint as SageMaker describes it."""

    name: str
    arn: str
    status: str
    config: str
    coming: str | None
    """The configuration that it is being given."""
    reason: str
    has_deployment: bool
    """Whether its last deployment had rules of its own, which shall go on."""
    has_instances: bool
    """Whether every variant runs on instances, one at least: scaling has set how many."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """An answer of DescribeEndpoint."""
        counts = [variant.get("DesiredInstanceCount") or 0 for variant in told.get("ProductionVariants") or ()]
        return cls(
            name=told["EndpointName"],
            arn=told["EndpointArn"],
            status=told["EndpointStatus"],
            config=told.get("EndpointConfigName", ""),
            coming=(told.get("PendingDeploymentSummary") or {}).get("EndpointConfigName"),
            reason=told.get("FailureReason", ""),
            has_deployment=bool(told.get("LastDeploymentConfig")),
            has_instances=bool(counts) and all(counts),
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What is wanted, and whether an earlier delivery has begun it."""

    action: Action
    begun: bool = False


def decided(endpoint: Endpoint | None, config: str) -> Decision:
    """How the endpoint gets the configuration, which is this execution's own.

    Raises:
        EndpointBusyError: where it can get it later.
        EndpointFailedError: where somebody must delete it first.
    """
    if endpoint is None:
        return Decision(Action.CREATE)
    ours = config in {endpoint.config, endpoint.coming}
    if endpoint.status == IN_SERVICE:
        return Decision(Action.NONE, begun=True) if endpoint.config == config else Decision(Action.UPDATE)
    if ours and endpoint.status == CREATING:
        return Decision(Action.CREATE, begun=True)
    if ours and endpoint.status in CHANGING:
        return Decision(Action.UPDATE, begun=True)
    if endpoint.status in UNDER_WAY:
        message = f"endpoint {endpoint.name} is {endpoint.status}: wait until that is over, then deploy again"
        raise EndpointBusyError(message)
    why = f" ({endpoint.reason})" if endpoint.reason else ""
    delete = f"aws sagemaker delete-endpoint --endpoint-name {endpoint.name}"
    message = f"endpoint {endpoint.name} is {endpoint.status}{why}: delete it with `{delete}`, then deploy again"
    raise EndpointFailedError(message)
