"""A stage's training on ECS, as the stage says what it is."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from mlstack.ecs.told import Told, UnreadableError

SPOT, ON_DEMAND = "spot", "on-demand"
MARKETS = (SPOT, ON_DEMAND)
ACCELERATORS = ("cpu", "gpu")
CONTAINER = "training"
MOST_HOURS, MOST_ATTEMPTS = 24 * 28, 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What of it a command must know."""

    cluster: str
    state_machine: str
    family: str
    """Of its task definition."""
    log_group: str
    stream_prefix: str
    container: str
    datasets: str
    """A bucket, as the next."""
    models: str
    accelerator: str
    instance_types: tuple[str, ...]
    vcpu: Decimal | None
    memory_gb: Decimal | None
    market: str
    """Where nobody says another; one on demand has no Spot at all."""
    max_hours: int
    """Of one attempt."""
    spot_attempts: int
    usd_per_hour: dict[str, Decimal | None]
    """Of the dearest machine, by market; None where nobody knows it."""

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the parameter's text; raise UnreadableError where something is missing or wrong."""
        told = Told.read(text)
        prices = told.inside("usd_per_hour")
        return cls(
            cluster=told.text("cluster"),
            state_machine=told.text("state_machine"),
            family=told.text("task_definition").rpartition("/")[2].partition(":")[0],
            log_group=told.text("log_group"),
            stream_prefix=told.text("stream_prefix"),
            container=told.maybe("container") or CONTAINER,
            datasets=told.text("datasets"),
            models=told.text("models"),
            accelerator=_among(told, "accelerator", ACCELERATORS),
            instance_types=told.texts("instance_types"),
            vcpu=told.amount("vcpu"),
            memory_gb=told.amount("memory_gb"),
            market=_among(told, "market", MARKETS),
            max_hours=told.whole("max_hours", 1, MOST_HOURS),
            spot_attempts=told.whole("spot_attempts", 1, MOST_ATTEMPTS),
            usd_per_hour={market: prices.amount(market) for market in MARKETS},
        )

    @property
    def is_on_instances(self) -> bool:
        """Whether EC2 instances carry the tasks, and not Fargate."""
        return self.accelerator == "gpu"

    @property
    def machine(self) -> str:
        """What a task runs on, for people."""
        if self.is_on_instances and self.instance_types:
            return f"1 x {' or '.join(self.instance_types)}"
        numbers = ((self.vcpu, "vCPU"), (self.memory_gb, "GB"))
        sizes = [f"{number.normalize():f} {unit}" for number, unit in numbers if number]
        return ", ".join(["Fargate", *sizes])

    def stream(self, task: str) -> str:
        """The log stream of a task, by its id."""
        return f"{self.stream_prefix}/{self.container}/{task}"


def _among(told: Told, key: str, words: tuple[str, ...]) -> str:
    found = told.text(key)
    if found not in words:
        message = f"its {key} is not {' or '.join(words)}"
        raise UnreadableError(message)
    return found
