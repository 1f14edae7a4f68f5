"""A deployed training workflow, found by its stack's outputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

from mlstack.errors import UserError
from mlstack.target import Target
from shared.training_run import group_name

STACK = "Training"
Json = Mapping[str, Any]
"""An object of JSON: a request, a plan or an answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """What a command must know of it."""

    target: Target
    state_machine: str
    request_function: str
    datasets_bucket: str
    models_bucket: str
    models: tuple[str, ...]
    """The names in the profile; each has a group of model packages."""

    @classmethod
    def find(cls, target: Target) -> Self:
        """Find it; raise UserError where it is not deployed."""
        found = target.outputs(STACK)
        try:
            return cls(
                target=target,
                state_machine=found["StateMachineArn"],
                request_function=found["RequestFunctionName"],
                datasets_bucket=found["DatasetsBucketName"],
                models_bucket=found["ModelsBucketName"],
                models=tuple(name for name in found["Models"].split(",") if name),
            )
        except KeyError as error:
            message = f"the training stack of {target.shown} has no output {error.args[0]}; deploy it once more"
            raise UserError(message) from error

    def model(self, name: str) -> str:
        """The name of a model of the profile; raise UserError that lists what there is."""
        if name in self.models:
            return name
        close = get_close_matches(name.casefold(), self.models, n=1)
        meant = f"did you mean {close[0]}? " if close else ""
        known = ", ".join(self.models) or "none"
        message = (
            f"{self.target.shown} has no model {name!r}; {meant}it has {known}; "
            "a new one goes into models of [training] in the profile"
        )
        raise UserError(message)

    def group(self, model: str) -> str:
        """The model package group of a model."""
        return group_name(self.target.stage, model)

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        """The client of a service by its boto3 name."""
        return self.target.account.client(service)
