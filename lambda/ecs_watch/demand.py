"""Which groups ask for instances that no task needs. Functions of what AWS says."""

from collections.abc import Collection
from dataclasses import dataclass

from ecs_watch.judging import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A group of instances, as it was seen."""

    name: str
    desired: int
    least: int
    """How few it may ask for: none, unless a person has said otherwise."""
    instances: int
    """Those that are there, come or go."""
    ends: bool
    """Whether it is being deleted."""

    @property
    def unanswered(self) -> bool:
        """Whether it asks for instances and has none: it would launch one as soon as EC2 has capacity again."""
        return self.desired > self.least and not self.instances and not self.ends


def judge_group(group: Group, awaited: Collection[str] | None) -> Verdict:
    """End what nobody asks for any more, such as an instance for a run that has given up, or goes on elsewhere.

    Awaited are the groups on which tasks wait; None where not every task was seen.
    """
    if not group.unanswered:
        return Verdict(ends=False, reason="it has instances, ends, or asks for none")
    asks = f"it asks for {group.desired} and has none"
    if awaited is None:
        return Verdict(ends=False, reason=f"{asks}, and nobody can tell whether a task waits for it")
    if group.name in awaited:
        return Verdict(ends=False, reason=f"{asks}, and a task waits for it")
    return Verdict(ends=True, reason=f"{asks}, and no task waits for it")
