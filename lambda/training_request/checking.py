"""All checks of a request, in the order in which people read their request."""

from training_request import (
    compilation,
    data,
    deployment,
    gate,
    machines,
    price,
    quota,
    training,
    transform,
    tuning,
    version,
)
from training_request.facts import Facts
from training_request.problems import Problems
from training_request.request import Request
from training_request.settings import Settings


def check(request: Request, told: Settings, problems: Problems) -> None:
    """Note everything that is wrong by the request, the stage and the catalogue alone."""
    data.check(request, told, problems)
    machines.check(request, told, problems)
    training.check(request, told, problems)
    tuning.check(request, told, problems)
    gate.check(request, problems)
    compilation.check(request, problems)
    version.check(request, problems)
    price.check(request, told, problems)


def check_found(request: Request, facts: Facts, told: Settings, problems: Problems) -> None:
    """Note everything that is wrong by what was looked up."""
    data.check_contents(request, facts, problems)
    version.check_found(request, facts, problems)
    compilation.check_found(request, facts, problems)
    deployment.check_found(request, facts, told, problems)
    transform.check(request, facts, told, problems)
    quota.check(request, facts, told, problems)
