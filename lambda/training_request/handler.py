"""Validates a request for the training workflow, and plans everything that the workflow then does."""

from typing import Any

from training_request import checking, data, looks, plan, quota, reading
from training_request.problems import Problems
from training_request.settings import settings


def handle(event: object, _context: object) -> dict[str, Any]:
    """The plan of ``event["request"]`` for the execution named ``event["execution"]``.

    Raises:
        RequestError: with one line for each thing that is wrong.
    """
    told, problems = settings(), Problems()
    request = reading.read(event, told, problems)
    checking.check(request, told, problems)
    places = [uri for key, uri in data.places(request).items() if not problems.at(key)]
    facts = looks.look(request, places, quota.names(request, problems), told)
    checking.check_found(request, facts, told, problems)
    problems.raise_any()
    return plan.planned(request, facts, told)
