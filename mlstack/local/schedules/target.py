"""What a schedule calls: a function, or any operation of a service (a universal target)."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore import xform_name

Clients = Callable[[str], Any]
UNIVERSAL = re.compile(r"arn:aws[\w-]*:scheduler:::aws-sdk:(?P<service>[a-z0-9]+):(?P<operation>[a-z]\w*)")
SERVICES = {
    "sfn": "stepfunctions",
    "cloudwatchlogs": "logs",
    "eventbridge": "events",
}
"""Where the SDK for Java, which names universal targets, calls a service otherwise than botocore does."""
READING = ("get", "describe", "list")
"""How the operations begin that a schedule cannot call, because nothing comes of them."""


class TargetError(ValueError):
    """A target that a schedule cannot have, or that the local AWS cannot call."""


def call(target: Mapping[str, Any], client: Clients) -> None:
    """Call the target with its input; what the service refuses is raised."""
    arn, said = str(target["Arn"]), str(target.get("Input") or "{}")
    service = arn.split(":")[2]
    universal = UNIVERSAL.fullmatch(arn)
    if universal:
        _operation(universal["service"], universal["operation"], said, client)
    elif service == "lambda":
        client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=said.encode())
    else:
        message = "the local AWS calls functions and universal targets (aws-sdk) only"
        raise TargetError(message)


def _operation(service: str, operation: str, said: str, client: Clients) -> None:
    if operation.startswith(READING):
        message = f"{operation} only reads, and a schedule cannot call it"
        raise TargetError(message)
    asked = json.loads(said)
    if not isinstance(asked, dict):
        message = "the input of a universal target is an object"
        raise TargetError(message)
    caller = client(SERVICES.get(service, service))
    method = xform_name(operation)
    if method not in caller.meta.method_to_api_mapping:
        message = f"{service} has no operation {operation}"
        raise TargetError(message)
    getattr(caller, method)(**asked)
