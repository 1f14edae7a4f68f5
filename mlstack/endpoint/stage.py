"""The endpoints of a stage: those of its stack, and those that its training workflow made."""

from difflib import get_close_matches

from mlstack.endpoint.endpoint import STACK, Endpoint, read
from mlstack.endpoint.made import made
from mlstack.errors import UserError
from mlstack.target import Target


def of_stage(target: Target) -> list[Endpoint]:
    """All endpoints of a stage; raise UserError where it has none."""
    there, absent = _of_stack(target)
    there += made(target, {endpoint.endpoint_name for endpoint in there})
    if there:
        return sorted(there, key=lambda endpoint: endpoint.name)
    message = f"{target.shown} has no endpoints; name one in [endpoints] and deploy it, or see `mlstack deploy --help`"
    raise absent or UserError(message)


def find(target: Target, name: str) -> Endpoint:
    """The endpoint of that name, in the profile or at SageMaker; raise UserError that lists what there is."""
    if found := _named(_of_stack(target)[0], name):  # as most are, and without a look at all there are
        return found
    there = of_stage(target)
    if found := _named(there, name):
        return found
    names = [endpoint.name for endpoint in there]
    close = get_close_matches(name.casefold(), names, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    message = f"{target.shown} has no endpoint {name!r}; {meant}it has {', '.join(names)}"
    raise UserError(message)


def _of_stack(target: Target) -> tuple[list[Endpoint], UserError | None]:
    """Those that the stack's outputs name; none, and why, where there is no such stack."""
    try:
        return read(target.outputs(STACK)), None
    except UserError as error:
        return [], error


def _named(there: list[Endpoint], name: str) -> Endpoint | None:
    return next((endpoint for endpoint in there if name in {endpoint.name, endpoint.endpoint_name}), None)
