"""AWS::Lambda::Permission, which moto can neither change nor take away."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.failure import FinalError

GIVEN = (
    "Action",
    "EventSourceToken",
    "FunctionName",
    "FunctionUrlAuthType",
    "InvokedViaFunctionUrl",
    "Principal",
    "PrincipalOrgID",
    "SourceAccount",
    "SourceArn",
)
Client = Any


def _create(client: Client, name: str, properties: Properties) -> str:
    client.add_permission(StatementId=name, **{key: properties[key] for key in GIVEN if key in properties})
    return name


def _update(_client: Client, name: str, _new: Properties, _old: Properties) -> None:
    message = f"{name}: every property of a permission makes another permission"
    raise FinalError(message)


PERMISSION = Kind(
    type="AWS::Lambda::Permission",
    service="lambda",
    fixed=("Id", *GIVEN),
    create=_create,
    update=_update,
    delete=lambda client, name, properties: client.remove_permission(
        FunctionName=properties["FunctionName"], StatementId=name
    ),
    attributes=lambda _, name: {"Id": name},
)
