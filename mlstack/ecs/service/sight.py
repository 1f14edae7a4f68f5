"""How a service is while somebody waits for its answers, and that it does not start."""

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.ecs.service.failed_task import FailedTask, StoppedTasks, latest, with_word
from mlstack.ecs.service.letters import Letters
from mlstack.ecs.service.service import Service
from mlstack.ecs.service.tasks import ASLEEP, Tasks
from mlstack.text import counted

LOOK_EVERY = 5
"""Looks for answers between two looks at the service."""
MOST_FAILED = 3
"""Tasks that may fail one after the other before nobody waits any longer: one may have met a fault of a moment."""


class DoesNotStartError(Exception):
    """No task of the service stays up; the message says why, and what mends it."""


class Sight:
    """A service, looked at now and then from before anything is asked of it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._looks = 0
        self._left = 0
        self._told = ""
        self._stopped = StoppedTasks(service)
        self._failed: list[FailedTask] = []
        self._has_begun = False
        self.before: FailedTask | None = None
        """The last task that failed before anything was asked; it says nothing sure of what comes now."""
        self._look_at_stopped()

    def now(self, left: int) -> str:
        """In words; as it was before where it cannot be seen now. Raise DoesNotStartError where nobody will answer."""
        if self._looks % LOOK_EVERY == 0 or left != self._left:
            self._look()
        self._looks += 1
        self._left = left
        return self._told

    def _look(self) -> None:
        account = self._service.target.account
        try:
            tasks = Tasks.of(account.client("ecs"), self._service)
            letters = Letters.of(account.client("sqs"), self._service.queue_url)
        except (BotoCoreError, ClientError):
            self._told = self._told or "it cannot be seen"
            return
        self._look_at_stopped()
        if len(self._failed) >= MOST_FAILED and not tasks.running:
            last = with_word(self._service, max(self._failed, key=lambda one: one.at))
            message = f"{self._service.name} does not start: {last.shown}; {last.mends(self._service)}"
            raise DoesNotStartError(message)
        until = ": it wakes within a minute or two" if tasks.state == ASLEEP else ""
        failed = f", {counted(len(self._failed), 'task')} failed" if self._failed else ""
        self._told = f"{tasks.state}{until}, {letters.waiting:,} waiting, {letters.in_hand:,} in hand{failed}"

    def _look_at_stopped(self) -> None:
        try:
            news = self._stopped.news()
        except (BotoCoreError, ClientError):  # who may not see that goes on without
            return
        if self._has_begun:
            self._failed += filter(None, map(FailedTask.read, news))
        elif before := latest(news):
            self.before = with_word(self._service, before)
        self._has_begun = True
