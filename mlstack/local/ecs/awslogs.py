"""The log driver awslogs: a container's lines in a log group, which has to be there unless the driver may make it."""

import time
from contextlib import suppress
from typing import Any

from moto.logs.exceptions import LogsClientError
from moto.logs.models import LogsBackend, logs_backends

from mlstack.local.ecs.failure import CannotStartError
from mlstack.local.ecs.requirement import AWSLOGS

NO_GROUP = (
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to "
    "create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. ({group})"
)
NO_REGION = "ResourceInitializationError: failed to validate logger args: the local AWS has no region {region}"


class Awslogs:
    """One container's stream."""

    def __init__(self, backend: LogsBackend, group: str, stream: str) -> None:
        self._backend = backend
        self._group = group
        self._stream = stream

    @classmethod
    def of(cls, container: dict[str, Any], account: str, region: str, task_id: str) -> "Awslogs | None":
        """What a container's definition asks for; CannotStartError where it cannot be, nothing for another driver."""
        said = container.get("logConfiguration") or {}
        if said.get("logDriver") != AWSLOGS:
            return None
        options = said["options"]
        if options["awslogs-region"] != region:
            raise CannotStartError(NO_REGION.format(region=options["awslogs-region"]))
        backend: LogsBackend = logs_backends[account][region]
        group, prefix = options["awslogs-group"], options.get("awslogs-stream-prefix")
        if options.get("awslogs-create-group") == "true":
            backend.ensure_log_group(group)
        if group not in backend.groups:
            raise CannotStartError(NO_GROUP.format(group=group))
        stream = f"{prefix}/{container['name']}/{task_id}" if prefix else task_id
        if stream not in backend.groups[group].streams:
            backend.create_log_stream(group, stream)
        return cls(backend, group, stream)

    def tell(self, lines: list[str]) -> None:
        """Put lines into the stream; where somebody has deleted the group meanwhile they are lost, as on AWS."""
        now = int(time.time() * 1000)
        with suppress(LogsClientError, KeyError):
            events = [{"timestamp": now, "message": line or " "} for line in lines]
            self._backend.put_log_events(self._group, self._stream, events)
