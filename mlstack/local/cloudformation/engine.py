"""Brings a stack's resources to what its template says, in dependency order, and takes them away in reverse.

It takes the place of moto's ResourceMap.create, update and delete, which delete through an unordered set with retries,
lose resources whose type has no update, and never run a custom resource's Update or Delete.
"""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.parsing import ResourceMap
from moto.core.common_models import CloudFormationModel
from moto.ec2.models import ec2_backends
from moto.ec2.models.core import TaggedEC2Resource

from mlstack.local import runtime
from mlstack.local.cloudformation import removal, replacement, signal
from mlstack.local.cloudformation.called import Called
from mlstack.local.cloudformation.failure import FinalError, ResourceFailedError, reason
from mlstack.local.cloudformation.ledger import Ledger, Made, physical_id
from mlstack.local.cloudformation.order import creation_order, deletion_order, references
from mlstack.local.mend import replace
from mlstack.local.report import Gap

RETAINED = "Retain"
RETAINED_ONCE_CREATED = "RetainExceptOnCreate"
Tell = Callable[[str, str, str, str, str], None]
"""Called with the logical id, the physical id, the type, the status and the reason of each step."""


def mend() -> None:
    """Let nothing be made by being looked at: moto makes a missing resource whenever its name is read."""
    replace(parsing, "parse_and_create_resource", _only_looked_up)


def _only_looked_up(
    logical_id: str, resource_json: dict[str, Any], resources_map: ResourceMap, account_id: str, region_name: str
) -> None:
    del logical_id, resource_json, resources_map, account_id, region_name


@dataclass(frozen=True, slots=True)
class Engine:
    """One operation on one stack's resources."""

    ledger: Ledger
    tell: Tell

    def converge(self) -> None:
        """Make, change and delete until the resources are what the template says; what was replaced goes at the end."""
        before = replacement.snapshot(self.ledger)
        bodies = self.ledger.bodies
        for name in creation_order(bodies):
            if name in self.ledger.made:
                self._change(name, bodies[name])
            else:
                self._make(name, bodies[name])
        self.discard(replacement.replaced(self.ledger, before))
        self.remove([name for name in self.ledger.made if name not in bodies])

    def discard(self, old: Iterable[tuple[str, Made]]) -> None:
        """Delete resources that others took the place of; one that cannot go is reported, and fails nothing."""
        for name, made in old:
            if made.raw.get("UpdateReplacePolicy") == RETAINED:
                self.tell(name, made.physical_id, made.kind, "DELETE_SKIPPED", "")
                continue
            self.tell(name, made.physical_id, made.kind, "DELETE_IN_PROGRESS", "")
            try:
                removal.remove(made, self.ledger.account, self.ledger.region)
            except Exception as error:  # noqa: BLE001 - whatever moto raises is the reason
                self._unapplied(name, made.kind, f"{made.physical_id} was replaced and is left: {reason(error)}")
                self.tell(name, made.physical_id, made.kind, "DELETE_FAILED", reason(error))
            else:
                self.tell(name, made.physical_id, made.kind, "DELETE_COMPLETE", "")

    def remove(self, names: Iterable[str], *, rollback: bool = False) -> None:
        """Delete resources, dependents first; what is refused is tried again as long as something else goes.

        Whatever a refused one stands on stays, as it does on AWS.
        """
        chosen = set(names)
        order = deletion_order({name: made.raw for name, made in self.ledger.made.items()})
        waiting = [name for name in order if name in chosen]
        while waiting:
            refused: dict[str, Exception] = {}
            for name in waiting:
                dependents = [one for one in refused if name in references(self.ledger.made[one].raw)]
                if dependents:
                    refused[name] = refused[dependents[0]]
                    continue
                try:
                    self._delete(name, rollback=rollback)
                except FinalError as error:
                    raise self._stuck(name, error) from error
                except Exception as error:  # noqa: BLE001 - whatever moto raises is the reason
                    refused[name] = error
            if len(refused) == len(waiting):
                name, why = next(iter(refused.items()))
                raise self._stuck(name, why) from why
            waiting = list(refused)

    def _make(self, name: str, body: dict[str, Any]) -> None:
        kind = str(body["Type"])
        model = parsing.resource_class_from_type(kind)
        self.tell(name, "", kind, "CREATE_IN_PROGRESS", "")
        try:
            with signal.expected(self.ledger.resources.stack_id, name, body) as room:
                resource = self._enter(name, body, model)
                self._await(name, resource, kind, room)
        except Exception as error:
            remains = getattr(error, "resource", None)
            if remains is not None:
                self.ledger.enter(name, Made(model, remains, body, {"Type": kind, "Properties": {}}))
            self.tell(name, self._physical_id(name), kind, "CREATE_FAILED", reason(error))
            raise ResourceFailedError(name, reason(error)) from error
        self.tell(name, physical_id(resource), kind, "CREATE_COMPLETE", "")

    def _enter(self, name: str, body: dict[str, Any], model: type[CloudFormationModel]) -> CloudFormationModel:
        """Make it and know of it, so that it is deleted again even when it never becomes what it is to be."""
        resolved = self._resolve(body)
        resource = model.create_from_cloudformation_json(
            self._wished_name(name, resolved),
            copy.deepcopy(resolved),
            self.ledger.account,
            self.ledger.region,
            LogicalId=name,
            StackId=self.ledger.resources.stack_id,
            ResourceType=str(body["Type"]),
        )
        self.ledger.enter(name, Made(model, resource, body, resolved))
        self._tag(name, resource)
        made: CloudFormationModel = resource
        return made

    def _await(self, name: str, resource: object, kind: str, room: signal.Room | None) -> None:
        """Wait for the signals that its CreationPolicy asks for."""
        if room is not None:
            room.wait(lambda said: self.tell(name, physical_id(resource), kind, "CREATE_IN_PROGRESS", said))

    def _physical_id(self, name: str) -> str:
        return self.ledger.made[name].physical_id if name in self.ledger.made else ""

    def _change(self, name: str, body: dict[str, Any]) -> None:
        made = self.ledger.made[name]
        if body["Type"] != made.kind:
            raise ResourceFailedError(
                name, f"Update of resource type is not permitted ({made.kind} to {body['Type']})."
            )
        made.raw = body
        try:
            resolved = self._resolve(body)
            if resolved["Properties"] == made.resolved["Properties"] and not made.failed:
                return
            self.tell(name, made.physical_id, made.kind, "UPDATE_IN_PROGRESS", "")
            if hasattr(made.model.update_from_cloudformation_json, "__isabstractmethod__"):
                self._unapplied(name, made.kind, "moto cannot change this type; it stays as it was made")
            else:
                self._update(name, made, resolved)
        except Exception as error:
            made.failed = True
            self.tell(name, made.physical_id, made.kind, "UPDATE_FAILED", reason(error))
            raise ResourceFailedError(name, reason(error)) from error
        made.resolved, made.failed = resolved, False
        self.ledger.enter(name, made)
        self.tell(name, made.physical_id, made.kind, "UPDATE_COMPLETE", "")

    def _update(self, name: str, made: Made, resolved: dict[str, Any]) -> None:
        """Change it; what takes its place is new, and waited for like everything new."""
        old = made.resource
        with signal.expected(self.ledger.resources.stack_id, name, made.raw) as room:
            made.resource = made.model.update_from_cloudformation_json(
                original_resource=old,
                new_resource_name=self._wished_name(name, resolved),
                cloudformation_json=copy.deepcopy(resolved),
                account_id=self.ledger.account,
                region_name=self.ledger.region,
            )
            if getattr(made.resource, "replaces", None) is old and made.resource is not old:
                self._tag(name, made.resource)
                self._await(name, made.resource, made.kind, room)

    def _delete(self, name: str, *, rollback: bool) -> None:
        made = self.ledger.made[name]
        policy = made.raw.get("DeletionPolicy")
        if policy == RETAINED or (policy == RETAINED_ONCE_CREATED and not rollback):
            self.tell(name, made.physical_id, made.kind, "DELETE_SKIPPED", "")
        else:
            self.tell(name, made.physical_id, made.kind, "DELETE_IN_PROGRESS", "")
            if not removal.remove(made, self.ledger.account, self.ledger.region):
                self._unapplied(name, made.kind, "moto cannot delete this type; it is left")
            self.tell(name, made.physical_id, made.kind, "DELETE_COMPLETE", "")
        self.ledger.strike(name)

    def _resolve(self, body: dict[str, Any]) -> dict[str, Any]:
        resolved: dict[str, Any] = parsing.clean_json(copy.deepcopy(body), self.ledger.resources)
        resolved.setdefault("Properties", {})
        return resolved

    def _wished_name(self, name: str, body: dict[str, Any]) -> str:
        wished = parsing.resource_name_property_from_type(body["Type"])
        given = body["Properties"].get(wished) if wished else None
        return str(given) if given else parsing.generate_resource_name(body["Type"], self.ledger.stack, name)

    def _tag(self, name: str, resource: object) -> None:
        by_call = isinstance(resource, Called) and resource.kind.service == "ec2"
        if by_call or isinstance(resource, TaggedEC2Resource):
            tags = {
                **self.ledger.resources.tags,
                "aws:cloudformation:stack-name": self.ledger.stack,
                "aws:cloudformation:stack-id": self.ledger.resources.stack_id,
                "aws:cloudformation:logical-id": name,
            }
            ec2_backends[self.ledger.account][self.ledger.region].create_tags([physical_id(resource)], tags)

    def _unapplied(self, name: str, kind: str, why: str) -> None:
        with runtime.running().report.writing() as facts:
            facts["unapplied"].append(Gap(stack=self.ledger.stack, logical_id=name, type=kind, reason=why))

    def _stuck(self, name: str, error: Exception) -> ResourceFailedError:
        made = self.ledger.made[name]
        self.tell(name, made.physical_id, made.kind, "DELETE_FAILED", reason(error))
        return ResourceFailedError(name, reason(error))
