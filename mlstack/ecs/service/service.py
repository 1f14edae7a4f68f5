"""An inference service on ECS, as the stage says what it is."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from mlstack.ecs.told import Told, UnreadableError
from mlstack.price import UNKNOWN
from mlstack.target import Target

MOST_TASKS, MOST_MINUTES = 10_000, 60 * 24 * 31
MONTHLY = re.compile(r"\$(\d[\d,]*(?:\.\d+)?) a month")


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """What of it a command must know."""

    target: Target
    name: str
    """As the profile has it."""
    region: str
    cluster: str
    service: str
    """As ECS has it."""
    queue_url: str
    dead_letter_queue_url: str
    bucket: str
    requests: str
    """A prefix in the bucket, as the next two."""
    answers: str
    failures: str
    log_group: str
    stream_prefix: str
    min_tasks: int
    max_tasks: int
    sleep_minutes: int
    size: str
    """What one task has, for people."""
    task_usd_per_hour: Decimal | None
    idle_price: str
    url: str
    """Empty where it has no load balancer."""
    model: str

    @classmethod
    def read(cls, target: Target, name: str, text: str) -> Self:
        """Read its parameter's text; raise UnreadableError where something is missing or wrong."""
        told = Told.read(text)
        return cls(
            target=target,
            name=name,
            region=told.text("region"),
            cluster=told.text("cluster"),
            service=told.text("service"),
            queue_url=told.text("queue_url"),
            dead_letter_queue_url=told.text("dead_letter_queue_url"),
            bucket=told.text("bucket"),
            requests=_prefix(told, "requests"),
            answers=_prefix(told, "answers"),
            failures=_prefix(told, "failures"),
            log_group=told.text("log_group"),
            stream_prefix=told.text("stream_prefix"),
            min_tasks=told.whole("min_tasks", 0, MOST_TASKS),
            max_tasks=told.whole("max_tasks", 1, MOST_TASKS),
            sleep_minutes=told.whole("sleep_minutes", 1, MOST_MINUTES),
            size=_size(told),
            task_usd_per_hour=told.amount("task_usd_per_hour"),
            idle_price=told.maybe("idle_price") or UNKNOWN,
            url=told.maybe("url"),
            model=told.maybe("model"),
        )

    @property
    def awake_price(self) -> str:
        """What one task costs, for people."""
        return UNKNOWN if self.task_usd_per_hour is None else f"${self.task_usd_per_hour:f} an hour a task"

    @property
    def idle_usd_per_month(self) -> Decimal | None:
        """What it costs while no task runs, as a number; None where nobody knows it."""
        found = MONTHLY.search(self.idle_price)
        return Decimal(found[1].replace(",", "")) if found else None

    @property
    def logs(self) -> str:
        """How to look at its logs."""
        where = f"log group {self.log_group}, streams {self.stream_prefix}/..."
        if self.target.account.is_local:
            return where
        tail = f"aws logs tail {self.log_group} --log-stream-name-prefix {self.stream_prefix}/"
        return f"`{tail} --since 1h --region {self.region}`"

    def command(self, verb: str, more: str = "") -> str:
        """Another command for it, as a person types it."""
        return self.target.command(f"service {verb} {self.name}{more and ' '}{more}")


def _prefix(told: Told, key: str) -> str:
    found = told.text(key)
    if not found.endswith("/"):
        message = f"its {key} are no prefix that ends in a slash"
        raise UnreadableError(message)
    return found


def _size(told: Told) -> str:
    numbers = [(told.amount("vcpu"), "vCPU"), (told.amount("memory_gb"), "GB")]
    sizes = [f"{number.normalize():f} {unit}" for number, unit in numbers if number]
    return ", ".join(filter(None, [*sizes, told.maybe("architecture"), told.maybe("market")]))
