"""What a stack has made so far, kept beside moto's map of its resources."""

from dataclasses import dataclass, field
from typing import Any

from moto.cloudformation.parsing import ResourceMap
from moto.core.common_models import CloudFormationModel


@dataclass(slots=True)
class Made:
    """A resource that exists: its class, the template's text that it was made from, and that with names resolved."""

    model: type[CloudFormationModel]
    resource: Any
    raw: dict[str, Any]
    resolved: dict[str, Any]
    failed: bool = False
    """Whether its last change failed, so that nobody knows what it is like."""

    @property
    def kind(self) -> str:
        """The type in templates."""
        return str(self.raw["Type"])

    @property
    def physical_id(self) -> str:
        """The name that AWS would give it."""
        return physical_id(self.resource)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The resources of one stack by logical id, in the order in which they were made."""

    resources: ResourceMap
    made: dict[str, Made] = field(default_factory=dict)

    @property
    def bodies(self) -> dict[str, dict[str, Any]]:
        """The template's resources whose condition holds."""
        bodies: dict[str, dict[str, Any]] = self.resources._resource_json_map  # noqa: SLF001 - moto has no public way
        conditions = self.resources.lazy_condition_map
        return {name: body for name, body in bodies.items() if "Condition" not in body or conditions[body["Condition"]]}

    @property
    def stack(self) -> str:
        """The stack's name."""
        return str(self.resources["AWS::StackName"])

    @property
    def account(self) -> str:
        """The stack's account."""
        return str(self.resources["AWS::AccountId"])

    @property
    def region(self) -> str:
        """The stack's region."""
        return str(self.resources["AWS::Region"])

    def enter(self, name: str, made: Made) -> None:
        """Remember a resource, here and where moto looks names up."""
        made.resource.cf_resource_type = made.kind
        made.resource.logical_resource_id = name
        self.made[name] = made
        self.resources._parsed_resources[name] = made.resource  # noqa: SLF001 - moto has no public way

    def strike(self, name: str) -> None:
        """Forget a resource."""
        del self.made[name]
        self.resources._parsed_resources.pop(name, None)  # noqa: SLF001 - moto has no public way


def ledger(resources: ResourceMap) -> Ledger:
    """The ledger that belongs to a map."""
    found: Ledger = vars(resources).setdefault("mlstack_ledger", Ledger(resources))
    return found


def physical_id(resource: object) -> str:
    """The name that AWS would give a resource; empty for one that moto gives none."""
    return str(getattr(resource, "physical_resource_id", "") or "")
