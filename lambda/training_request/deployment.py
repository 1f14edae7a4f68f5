"""The endpoint that is to serve the model: made without instances, or an existing one that is changed to it."""

from training_request.facts import Endpoint, Facts
from training_request.problems import Problems, listed
from training_request.request import Deployment, Request
from training_request.settings import Settings

MEMORY_MB = 2048
MAX_CONCURRENCY = 5


def check_found(request: Request, facts: Facts, told: Settings, problems: Problems) -> None:
    """Note an endpoint that is there and cannot be changed to the model."""
    wanted, there = request.deployment, facts.endpoint
    if wanted is None or problems.at("deploy.endpoint"):
        return
    if facts.endpoint_failure:
        problems.add("deploy.endpoint", f"{wanted.endpoint} cannot be looked at: {facts.endpoint_failure}")
    elif there is not None:
        reason = _stage_fault(there, told.stage) or _status_fault(there) or _hosting_fault(there, wanted)
        if reason:
            problems.add("deploy.endpoint", reason)


def planned(wanted: Deployment) -> dict[str, str | int]:
    """The endpoint, and what it has where the workflow makes it."""
    return {
        "endpoint": wanted.endpoint,
        "memory_mb": wanted.memory_mb or MEMORY_MB,
        "max_concurrency": wanted.max_concurrency or MAX_CONCURRENCY,
    }


def warnings(request: Request, facts: Facts, told: Settings) -> list[str]:
    """What is allowed, and still should be known before."""
    wanted, there = request.deployment, facts.endpoint
    if wanted is None:
        return []
    found = []
    if there is not None and there.ours is False:
        found.append(
            f"deploy.endpoint: {wanted.endpoint} is of the profile and serves another model, which this one takes the "
            "place of until the profile's own is deployed again"
        )
    if told.accelerator == "gpu":
        found.append(f"deploy.endpoint: {wanted.endpoint} is serverless and computes without a GPU")
    return found


def _stage_fault(there: Endpoint, stage: str) -> str | None:
    """Whose endpoint it is, where it is another stage's: the endpoint a-b of stage dev is called as b of dev-a."""
    others = sorted(there.stages - {stage})
    if not others:
        return None
    return f"{there.name} is an endpoint of stage {listed(others)}, not of {stage}; name another endpoint"


def _status_fault(there: Endpoint) -> str | None:
    """Why an endpoint cannot be updated now.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html: a failed one can be deleted
    and nothing else.
    """
    if there.status == "InService":
        return None
    if there.status in {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}:
        return f"{there.name} is {there.status}; try again when it is InService or gone"
    why = f" ({there.failure_reason})" if there.failure_reason else ""
    return (
        f"{there.name} is {there.status}{why}; delete it first: "
        f"`aws sagemaker delete-endpoint --endpoint-name {there.name}`"
    )


def _hosting_fault(there: Endpoint, wanted: Deployment) -> str | None:
    if not there.with_model:
        return (
            f"{there.name} hosts inference components, whose models are changed one by one and not by its "
            "configuration; name another endpoint, or change the component in the profile and deploy"
        )
    if len(there.variants) != 1:
        return f"{there.name} has the variants {listed(there.variants)}; name an endpoint with one model"
    if not there.serverless:
        return (
            f"{there.name} has instances, a role, a network and alarms of its own, which a model of the workflow would "
            "take from it; name the model's artifacts as its model in the profile and deploy, or name another endpoint"
        )
    if there.ours is False and (wanted.memory_mb or wanted.max_concurrency):
        return (
            f"{there.name} belongs to the profile and keeps its own configuration; "
            "leave out memory_mb and max_concurrency, or name another endpoint"
        )
    return None
