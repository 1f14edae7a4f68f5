"""A stack's operations as CloudFormation tells them: events per resource, a status, roll-back of what failed."""

from datetime import timedelta
from threading import RLock
from typing import Any

from moto.cloudformation import models
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack, cloudformation_backends
from moto.cloudformation.parsing import Export, OutputMap, ResourceMap

from mlstack.local.cloudformation import background, replacement, signal
from mlstack.local.cloudformation.change_set import find
from mlstack.local.cloudformation.engine import Engine, Tell
from mlstack.local.cloudformation.failure import ResourceFailedError, reason
from mlstack.local.cloudformation.ledger import ledger
from mlstack.local.mend import replace


def mend() -> None:
    """Route every way to create, change or delete a stack through the engine."""
    replace(Stack, "create_resources", _create_resources)
    replace(Stack, "update", _update)
    replace(Stack, "delete", _delete)
    replace(Stack, "stack_resources", property(_stack_resources))
    moto_exports = Stack.exports
    replace(Stack, "exports", property(lambda stack: moto_exports.__get__(stack) if _complete(stack) else []))
    replace(CloudFormationBackend, "execute_change_set", _execute_change_set)
    replace(CloudFormationBackend, "delete_stack", _delete_stack)
    replace(ResourceMap, "validate_outputs", _nothing_yet)


def _nothing_yet(self: ResourceMap) -> None:
    """Outputs are checked when they are computed; moto's check stumbles over types that it lacks."""


def _create_resources(self: Stack) -> None:
    self.status = "CREATE_IN_PROGRESS"
    self.output_map = _no_outputs(self)  # whoever describes the stack meanwhile is told of none, as on AWS
    _converge(self, "CREATE")


def _update(
    self: Stack,
    template: str,
    role_arn: str | None = None,
    parameters: dict[str, Any] | None = None,
    tags: dict[str, str] | None = None,
) -> None:
    self.role_arn = role_arn
    if tags is not None:
        self.tags = tags
    _apply(self, "UPDATE", template, parameters or self.parameters)


def _execute_change_set(self: CloudFormationBackend, change_set_name: str, stack_name: str | None = None) -> None:
    change_set = find(self, change_set_name, stack_name)
    stack = self.stacks[change_set.stack_id]
    if change_set.tags:
        stack.tags = change_set.tags
    _apply(stack, change_set.change_set_type, change_set.template, change_set.parameters)
    change_set.execution_status = "EXECUTE_COMPLETE"


def _apply(stack: Stack, kind: str, template: str, parameters: dict[str, Any]) -> None:
    before = (str(stack.template), dict(stack.parameters))
    stack.status = f"{kind}_IN_PROGRESS"
    stack._add_stack_event(stack.status, resource_status_reason="User Initiated")  # noqa: SLF001 - moto's only way
    _write(stack, template, parameters)
    _converge(stack, kind, before)


def _write(stack: Stack, template: str, parameters: dict[str, Any]) -> None:
    stack.template = template
    stack._parse_template()  # noqa: SLF001 - moto's only way
    stack.parameters = parameters


def _load(stack: Stack) -> None:
    """Read the stack's template into its resource map, as moto does for an update."""
    resources = stack.resource_map
    resources._template = stack.template_dict  # noqa: SLF001 - moto's only way
    resources._resource_json_map = stack.template_dict["Resources"]  # noqa: SLF001 - moto's only way
    resources.input_parameters = stack.parameters
    resources.load_mapping()
    resources.load_parameters()
    resources.load_conditions()


def _converge(stack: Stack, kind: str, written_before: tuple[str, dict[str, Any]] | None = None) -> None:
    def work() -> None:
        with _turn(stack):
            _try(stack, kind, written_before)

    background.run(work)


def _turn(stack: Stack) -> RLock:
    """One operation of a stack at a time."""
    turn: RLock = vars(stack).setdefault("mlstack_turn", RLock())
    return turn


def _try(stack: Stack, kind: str, written_before: tuple[str, dict[str, Any]] | None) -> None:
    resources = replacement.snapshot(ledger(stack.resource_map))
    try:
        _reach(stack)
    except Exception as error:  # noqa: BLE001 - the reason belongs into the stack's events, not into HTTP 500
        if kind == "CREATE" or written_before is None:
            _undo_creation(stack, reason(error))
        else:
            _undo_update(stack, reason(error), written_before, resources)
    else:
        _status(stack, f"{kind}_COMPLETE")


def _reach(stack: Stack) -> None:
    """Bring the resources and the outputs to what the template says."""
    stack.description = stack.template_dict.get("Description")
    _load(stack)
    _engine(stack).converge()
    outputs = stack._create_output_map()  # noqa: SLF001 - moto's only way
    list(outputs.values())  # an output that cannot be computed fails the stack, as on AWS
    _publish(stack, outputs.exports)
    stack.output_map = outputs


def _no_outputs(stack: Stack) -> OutputMap:
    return OutputMap(stack.resource_map, {}, stack.stack_id)


def _publish(stack: Stack, exports: list[Export]) -> None:
    """Make the stack's exports known; refuse a name that another stack has taken."""
    backend = cloudformation_backends[stack.account_id][stack.region_name]
    for export in exports:
        known = backend.exports.get(export.name)
        if known is not None and known.exporting_stack_id != stack.stack_id:
            message = f"Export with name {export.name} is already exported by stack {known.exporting_stack_id}"
            raise ValidationError(message=message)
    _withdraw(backend, stack)
    backend.exports.update({export.name: export for export in exports})


def _withdraw(backend: CloudFormationBackend, stack: Stack) -> None:
    for name in [name for name, export in backend.exports.items() if export.exporting_stack_id == stack.stack_id]:
        del backend.exports[name]


def _complete(stack: Stack) -> bool:
    """Whether the stack's outputs can be read: moto reads exports before a stack's resources are made."""
    return stack.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


def _undo_creation(stack: Stack, why: str) -> None:
    stack.output_map = _no_outputs(stack)
    _status(stack, "ROLLBACK_IN_PROGRESS", why)
    try:
        _engine(stack).remove(list(ledger(stack.resource_map).made), rollback=True)
    except ResourceFailedError as error:
        _status(stack, "ROLLBACK_FAILED", str(error))
    else:
        _status(stack, "ROLLBACK_COMPLETE", why)


def _undo_update(
    stack: Stack, why: str, written_before: tuple[str, dict[str, Any]], resources: replacement.Snapshot
) -> None:
    """Go back to the template and the resources of before; what was replaced comes back as it was."""
    _status(stack, "UPDATE_ROLLBACK_IN_PROGRESS", why)
    new = replacement.bring_back(ledger(stack.resource_map), resources)
    try:
        _write(stack, *written_before)
        _reach(stack)
        _engine(stack).discard(new)
    except Exception as error:  # noqa: BLE001 - as in an operation itself
        _status(stack, "UPDATE_ROLLBACK_FAILED", reason(error))
    else:
        _status(stack, "UPDATE_ROLLBACK_COMPLETE", why)


def _delete(self: Stack) -> None:
    """Delete it; what it waits for no longer matters, and the operation that waited ends first."""
    with signal.abandoned(self.stack_id), _turn(self):
        _status(self, "DELETE_IN_PROGRESS", "User Initiated")
        try:
            _engine(self).remove(list(ledger(self.resource_map).made))
        except ResourceFailedError as error:
            _status(self, "DELETE_FAILED", str(error))
        else:
            _status(self, "DELETE_COMPLETE")


def _delete_stack(self: CloudFormationBackend, name_or_stack_id: str) -> None:
    for stack in list(self.stacks.values()):
        if name_or_stack_id in {stack.name, stack.stack_id}:
            stack.delete()
            if stack.status == "DELETE_COMPLETE":
                del self.stacks[stack.stack_id]
                self.deleted_stacks[stack.stack_id] = stack
                _withdraw(self, stack)


def _stack_resources(self: Stack) -> list[Any]:
    return [made.resource for made in ledger(self.resource_map).made.values()]


def _status(stack: Stack, status: str, why: str | None = None) -> None:
    stack.status = status
    vars(stack)["stack_status_reason"] = why
    stack._add_stack_event(status, resource_status_reason=why)  # noqa: SLF001 - moto's only way
    _later(stack)


def _engine(stack: Stack) -> Engine:
    return Engine(ledger(stack.resource_map), _teller(stack))


def _teller(stack: Stack) -> Tell:
    def tell(logical_id: str, physical_id: str, kind: str, status: str, why: str) -> None:
        event = models.Event(
            stack_id=stack.stack_id,
            stack_name=stack.name,
            logical_resource_id=logical_id,
            physical_resource_id=physical_id,
            resource_type=kind,
            resource_status=status,
            resource_status_reason=why or None,
            resource_properties=None,
        )
        stack.events.append(event)
        _later(stack)

    return tell


def _later(stack: Stack) -> None:
    """Date an event after the one before it: the CLI sorts by milliseconds, and here several fall into one."""
    *before, last = stack.events
    if before:
        last.timestamp = max(last.timestamp, before[-1].timestamp + timedelta(milliseconds=1))
