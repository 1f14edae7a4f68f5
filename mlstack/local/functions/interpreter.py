"""Which interpreter stands in for a Lambda runtime, and the environment that a function gets."""

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from moto.awslambda.models import LambdaFunction

from mlstack.local.cloudformation.custom_resource import ROUTE
from mlstack.local.environment import Place, aws
from mlstack.local.functions import package
from mlstack.local.functions.worker import Launch
from mlstack.project import NODE, ROOT

HERE = Path(__file__).parent
PATH = "/usr/local/bin:/usr/bin:/bin"


class NoRuntimeError(Exception):
    """A function that the local AWS has nothing to run with."""


@dataclass(frozen=True, slots=True)
class Interpreters:
    """The project's own Python and Node, with a folder for what they run."""

    place: Place
    folder: Path

    def name(self, function: LambdaFunction) -> str:
        """What runs the function."""
        declared = str(function.run_time or function.package_type)
        if declared.startswith("python"):
            return f"python{sys.version_info.major}.{sys.version_info.minor} {platform.machine()}"
        if declared.startswith("nodejs"):
            return f"node {platform.machine()}"
        message = f"the local AWS has no runtime {declared} (function {function.function_name})"
        raise NoRuntimeError(message)

    def launch(self, function: LambdaFunction, stream: str) -> Launch:
        """How to start a process of the function."""
        python = self.name(function).startswith("python")
        if not getattr(function, "code_bytes", b""):
            message = f"the code of function {function.function_name} is not in the local AWS"
            raise NoRuntimeError(message)
        code = package.unpack(function.code_bytes, function.code_digest, self.folder / "code")
        handler = str(function.handler)
        if python:
            # -I and -S: neither the caller's environment nor the project's site-packages can be imported.
            given = package.given(self.folder / "python")
            before = [sys.executable, "-I", "-S", "-X", "utf8", str(HERE / "bootstrap.py")]
            after = [handler, str(code), str(given)]
        else:
            package.node_modules(self.folder / "code", ROOT / "node_modules")
            before = [str(NODE.resolve()), str(HERE / "bootstrap.cjs")]
            after = [handler, str(code), str(self.place.port), ROUTE]
        return Launch(
            command=[*before, *after],
            before=len(before),
            environment=self._environment(function, code, stream),
            code=code,
            folder=self.folder / "run",
        )

    def _environment(self, function: LambdaFunction, code: Path, stream: str) -> dict[str, str]:
        scratch = self.folder / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        place = Place(port=self.place.port, region=str(function.region), account=str(function.account_id))
        return {
            "PATH": PATH,
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            **{str(name): str(value) for name, value in function.environment_vars.items()},
            **aws(place),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_FUNCTION_NAME": str(function.function_name),
            "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": str(function.logs_group_name),
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "LAMBDA_TASK_ROOT": str(code),
            "LAMBDA_RUNTIME_DIR": str(HERE),
            "_HANDLER": str(function.handler),
        }
