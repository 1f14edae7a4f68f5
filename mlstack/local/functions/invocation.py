"""LambdaFunction.invoke of moto, which would start a container, replaced by a process of the deployed zip."""

import base64
import json
from collections.abc import Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from moto.awslambda.models import LambdaBackend, LambdaFunction

from mlstack.local import runtime
from mlstack.local.functions import log
from mlstack.local.mend import replace

TAIL = 4096
"""How much of the log an invocation can answer with, in bytes."""

_later = ThreadPoolExecutor(max_workers=8, thread_name_prefix="event-invocation")


def mend() -> None:
    """Put processes in the place of containers, and end them with their function."""
    moto_delete = LambdaBackend.delete_function

    def delete_function(self: LambdaBackend, function_name: str, qualifier: str | None = None) -> None:
        moto_delete(self, function_name, qualifier)
        runtime.running().pools.drop(function_name.rsplit(":", 1)[-1])

    replace(LambdaBackend, "delete_function", delete_function)
    replace(LambdaFunction, "invoke", invoke)


def invoke(
    self: LambdaFunction, body: str, request_headers: Mapping[str, str], response_headers: MutableMapping[str, str]
) -> bytes:
    """Run the function as the invocation type asks: now, later, or not at all."""
    event = json.loads(body) if body else {}
    kind = {name.lower(): value for name, value in request_headers.items()}.get("x-amz-invocation-type")
    if kind == "DryRun":
        return b""
    if kind == "Event":
        _later.submit(run, self, event)
        return b""
    payload, error, text = run(self, event)
    if error:
        response_headers["x-amz-function-error"] = "Unhandled"
    response_headers["x-amz-log-result"] = base64.b64encode(text.encode()[-TAIL:]).decode()
    return payload


def run(function: LambdaFunction, event: object) -> tuple[bytes, bool, str]:
    """Run the function once: its answer, whether that is an error, and what it logged."""
    here = runtime.running()
    request_id = str(uuid4())
    outcome, stream, cold = here.pools.run(function, event, request_id)
    text = log.write(function, stream, request_id, outcome)
    here.report.function(
        str(function.function_name),
        str(function.run_time or function.package_type),
        here.pools.runs_on(function),
        error=outcome.error,
        timeout=outcome.timeout,
        cold=cold,
    )
    return outcome.payload, outcome.error, text
