"""``python -m training [train|evaluate|task]``; SageMaker appends ``train``, and ECS is told ``task``."""

import os
import sys
import traceback
from collections.abc import Mapping, Sequence

from training import compatibility, failure
from training.folders import Folders
from training.problem import ProblemError
from training.stop import Signalled

USAGE = "the only argument is train, evaluate or task; everything else is told by files and by the environment"


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Do the job; 0 when it is done, 1 with the reason in the failure file, 143 when it was stopped."""
    stop, output = Signalled(), Folders.read(environment).output
    failure.clear(output)
    try:
        return _done(arguments, environment, stop)
    except Exception as error:  # noqa: BLE001  # whatever it is, SageMaker shows one line of it
        reason = failure.line(error, environment)
        failure.write(output, reason)
        if not isinstance(error, ProblemError):
            traceback.print_exc()
        sys.stderr.write(f"{reason}\n")
        return 1


def _done(arguments: Sequence[str], environment: Mapping[str, str], stop: Signalled) -> int:
    match [*arguments]:
        case [] | ["train"]:
            from training import train  # noqa: PLC0415  # each imports much that the other does not need

            return train.run(environment, stop)
        case ["evaluate"]:
            from training import evaluate  # noqa: PLC0415

            return evaluate.run(environment)
        case ["task"]:
            from training import task  # noqa: PLC0415

            return task.run(environment, stop)
        case _:
            raise ProblemError(USAGE)


if __name__ == "__main__":
    compatibility.begin_again(os.environ)
    sys.exit(main(sys.argv[1:], os.environ))
