"""What an account may use of each type at a time, against what a request would use.

The names are AWS's: https://docs.aws.amazon.com/general/latest/gr/sagemaker.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from training_request import machines
from training_request.deployment import MAX_CONCURRENCY
from training_request.facts import Facts, Quotas
from training_request.problems import Problems
from training_request.request import Request
from training_request.settings import Settings

LONGEST_RUN = "Longest run time for a training job"
_SPOT = " for spot training job usage"
_USAGE = {
    "training": " for training job usage",
    "processing": " for processing job usage",
    "transform": " for transform job usage",
}
_LONG = 24 * 60
_PARALLEL = 10
"""What every account has; only what is more than that is worth a look."""
PARALLEL = "Maximum number of parallel training jobs per hyperparameter tuning job"
CONCURRENCY = "Maximum total concurrency that can be allocated across all serverless endpoints"


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """How much of a quota a request takes."""

    place: str
    name: str
    amount: int


def uses(request: Request) -> Iterator[Use]:
    """Everything of which there is a quota."""
    training, tuning = request.training, request.tuning
    for place, job, use in machines.jobs(request):
        at_once = tuning.parallel_jobs if tuning and use == "training" else 1
        spot = use == "training" and training is not None and training.spot
        name = f"{job.instance_type}{_SPOT if spot else _USAGE[use]}"
        yield Use(place=f"{place}.instance_type", name=name, amount=job.instances * at_once)
    if tuning and tuning.parallel_jobs > _PARALLEL:
        yield Use(place="tune.parallel_jobs", name=PARALLEL, amount=tuning.parallel_jobs)
    if training and training.machines.max_run_minutes > _LONG:
        place = f"{training.place}.max_run_minutes"
        yield Use(place=place, name=LONGEST_RUN, amount=training.machines.max_run_minutes * 60)
    if request.deployment:
        most = request.deployment.max_concurrency or MAX_CONCURRENCY
        yield Use(place="deploy.max_concurrency", name=CONCURRENCY, amount=most)


def names(request: Request, problems: Problems) -> frozenset[str]:
    """The quotas to look up: of what is not wrong anyway, and beside that for spot the one without."""
    found = {use.name for use in uses(request) if not problems.at(use.place)}
    return frozenset(found | {name.replace(_SPOT, _USAGE["training"]) for name in found})


def check(request: Request, facts: Facts, told: Settings, problems: Problems) -> None:
    """Note what is more than the account may use, and types that SageMaker does not offer in the region."""
    for use in uses(request):
        quota = facts.quotas.known.get(use.name)
        if use.name in facts.quotas.not_offered:
            problems.add(
                use.place,
                f"{use.name.partition(' ')[0]} is not offered in {told.region}: Service Quotas has no {use.name}",
            )
        elif quota is not None and quota.value < use.amount:
            problems.add(
                use.place,
                f"this account may use {quota.value:g} of {use.name} in {told.region}, and {use.amount} are asked for; "
                f"ask AWS for more ({_link(quota.code, told.region)}){_otherwise(use, facts.quotas)}",
            )


def warnings(request: Request, facts: Facts) -> list[str]:
    """What could not be compared."""
    wanted = {use.name for use in uses(request) if use.name.startswith("ml.")}  # AWS lists the others not everywhere
    unread = sorted(one for one in wanted - facts.quotas.not_offered if one not in facts.quotas.known)
    if facts.quotas.failure:
        return [f"quotas could not be read: {facts.quotas.failure}"]
    return [f"quotas: Service Quotas tells nothing of {name}" for name in unread]


def _otherwise(use: Use, quotas: Quotas) -> str:
    if not use.name.endswith(_SPOT):
        return ""
    other = quotas.known.get(use.name.replace(_SPOT, _USAGE["training"]))
    enough = other is not None and other.value >= use.amount
    return ", or set spot to false, for which the quota is enough" if enough else ""


def _link(code: str, region: str) -> str:
    home = f"https://{region}.console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas"
    return f"{home}/{code}" if code else home
