"""What was seen of a security group's network interfaces, and what follows from it."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import NetworkInterfaceTypeDef

ENOUGH = 2
"""EC2's answers are eventually consistent: one empty answer may come while an interface is still there."""
NAMED = 3
LONGEST_DESCRIPTION = 50


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface, and what AWS says that it is for."""

    id: str
    status: str = ""
    description: str = ""

    @classmethod
    def read(cls, told: "NetworkInterfaceTypeDef") -> Self:
        """An interface as EC2 describes it."""
        return cls(told.get("NetworkInterfaceId", ""), told.get("Status", ""), told.get("Description", ""))

    def __str__(self) -> str:
        """In a few words."""
        said = [part for part in (self.status, self.description[:LONGEST_DESCRIPTION]) if part]
        return f"{self.id} ({', '.join(said)})" if said else self.id


@dataclass(frozen=True, slots=True)
class Looks:
    """All looks at a group, one after another; one that failed tells nothing and counts for nothing."""

    left: tuple[Interface, ...] = ()
    """What the last one saw."""
    empty: int = 0
    """How many saw nothing since one saw something."""

    def then(self, left: tuple[Interface, ...]) -> Self:
        """With one more."""
        return replace(self, left=left, empty=0 if left else self.empty + 1)

    @property
    def are_enough(self) -> bool:
        """Whether nothing holds the group any more; else one more look is needed."""
        return self.empty >= ENOUGH

    def reason(self, group: str) -> str:
        """Why the group cannot be deleted yet, and what to do, as short as CloudFormation wants it."""
        again = "destroy the stack again in some minutes, which goes on waiting"
        if not self.left:
            return f"nobody could tell in time whether {group} has network interfaces left: {again}"
        named = ", ".join(str(one) for one in self.left[:NAMED])
        more = f" and {len(self.left) - NAMED} more" if len(self.left) > NAMED else ""
        return f"AWS has not given back all network interfaces of {group}: {again}. Left: {named}{more}"
