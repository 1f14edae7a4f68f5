"""What a function printed, in its log group, framed as Lambda frames it."""

import math
import time
from threading import Lock

from moto.awslambda.models import LambdaFunction
from moto.logs.models import logs_backends

from mlstack.local.functions.worker import Outcome

_lock = Lock()


def write(function: LambdaFunction, stream: str, request_id: str, outcome: Outcome) -> str:
    """Put an invocation's lines into the function's log group; answer with them as one text."""
    spent = f"{outcome.duration_ms:.2f} ms\tBilled Duration: {math.ceil(outcome.duration_ms)} ms"
    lines = [
        f"START RequestId: {request_id} Version: {function.version}",
        *outcome.log.splitlines(),
        f"END RequestId: {request_id}",
        f"REPORT RequestId: {request_id}\tDuration: {spent}\tMemory Size: {function.memory_size} MB",
    ]
    group_name, now = str(function.logs_group_name), int(time.time() * 1000)
    backend = logs_backends[function.account_id][function.region]
    with _lock:
        backend.ensure_log_group(group_name)
        if stream not in backend.groups[group_name].streams:
            backend.create_log_stream(group_name, stream)
        backend.put_log_events(group_name, stream, [{"timestamp": now, "message": line or " "} for line in lines])
    return "\n".join(lines)
