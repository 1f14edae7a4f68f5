"""Runs inside a function's process: imports the handler, then answers one event a line. The standard library only.

Arguments: the descriptor to read events from, the one to write answers to, the handler, the folders to import from.
"""

import importlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

GRACE_S = 5  # how long after its time limit an invocation ends by itself when nobody is left to end it


class Context:
    """What Lambda's Python runtime hands to a handler beside the event."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.aws_request_id = said["request_id"]
        self.invoked_function_arn = said["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline = time.monotonic() + said["timeout_s"]

    def get_remaining_time_in_millis(self) -> int:
        """The milliseconds until the time limit."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def failure(error: BaseException) -> dict[str, Any]:
    """An error as Lambda answers it."""
    trace = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
    return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": trace}


def load(handler: str) -> tuple[Callable[[Any, Context], Any] | None, dict[str, Any] | None]:
    """The handler's function, or Lambda's own words for why there is none."""
    module_name, _, function_name = handler.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        return None, {
            "errorMessage": f"Unable to import module '{module_name}': {error}",
            "errorType": "Runtime.ImportModuleError",
            "stackTrace": [],
        }
    except SyntaxError as error:
        return None, {
            "errorMessage": f"Syntax error in module '{module_name}': {error}",
            "errorType": "Runtime.UserCodeSyntaxError",
            "stackTrace": [],
        }
    except Exception as error:  # noqa: BLE001 - the function's own code can raise anything
        return None, failure(error)
    if not hasattr(module, function_name):
        return None, {
            "errorMessage": f"Handler '{function_name}' missing on module '{module_name}'",
            "errorType": "Runtime.HandlerNotFound",
            "stackTrace": [],
        }
    return getattr(module, function_name), None


def run(handle: Callable[[Any, Context], Any], request: dict[str, Any]) -> tuple[bool, str]:
    """One event through the handler: whether it went well, and the answer as JSON text."""
    limit = threading.Timer(request["context"]["timeout_s"] + GRACE_S, os._exit, [70])
    limit.daemon = True
    limit.start()
    try:
        answer = handle(request["event"], Context(request["context"]))
    except Exception as error:  # noqa: BLE001 - the function's own code can raise anything
        traceback.print_exc()
        return False, json.dumps(failure(error))
    finally:
        limit.cancel()
    try:
        return True, json.dumps(answer)
    except (TypeError, ValueError) as error:
        said = {"errorMessage": f"Unable to marshal response: {error}", "errorType": "Runtime.MarshalError"}
        return False, json.dumps({**said, "stackTrace": []})


def main() -> None:
    """Import, say so, then answer events until there are no more."""
    events, answers, handler = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    os.set_inheritable(events, False)  # noqa: FBT003 - the library's own signature
    os.set_inheritable(answers, False)  # noqa: FBT003 - the library's own signature
    sys.path[:0] = sys.argv[4:]
    sys.argv[1:] = []
    with os.fdopen(events, encoding="utf-8") as inbox, os.fdopen(answers, "w", encoding="utf-8") as outbox:

        def say(*, ok: bool, payload: str) -> None:
            sys.stdout.flush()
            sys.stderr.flush()
            outbox.write(json.dumps({"ok": ok, "payload": payload}) + "\n")
            outbox.flush()

        handle, error = load(handler)
        say(ok=error is None, payload=json.dumps(error))
        if handle is None:
            return
        for line in inbox:
            ok, payload = run(handle, json.loads(line))
            say(ok=ok, payload=payload)


if __name__ == "__main__":
    main()
