"""What the deployed service is: its size, its queue and its scaling."""

from dataclasses import dataclass

from bench.queued.scaling import Scaling


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One inference service."""

    source: str
    """Where this is from."""
    vcpu: float
    memory_gb: float
    architecture: str
    concurrency: int
    """How many messages a task has in hand."""
    visibility_s: float
    receives: int
    """How often a message is received before it goes to the dead letters."""
    scaling: Scaling
