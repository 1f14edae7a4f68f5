"""A deployed function runs as on Lambda: its zip, its environment, its time limit, its errors, its log."""

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mlstack.local.aws import LocalAws
from mlstack.project import ROOT
from tests.local.packing import zipped
from tests.local.patience import eventually

Make = Callable[..., str]
Answer = dict[str, Any]


@pytest.fixture
def invoke(local_aws: LocalAws) -> Callable[..., Answer]:
    def invoke(name: str, event: object = None, **more: str) -> Answer:
        answer = local_aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **more)
        payload = answer["Payload"].read()
        return {"payload": json.loads(payload) if payload else None, "error": answer.get("FunctionError"), **answer}

    return invoke


def log_of(local_aws: LocalAws, group: str) -> list[str]:
    logs = local_aws.client("logs")
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    return [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
    ]


def test_function_answers_with_what_its_handler_returns(function: Make, invoke: Callable[..., Answer]) -> None:
    name = function("def handle(event, context): return {'twice': event * 2, 'who': context.function_name}")

    answer = invoke(name, "né日")

    assert answer["payload"] == {"twice": "né日né日", "who": name}
    assert answer["error"] is None


def test_function_sees_its_own_environment_and_nothing_of_the_callers(
    function: Make, invoke: Callable[..., Answer], local_aws: LocalAws
) -> None:
    name = function(
        "import os\ndef handle(event, context): return dict(os.environ)",
        Environment={"Variables": {"MINE": "yes", "AWS_ENDPOINT_URL": "https://real.amazonaws.com"}},
    )

    environment = invoke(name)["payload"]

    assert environment["MINE"] == "yes"
    assert environment["AWS_ENDPOINT_URL"] == local_aws.place.endpoint
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert environment["_HANDLER"] == "handler.handle"
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["HOME"] != os.environ.get("HOME")
    assert not {"MOTO_PORT", "PYTHONPATH", "VIRTUAL_ENV"} & environment.keys()


def test_function_imports_boto3_but_nothing_of_the_project(function: Make, invoke: Callable[..., Answer]) -> None:
    name = function(
        """
        import importlib.util, os, sys
        def handle(event, context):
            names = ("boto3", "mlstack", "aws_cdk", "moto", "pydantic", "handler")
            return {"found": [name for name in names if importlib.util.find_spec(name)], "cwd": os.getcwd()}
        """
    )

    seen = invoke(name)["payload"]

    assert seen["found"] == ["boto3", "handler"]
    assert seen["cwd"] != str(ROOT)


def test_function_has_lambdas_context(function: Make, invoke: Callable[..., Answer]) -> None:
    name = function(
        """
        def handle(event, context):
            return [context.invoked_function_arn, context.memory_limit_in_mb, context.log_group_name,
                    context.get_remaining_time_in_millis(), len(context.aws_request_id), context.function_version]
        """,
        Timeout=9,
        MemorySize=256,
    )

    arn, memory, group, remaining, length, version = invoke(name)["payload"]

    assert arn == f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    assert (memory, group, length, version) == ("256", f"/aws/lambda/{name}", 36, "$LATEST")
    assert 5000 < remaining <= 9000


def test_function_that_takes_too_long_is_killed(function: Make, invoke: Callable[..., Answer]) -> None:
    name = function("import time\ndef handle(event, context):\n    time.sleep(event)\n    return 'done'", Timeout=1)

    started = time.monotonic()
    late = invoke(name, 30)
    took = time.monotonic() - started
    again = invoke(name, 0)

    assert late["error"] == "Unhandled"
    assert "Task timed out after 1.00 seconds" in late["payload"]["errorMessage"]
    assert took < 10
    assert again["payload"] == "done"


def test_function_that_raises_answers_with_the_error(function: Make, invoke: Callable[..., Answer]) -> None:
    name = function("def handle(event, context): raise KeyError('the reason')")

    answer = invoke(name)

    assert answer["error"] == "Unhandled"
    assert answer["payload"]["errorType"] == "KeyError"
    assert answer["payload"]["errorMessage"] == "'the reason'"
    assert "handler.py" in answer["payload"]["stackTrace"][0]


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("import nowhere", "Runtime.ImportModuleError", "Unable to import module 'handler': No module named 'nowhere'"),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'handle' missing on module 'handler'"),
        ("def (", "Runtime.UserCodeSyntaxError", "Syntax error in module 'handler'"),
        ("raise ValueError('no settings')", "ValueError", "no settings"),
        ("import os\nos._exit(3)", "Runtime.ExitError", "exited during initialization"),
    ],
)
def test_function_that_cannot_be_loaded_says_why(
    function: Make, invoke: Callable[..., Answer], text: str, kind: str, said: str
) -> None:
    answer = invoke(function(text))

    assert answer["error"] == "Unhandled"
    assert answer["payload"]["errorType"] == kind
    assert said in answer["payload"]["errorMessage"]


def test_function_process_is_reused_until_new_code_is_deployed(
    function: Make, invoke: Callable[..., Answer], local_aws: LocalAws
) -> None:
    text = (
        "import os\ncalls = []\ndef handle(event, context):\n    calls.append(1)\n    return [os.getpid(), len(calls)]"
    )
    name = function(text)

    first, second = invoke(name)["payload"], invoke(name)["payload"]
    local_aws.client("lambda").update_function_code(FunctionName=name, ZipFile=zipped({"handler.py": text + "\n"}))
    third = invoke(name)["payload"]

    assert first[0] == second[0] != third[0]
    assert (first[1], second[1], third[1]) == (1, 2, 1)


def test_function_that_prints_anything_still_answers(
    function: Make, invoke: Callable[..., Answer], local_aws: LocalAws
) -> None:
    name = function(
        """
        import os, subprocess, sys
        def handle(event, context):
            print('{"ok": true, "payload": "forged"}')
            sys.stderr.write("to stderr\\n")
            os.write(1, b"raw \\xff\\n")
            subprocess.run(["echo", "from a child"], check=True)
            return "real"
        """
    )

    answer = invoke(name)

    lines = log_of(local_aws, f"/aws/lambda/{name}")
    assert answer["payload"] == "real"
    assert '{"ok": true, "payload": "forged"}' in lines
    assert "to stderr" in lines
    assert "from a child" in lines
    assert lines[0].startswith("START RequestId: ")
    assert lines[-1].startswith("REPORT RequestId: ")


def test_function_can_print_and_answer_a_lot(function: Make, invoke: Callable[..., Answer]) -> None:
    name = function("def handle(event, context):\n    print('x' * 3_000_000)\n    return event * 40", Timeout=20)

    answer = invoke(name, "y" * 100_000)

    assert len(answer["payload"]) == 4_000_000


def test_function_that_ends_its_process_answers_with_an_error(function: Make, invoke: Callable[..., Answer]) -> None:
    name = function(
        "import os\ndef handle(event, context):\n    os._exit(event) if event else None\n    return 'alive'"
    )

    crashed = invoke(name, 7)
    again = invoke(name, 0)

    assert crashed["payload"]["errorType"] == "Runtime.ExitError"
    assert "exit status 7" in crashed["payload"]["errorMessage"]
    assert again["payload"] == "alive"


def test_function_answer_that_is_no_json_is_an_error(function: Make, invoke: Callable[..., Answer]) -> None:
    answer = invoke(function("def handle(event, context): return {1, 2}"))

    assert answer["payload"]["errorType"] == "Runtime.MarshalError"


def test_function_runs_as_often_at_a_time_as_it_is_asked(function: Make, invoke: Callable[..., Answer]) -> None:
    name = function(
        "import os, time\ndef handle(event, context):\n    time.sleep(1)\n    return os.getpid()", Timeout=20
    )

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: invoke(name)["payload"], range(4)))

    assert len(set(answers)) == 4


def test_function_invoked_as_an_event_runs_later(
    function: Make, invoke: Callable[..., Answer], local_aws: LocalAws
) -> None:
    name = function("import time\ndef handle(event, context):\n    time.sleep(1)\n    print('ran', event)")

    started = time.monotonic()
    answer = invoke(name, 5, InvocationType="Event")

    assert answer["StatusCode"] == 202
    assert time.monotonic() - started < 1
    eventually(lambda: name in local_aws.report()["functions"])
    assert "ran 5" in log_of(local_aws, f"/aws/lambda/{name}")


def test_function_of_an_unknown_runtime_is_an_error_and_reported(
    function: Make, invoke: Callable[..., Answer], local_aws: LocalAws
) -> None:
    name = function("", Runtime="java21")

    answer = invoke(name)

    assert answer["error"] == "Unhandled"
    assert "no runtime java21" in answer["payload"]["errorMessage"]
    assert local_aws.report()["functions"][name]["errors"] == 1


def test_node_function_runs(function: Make, invoke: Callable[..., Answer]) -> None:
    text = """
    const { S3 } = require("@aws-sdk/client-s3");
    exports.handle = async (event, context) => {
      if (event.fail) throw new TypeError("no");
      const buckets = await new S3({}).listBuckets({});
      return { twice: event.n * 2, name: context.functionName, listed: Array.isArray(buckets.Buckets ?? []) };
    };
    """
    name = function(Runtime="nodejs22.x", Handler="index.handle", Code={"ZipFile": zipped({"index.js": text})})

    good, bad = invoke(name, {"n": 21}), invoke(name, {"fail": True})

    assert good["payload"] == {"twice": 42, "name": name, "listed": True}
    assert bad["error"] == "Unhandled"
    assert bad["payload"]["errorType"] == "TypeError"


def test_node_module_with_a_callback_runs(function: Make, invoke: Callable[..., Answer]) -> None:
    text = "export const handle = (event, context, callback) => callback(null, event + 1);"
    name = function(Runtime="nodejs22.x", Handler="main.handle", Code={"ZipFile": zipped({"main.mjs": text})})

    assert invoke(name, 1)["payload"] == 2


def test_functions_are_counted(function: Make, invoke: Callable[..., Answer], local_aws: LocalAws) -> None:
    name = function("def handle(event, context):\n    if event: raise ValueError")

    for event in (0, 1, 0):
        invoke(name, event)

    run = local_aws.report()["functions"][name]
    assert (run["declared"], run["count"], run["errors"], run["cold_starts"]) == ("python3.13", 3, 1, 1)
    assert run["runs_on"].startswith("python3.")


def test_nothing_of_a_function_is_left_when_it_is_deleted(
    function: Make, invoke: Callable[..., Answer], local_aws: LocalAws
) -> None:
    name = function("import os\ndef handle(event, context): return os.getpid()")
    pid = invoke(name)["payload"]

    local_aws.client("lambda").delete_function(FunctionName=name)

    with pytest.raises(ProcessLookupError):
        eventually(lambda: os.kill(pid, 0))
