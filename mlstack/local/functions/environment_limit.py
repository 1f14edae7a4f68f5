"""Lambda takes at most 4 KB of environment variables; moto takes any."""

import json
from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend, LambdaFunction

from mlstack.local.mend import replace

LARGEST = 4096
TOO_LARGE = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided "
    "exceeded the 4KB limit. String measured: {measured}"
)


def mend() -> None:
    """Check where a function is made and where its settings change."""
    moto_create, moto_update = LambdaBackend.create_function, LambdaFunction.update_configuration

    def create_function(self: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
        check(spec)
        return moto_create(self, spec)

    def update_configuration(self: LambdaFunction, config_updates: dict[str, Any]) -> dict[str, Any]:
        check(config_updates)
        return moto_update(self, config_updates)

    replace(LambdaBackend, "create_function", create_function)
    replace(LambdaFunction, "update_configuration", update_configuration)


def check(settings: Mapping[str, Any]) -> None:
    """Raise Lambda's refusal where the variables are too large together."""
    measured = json.dumps((settings.get("Environment") or {}).get("Variables") or {}, separators=(",", ":"))
    if len(measured.encode()) > LARGEST:
        raise InvalidParameterValueException(TOO_LARGE.format(measured=measured))
