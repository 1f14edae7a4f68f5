"""The service that somebody means who asks about photos; an endpoint may have that name instead."""

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.ecs.service.fleet import Fleet
from mlstack.ecs.service.service import Service
from mlstack.endpoint import stage as endpoints
from mlstack.errors import UserError
from mlstack.target import Target


def chosen(target: Target, name: str) -> Service:
    """The service of that name; raise UserError that names the other command where it is an endpoint."""
    try:
        return Fleet.find(target).pick(name)
    except UserError as error:
        if _is_endpoint(target, name):
            other = target.command(f"predict {name}")
            message = f"{name} is no service on ECS but an endpoint of {target.shown}; ask it with `{other} FILE...`"
            raise UserError(message) from error
        raise


def _is_endpoint(target: Target, name: str) -> bool:
    """Whether the stage has one; no, where nobody can say."""
    try:
        return any(name in {one.name, one.endpoint_name} for one in endpoints.of_stage(target))
    except (BotoCoreError, ClientError, UserError):
        return False
