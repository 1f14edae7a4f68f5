"""Which errors a Retry or a Catch takes: States.ALL takes all but those that end an execution whatever it says.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html: "A retry or catch on States.ALL won't
catch States.Runtime errors"; moto's does, and what works there fails on AWS.
"""

from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.eval.environment import Environment

from mlstack.local.mend import replace

TERMINAL = frozenset({"States.DataLimitExceeded", "States.Runtime"})


def mend() -> None:
    """Let nothing but its own name match a terminal error."""
    moto_eval = ErrorEqualsDecl._eval_body  # noqa: SLF001 - moto's only way

    def evaluate(self: ErrorEqualsDecl, env: Environment) -> None:
        error = env.stack[-1]
        moto_eval(self, env)
        if error.error_name in TERMINAL and error not in self.error_names:
            env.stack[-1] = False

    replace(ErrorEqualsDecl, "_eval_body", evaluate)
