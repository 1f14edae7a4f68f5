"""The warm processes of every function: reused like Lambda does, dropped when the function is deployed anew."""

import json
from collections.abc import Hashable
from datetime import UTC, datetime
from threading import Lock
from uuid import uuid4

from moto.awslambda.models import LambdaFunction

from mlstack.local.functions.interpreter import Interpreters, NoRuntimeError
from mlstack.local.functions.worker import Outcome, Worker


class Pools:
    """Idle processes by function; a busy one belongs to whoever asked it."""

    def __init__(self, interpreters: Interpreters) -> None:
        self._interpreters = interpreters
        self._idle: dict[str, tuple[Hashable, list[Worker]]] = {}
        self._busy: set[Worker] = set()
        self._lock = Lock()
        self._closed = False

    def run(self, function: LambdaFunction, event: object, request_id: str) -> tuple[Outcome, str, bool]:
        """Run one event: what it came to, the log stream, and whether a process had to be started for it."""
        worker = self._warm(function)
        cold = worker is None
        if worker is None:
            now = datetime.now(UTC)
            stream = f"{now:%Y/%m/%d}/[{function.version}]{uuid4().hex}"
            try:
                worker = Worker(self._interpreters.launch(function, stream))
            except NoRuntimeError as error:
                said = {"errorType": "Runtime.Unsupported", "errorMessage": str(error)}
                return Outcome(payload=json.dumps(said).encode(), error=True, log=f"{error}\n"), stream, True
            self._borrow(worker)
            failed = worker.begin()
            if failed is not None:
                self._end(worker)
                return failed, worker.stream, True
        outcome = worker.ask(event, str(function.function_arn), request_id, float(function.timeout))
        if outcome.alive:
            self._return(function, worker)
        else:
            self._end(worker)
        return outcome, worker.stream, cold

    def runs_on(self, function: LambdaFunction) -> str:
        """What runs the function."""
        try:
            return self._interpreters.name(function)
        except NoRuntimeError:
            return "nothing"

    def drop(self, name: str) -> None:
        """End a function's idle processes."""
        with self._lock:
            _, workers = self._idle.pop(name, (None, []))
        for worker in workers:
            worker.close()

    def close(self) -> None:
        """End every process, busy ones as well."""
        with self._lock:
            self._closed = True
            workers = [*self._busy, *(worker for _, idle in self._idle.values() for worker in idle)]
            self._idle.clear()
        for worker in workers:
            worker.close()

    def _warm(self, function: LambdaFunction) -> Worker | None:
        name, version = str(function.function_name), _fingerprint(function)
        stale: list[Worker] = []
        worker = None
        with self._lock:
            known, idle = self._idle.get(name, (version, []))
            if known != version:
                stale = idle
                del self._idle[name]
            elif idle:
                worker = idle.pop()
                self._busy.add(worker)
        for old in stale:
            old.close()
        return worker

    def _borrow(self, worker: Worker) -> None:
        with self._lock:
            self._busy.add(worker)

    def _return(self, function: LambdaFunction, worker: Worker) -> None:
        name, version = str(function.function_name), _fingerprint(function)
        with self._lock:
            self._busy.discard(worker)
            known, idle = self._idle.setdefault(name, (version, []))
            keep = known == version and not self._closed
            if keep:
                idle.append(worker)
        if not keep:
            worker.close()

    def _end(self, worker: Worker) -> None:
        with self._lock:
            self._busy.discard(worker)
        worker.close()


def _fingerprint(function: LambdaFunction) -> Hashable:
    environment = tuple(sorted((str(name), str(value)) for name, value in function.environment_vars.items()))
    return (
        getattr(function, "code_digest", ""),
        function.handler,
        function.run_time,
        function.memory_size,
        function.logs_group_name,
        environment,
    )
