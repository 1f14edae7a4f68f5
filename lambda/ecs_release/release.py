"""How a cluster is emptied: no service starts a task, no task runs, no group launches, no instance is left."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ecs_release.groups import delete, groups
from ecs_release.holding import Holding
from ecs_release.machines import ENDED, Way, deregister, launched, registrations, states, way
from ecs_release.services import services, set_to_zero
from ecs_release.tasks import Tasks
from shared import clock
from shared.custom_resource import UnfulfilledError
from shared.fault import code_of, fault_of, reason_of
from shared.patience import PASSING

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecs import ECSClient

logger = logging.getLogger(__name__)

GRACE = timedelta(seconds=150)
"""A task that is stopped may take 120 s to save what it has; what does not hear of it would never end."""
ENOUGH = 2 * GRACE
"""After that, whatever can end has been told to: where something is refused, more looks would not mend it."""


@dataclass(slots=True)
class Release:
    """Of one cluster, look by look.

    What is refused in one part, such as a missing permission, holds up no other: what runs on would cost until somebody
    mends it. It is kept until nothing else is left to do, and is told then.
    """

    ecs: "ECSClient"
    autoscaling: "AutoScalingClient"
    ec2: "EC2Client"
    holding: Holding
    began: datetime
    refused: UnfulfilledError | None = None
    """What the last look met first."""
    _over: set[str] = field(default_factory=set)
    _hosted: bool = True
    """Whether a task may have a place on an instance."""

    def look(self) -> list[str]:
        """Do what can be done now, and say what is left.

        Raises:
            UnfulfilledError: what is refused, where nothing else comes of more looks.
            ClientError: for what passes.
        """
        self.refused, self._hosted = None, True
        left: list[str] = []
        passing: BotoCoreError | ClientError | None = None
        for part in (self._services, self._end_tasks, self._groups, self._machines):
            try:
                left += part()
            except UnfulfilledError as error:
                self.refused = self.refused or error
            except (BotoCoreError, ClientError) as error:
                logger.warning("%s", reason_of(error))
                if fault_of(error) in PASSING:
                    passing = passing or error
                else:
                    self.refused = self.refused or _refusal(error, self.holding.cluster)
        if self.refused and clock.now() - self.began >= ENOUGH:
            raise self.refused
        if passing:
            raise passing
        return left

    def _services(self) -> list[str]:
        """Let none start a task; one that is not the stage's is told, as it would hold the cluster."""
        found = services(self.ecs, self.holding.cluster)
        own = self.holding.services
        strange = sorted(one.name for one in found if own is not None and one.name not in own)
        busy = [one for one in found if one.desired]
        set_to_zero(self.ecs, self.holding.cluster, (one.name for one in busy))
        if strange and not busy:
            name = self.holding.cluster
            message = (
                f"{name} has services that are not the stage's ({', '.join(strange[:3])}): they are at zero, but would "
                f"hold the cluster: delete them by hand (aws ecs delete-service --force --cluster {name} "
                f"--service {strange[0]}), and destroy the stack again"
            )
            raise UnfulfilledError(message)
        return [f"service {one.name} (wants {one.desired})" for one in busy]

    def _end_tasks(self) -> list[str]:
        tasks = Tasks(self.ecs, self.holding.cluster, self._over)
        living, unseen = tasks.living()
        self._hosted = bool(unseen) or any(one.hosted for one in living)
        tasks.stop(living, f"mlstack: the stage {self.holding.stage} is being destroyed")
        return [str(one) for one in living] + [f"task {one}" for one in unseen]

    def _groups(self) -> list[str]:
        """Delete them when their tasks have had time to end."""
        found = groups(self.autoscaling, self.holding.groups)
        if self._quiet:
            delete(self.autoscaling, found)
        return [str(one) for one in found]

    def _machines(self) -> list[str]:
        own = launched(self.ec2, self.holding.groups)
        left = [f"{name} ({state})" for name, state in own.items() if state != ENDED]
        registered, unseen = registrations(self.ecs, self.holding.cluster)
        known = states(self.ec2, registered) if registered else {}
        ways = [(one, way(one, known, own, quiet=self._quiet)) for one in registered]
        deregister(self.ecs, self.holding.cluster, [(one, how) for one, how in ways if how is not Way.AWAIT])
        return left + [f"container instance of {one.instance or 'nothing'}" for one in registered] + unseen

    @property
    def _quiet(self) -> bool:
        """Whether no task on an instance has anything left to save."""
        return not self._hosted or clock.now() - self.began >= GRACE


def _refusal(error: BotoCoreError | ClientError, cluster: str) -> UnfulfilledError:
    what = f"{error.operation_name} was refused ({code_of(error)})" if isinstance(error, ClientError) else str(error)
    return UnfulfilledError(
        f"{what}, and what runs in {cluster} may cost on: allow it, or end that by hand, and destroy the stack again"
    )
