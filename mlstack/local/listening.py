"""moto, mended, behind a socket; seconds to import, which is why the server's own module does so late."""

import gc
import logging
import os
import signal
import warnings
from pathlib import Path
from socket import socket
from threading import Thread
from types import FrameType

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from mlstack.local import (
    bucket_permission,
    cloudformation,
    event_rules,
    log_groups,
    object_copy,
    object_events,
    object_versions,
    parameters,
    queues,
    runtime,
    scaling,
    state,
    topics,
    workflow,
)
from mlstack.local.alarms import watch
from mlstack.local.application import Application
from mlstack.local.capacity import behaviour as capacity
from mlstack.local.ec2 import behaviour
from mlstack.local.environment import Place
from mlstack.local.event_source import Poller
from mlstack.local.functions import environment_limit, invocation
from mlstack.local.functions.interpreter import Interpreters
from mlstack.local.functions.pool import Pools
from mlstack.local.load_balancing import behaviour as load_balancing
from mlstack.local.queue_metrics import observation

BACKLOG = 128
MENDED = (
    behaviour,
    bucket_permission,
    capacity,
    cloudformation,
    environment_limit,
    event_rules,
    invocation,
    load_balancing,
    log_groups,
    object_copy,
    object_events,
    object_versions,
    parameters,
    observation,
    queues,
    scaling,
    topics,
    watch,
    workflow,
)


class Quiet(MotoRequestHandler):
    """moto's handler, without a line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the log is for what goes wrong."""


def serve(bound: socket, place: Place, folder: Path) -> None:
    """Answer on a bound socket until a signal comes; the state file stands as long as it does."""
    _log_what_goes_wrong()
    pools = Pools(Interpreters(place, folder / "functions"))
    runtime.start(runtime.Runtime(place=place, folder=folder, pools=pools))
    for part in MENDED:
        part.mend()
    bound.listen(BACKLOG)
    host, port = bound.getsockname()
    application = Application()
    server = make_server(host, port, application, threaded=True, request_handler=Quiet, fd=bound.fileno())
    poller = Poller()
    poller.start()
    application.timekeeper.start()
    _stop_on_signal(server)
    mine = state.State(
        pid=os.getpid(), port=place.port, region=place.region, account=place.account, started=state.now()
    )
    state.write(folder, mine)
    gc.freeze()
    gc.enable()
    try:
        server.serve_forever()
    finally:
        poller.stop()
        pools.close()
        application.close()
        state.remove(folder, mine)


def _log_what_goes_wrong() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("botocore", "urllib3", "werkzeug"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    # A state that fails is no trouble of the server's: the execution tells, not ten screens of its parse tree.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    logging.captureWarnings(capture=True)
    warnings.simplefilter("default")


def _stop_on_signal(server: BaseWSGIServer) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        # From another thread: shutdown() waits for serve_forever, which this very thread is in.
        Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
