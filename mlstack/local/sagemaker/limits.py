"""How patient SageMaker is; a test sets it, AWS counts in minutes."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

ROUTE = "/_mlstack/hosting"
"""Where they are read (GET) and set (POST, only what changes)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is waited for, in seconds."""

    ping_seconds: float = 30.0
    """How long a new container has to become well."""
    idle_seconds: float = 300.0
    """How long a serverless container stays without a request."""
    drain_seconds: float = 5.0
    """How long a container has to end after SIGTERM."""
    answer_seconds: float = 60.0
    """How long one answer may take, unless it is asynchronous."""
    stop_seconds: float = 120.0
    """How long a job's container has to end after SIGTERM, as on AWS."""
    sync_seconds: float = 1.0
    """How often what a running job wrote is brought to S3."""
    compile_seconds: float = 1.0
    """How long a compilation takes; nothing in it takes time here."""
    interruptions: float = 0.0
    """How often the instances of a managed spot training are taken away; each time once it has saved a checkpoint."""

    def changed(self, body: bytes) -> Self:
        """These limits with what a request says; raise ValueError for what is no limit."""
        said: Any = json.loads(body or b"{}")
        known = {field.name for field in fields(self)}
        if not isinstance(said, dict) or said.keys() - known:
            message = f"known are {', '.join(sorted(known))}"
            raise ValueError(message)
        return type(self)(**{**asdict(self), **{name: float(value) for name, value in said.items()}})
