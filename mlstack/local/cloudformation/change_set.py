"""Change sets found by stack and name, as the CDK CLI needs: it gives every stack's change set the same name."""

from typing import Any

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult

from mlstack.local.mend import replace


class ChangeSetNotFoundError(CloudFormationError):
    """CloudFormation's own answer, which the CDK CLI waits for after it deleted one."""

    code = "ChangeSetNotFound"


def mend() -> None:
    """Let each request find the change set of its own stack, and an update find the parameters as they were given."""
    replace(CloudFormationResponse, "describe_change_set", _describe)
    replace(CloudFormationResponse, "delete_change_set", _delete)
    replace(Stack, "stack_parameters", property(given_parameters))


def find(backend: CloudFormationBackend, name: str, stack: str | None) -> ChangeSet:
    """The change set of an ARN, or the newest of a name on a stack (its name or id).

    A deleted stack has its name no more: only its id finds its change sets, or the CDK CLI would wait for ever for
    those of a failed stack to go before it makes one for the stack that took the name.
    """
    wanted = [
        change_set
        for change_set in backend.change_sets.values()
        if name == change_set.change_set_id or (name == change_set.change_set_name and _is(change_set.stack, stack))
    ]
    if not wanted:
        message = f"ChangeSet [{name}] does not exist"
        raise ChangeSetNotFoundError(message)
    return wanted[-1]


def _is(stack: Stack, wanted: str | None) -> bool:
    return wanted == stack.stack_id or (stack.status != "DELETE_COMPLETE" and wanted in {None, stack.name})


def given_parameters(stack: Stack) -> dict[str, Any]:
    """The parameters as the person gave them; moto hands on resolved ones, and looks them up once more."""
    slots: dict[str, dict[str, Any]] = stack.template_dict.get("Parameters", {})
    return {name: stack.parameters.get(name, slot.get("Default")) for name, slot in slots.items()}


def _describe(self: CloudFormationResponse) -> ActionResult:
    return ActionResult(find(self.cloudformation_backend, *_asked(self)))


def _delete(self: CloudFormationResponse) -> ActionResult:
    backend = self.cloudformation_backend
    try:
        del backend.change_sets[find(backend, *_asked(self)).change_set_id]
    except ChangeSetNotFoundError:
        return EmptyResult()  # deleting what is gone is no error, as on AWS
    return EmptyResult()


def _asked(response: CloudFormationResponse) -> tuple[str, str | None]:
    return response._get_param("ChangeSetName"), response._get_param("StackName")  # noqa: SLF001 - moto's only way
