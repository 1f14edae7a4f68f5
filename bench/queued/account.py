"""What is simulated, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.queued.assumptions import Assumptions
from bench.queued.months import LENGTH, Request
from bench.queued.policies import Policy
from bench.queued.service import Service
from bench.queued.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is simulated."""

    requests: Sequence[Request]
    """In the order in which they come."""
    service: Service
    policy: Policy
    assumed: Assumptions
    seed: str = ""
    length: float = LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the month's requests, and what ran for them; times in seconds since it began."""

    requests: Sequence[Request]
    begun: Sequence[tuple[float, Task] | None]
    """When the work began that led to the answer, and in which task."""
    answered: Sequence[float | None]
    """When the answer lay in S3; None for a dead letter, and for what nobody took."""
    dead: Sequence[int]
    waiting: Sequence[int]
    """What was still in the queue when the account was closed: nobody came for it within days."""
    tasks: Sequence[Task]
    instances_s: Sequence[float]
    """For how long each instance was paid."""
    wakes: int
    """How often the first task was wished for."""
    interruptions: int
    receives: int
    given_back: int
    end: float
    """When the account was closed: with the month, or with its last answer and last task."""
