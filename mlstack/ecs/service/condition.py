"""How a service is at one moment: its tasks and its messages, as far as AWS says."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.ecs.service.letters import Letters
from mlstack.ecs.service.service import Service
from mlstack.ecs.service.tasks import Tasks
from mlstack.ecs.trouble import NO_QUEUE, code
from mlstack.price import UNKNOWN, number
from mlstack.text import counted, printable

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One service at one moment; None where it cannot be said."""

    service: Service
    tasks: Tasks | None
    letters: Letters | None
    dead: Letters | None
    faults: tuple[str, ...] = ()
    """Why not."""

    @classmethod
    def look(cls, service: Service) -> Self:
        """Look at it; what cannot be asked does not keep the rest from being said."""
        faults: list[str] = []
        tasks, letters, dead = None, None, None
        try:
            tasks = Tasks.of(service.target.account.client("ecs"), service)
        except (BotoCoreError, ClientError) as error:
            faults.append(_line(error))
        sqs: SQSClient = service.target.account.client("sqs")
        try:
            letters = Letters.of(sqs, service.queue_url)
            dead = Letters.of(sqs, service.dead_letter_queue_url)
        except (BotoCoreError, ClientError) as error:
            is_gone = isinstance(error, ClientError) and code(error) in NO_QUEUE
            faults.append("a queue of it is gone: deploy the stage again" if is_gone else _line(error))
        return cls(service=service, tasks=tasks, letters=letters, dead=dead, faults=tuple(faults))

    @property
    def state(self) -> str:
        """How it is, for people."""
        return self.tasks.state if self.tasks else UNKNOWN

    def row(self) -> tuple[str, ...]:
        """The same in a line of a list."""
        return (
            self.service.name,
            self.state,
            _number(self.letters.waiting if self.letters else None),
            _number(self.letters.in_hand if self.letters else None),
            _number(self.dead.all if self.dead else None),
            self.service.idle_price,
            self.service.awake_price,
            self.service.url,
        )

    @property
    def is_short(self) -> bool:
        """Whether it has fewer tasks than it shall have, or none: the last that ended may say why."""
        return not self.tasks or not self.tasks.running or self.tasks.running < self.tasks.desired

    def rows(self, sleeps: str, failed: str = "") -> list[tuple[str, str]]:
        """The same in lines of its own, with when it sleeps and why its last task failed."""
        failure = self.tasks.failure if self.tasks else ""
        rows = [
            ("state", self.state),
            ("last deployment failed", failure),
            ("last task failed", failed),
            ("waiting", _number(self.letters.waiting if self.letters else None)),
            ("in hand", _number(self.letters.in_hand if self.letters else None)),
            ("dead letters", _number(self.dead.all if self.dead else None)),
            ("sleeps", sleeps),
            ("tasks at most", counted(self.service.max_tasks, "task")),
            ("a task", self.service.size),
            ("price while awake", self.service.awake_price),
            ("price while idle", self.service.idle_price),
            ("url", self.service.url),
            ("requests", f"s3://{self.service.bucket}/{self.service.requests}"),
            ("model", self.service.model),
            ("logs", self.service.logs),
        ]
        return [(what, now) for what, now in rows if now]

    def machine(self) -> dict[str, Any]:
        """The same for machines."""
        tasks, letters, service = self.tasks, self.letters, self.service
        return {
            "name": service.name,
            "service": service.service,
            "state": tasks.state.partition(",")[0] if tasks else None,
            "tasks_running": tasks.running if tasks else None,
            "tasks_desired": tasks.desired if tasks else None,
            "waiting": letters.waiting if letters else None,
            "in_hand": letters.in_hand if letters else None,
            "dead_letters": self.dead.all if self.dead else None,
            "tasks_pending": tasks.pending if tasks else None,
            "min_tasks": service.min_tasks,
            "max_tasks": service.max_tasks,
            "sleep_minutes": service.sleep_minutes,
            "task": service.size or None,
            "idle_price": service.idle_price,
            "idle_usd_per_month": number(service.idle_usd_per_month),
            "usd_per_task_hour": number(service.task_usd_per_hour),
            "url": service.url or None,
            "requests": f"s3://{service.bucket}/{service.requests}",
            "answers": f"s3://{service.bucket}/{service.answers}",
            "model": service.model or None,
            "last_deployment_failed": (tasks.failure or None) if tasks else None,
            "log_group": service.log_group,
            "log_streams": f"{service.stream_prefix}/",
            "faults": list(self.faults),
        }


def _number(found: int | None) -> str:
    return UNKNOWN if found is None else f"{found:,}"


def _line(text: object) -> str:
    return printable(" ".join(str(text).split()))
