"""What a function printed, in its log group, framed as Lambda frames it."""

import math

from moto.awslambda.models import LambdaFunction

from mlstack.local import log_stream
from mlstack.local.functions.worker import Outcome


def write(function: LambdaFunction, stream: str, request_id: str, outcome: Outcome) -> str:
    """Put an invocation's lines into the function's log group; answer with them as one text."""
    spent = f"{outcome.duration_ms:.2f} ms\tBilled Duration: {math.ceil(outcome.duration_ms)} ms"
    lines = [
        f"START RequestId: {request_id} Version: {function.version}",
        *outcome.log.splitlines(),
        f"END RequestId: {request_id}",
        f"REPORT RequestId: {request_id}\tDuration: {spent}\tMemory Size: {function.memory_size} MB",
    ]
    log_stream.write(function.account_id, function.region, str(function.logs_group_name), stream, lines)
    return "\n".join(lines)
