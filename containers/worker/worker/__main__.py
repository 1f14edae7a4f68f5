"""``python -m worker model|queue``: fetch the model before the server starts, or carry requests to it."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence

from botocore.exceptions import BotoCoreError

from worker.settings import QueueSettings, SettingsError

STOPPED = 128 + signal.SIGTERM
FAILED, MISTOLD = 1, 2
USAGE = "the only argument is model or queue; everything else is told by the environment"


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Do it; 0 when it is done, 1 when it failed and 2 when it was told wrong, both with one line on standard error."""
    try:
        return _done(arguments, environment)
    except SettingsError as error:
        return _said(error, MISTOLD)
    except (BotoCoreError, OSError) as error:  # no region or no credentials: botocore's own words say what is missing
        return _said(error, FAILED)


def _done(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    match [*arguments]:
        case ["model"]:
            return _model(environment)
        case ["queue"]:
            return _queue(environment)
        case _:
            raise SettingsError(USAGE)


def _model(environment: Mapping[str, str]) -> int:
    from worker import model  # noqa: PLC0415  # each imports what the other does not need

    # As process 1 of a container it would sleep through SIGTERM.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))
    try:
        return model.run(environment)
    except model.ModelError as error:
        return _said(error, FAILED)


def _queue(environment: Mapping[str, str]) -> int:
    from worker import clients  # noqa: PLC0415
    from worker.errand import Errand  # noqa: PLC0415
    from worker.server import Server  # noqa: PLC0415
    from worker.shift import QueueError, Shift  # noqa: PLC0415
    from worker.stop import signalled  # noqa: PLC0415

    stop = signalled()
    settings = QueueSettings.read(environment)
    server = Server(settings.port, settings.request_seconds)
    errand = Errand(s3=clients.s3(environment, settings.concurrency), server=server, settings=settings, pause=stop.wait)
    sqs = clients.sqs(environment, settings.concurrency + 2)
    shift = Shift(sqs=sqs, settings=settings, server=server, run_errand=errand.run, stop=stop)
    try:
        return FAILED if shift.work() else 0
    except QueueError as error:
        return _said(error, FAILED)


def _said(error: Exception, code: int) -> int:
    sys.stderr.write(f"{' '.join(str(error).split())}\n")
    return code


if __name__ == "__main__":
    ended = main(sys.argv[1:], os.environ)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(ended)  # a request that was given back would keep its thread, and the process with it
