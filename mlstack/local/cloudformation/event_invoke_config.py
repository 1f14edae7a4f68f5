"""AWS::Lambda::EventInvokeConfig, which moto skips."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties


def _put(client: Any, name: str, properties: Properties) -> str:  # noqa: ANN401 - a client
    settings = {key: value for key, value in properties.items() if key != "Qualifier"}
    client.put_function_event_invoke_config(**settings)
    return name


def _put_again(client: Any, name: str, new: Properties, _old: Properties) -> None:  # noqa: ANN401 - a client
    _put(client, name, new)


EVENT_INVOKE_CONFIG = Kind(
    type="AWS::Lambda::EventInvokeConfig",
    service="lambda",
    fixed=("", "FunctionName", "Qualifier"),
    create=_put,
    update=_put_again,
    delete=lambda client, _, said: client.delete_function_event_invoke_config(FunctionName=said["FunctionName"]),
)
