"""What the local AWS did and what it could not do, kept by the server and read as JSON."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from threading import Lock
from typing import TypedDict

ROUTE = "/_mlstack/report"
"""Where the server tells it."""
FREE = ("Get", "List", "Describe", "Tag", "Untag", "CreateCollection", "DeleteCollection", "DeleteFaces")
"""How the operations of Rekognition begin that AWS charges nothing for; a video is billed by the Start of its job."""
NOT_RUNNABLE = "not runnable here: "
"""How an endpoint's image is told that only AWS can run."""
THROTTLED = frozenset({"ProvisionedThroughputExceededException", "ThrottlingException"})


class Gap(TypedDict):
    """A resource that the local AWS did not make, change or delete as AWS would."""

    stack: str
    logical_id: str
    type: str
    reason: str


class FunctionRun(TypedDict):
    """How often a function ran, and on what."""

    declared: str
    runs_on: str
    count: int
    errors: int
    timeouts: int
    cold_starts: int


class CustomRun(TypedDict):
    """One run of a custom resource's function."""

    stack: str
    logical_id: str
    type: str
    request: str
    status: str
    reason: str


class Polled(TypedDict):
    """What an event source mapping did with a queue's messages."""

    function: str
    received: int
    deleted: int
    failed: int


class Called(TypedDict):
    """How often an operation of Rekognition was called, and what came of it."""

    calls: int
    billed: int
    """Answered, by an operation that AWS charges for."""
    throttled: int
    refused: int


class Served(TypedDict):
    """What an endpoint, or an inference component of one, answered."""

    hosting: str
    runs_on: str
    """Its image, or why nothing runs."""
    invocations: int
    errors: int
    cold_starts: int


class Running(TypedDict):
    """A container that runs."""

    owner: str
    image: str
    pid: int


class Worked(TypedDict):
    """A job of SageMaker."""

    kind: str
    status: str
    why: str
    """Why it failed, where it did."""


class Built(TypedDict):
    """How often a project of CodeBuild built an image."""

    builds: int
    failures: int


class Facts(TypedDict):
    """Everything that is reported."""

    skipped: list[Gap]
    unapplied: list[Gap]
    functions: dict[str, FunctionRun]
    custom_resources: list[CustomRun]
    queues: dict[str, Polled]
    rekognition: dict[str, Called]
    endpoints: dict[str, Served]
    """By the endpoint's name; an inference component after its endpoint's name and a slash."""
    containers: dict[str, Running]
    jobs: dict[str, Worked]
    """By the kind of job and its name, with a space between."""
    builds: dict[str, Built]
    undelivered: list[str]
    faults: list[str]


def nothing() -> Facts:
    """The report of a server to which nothing happened yet."""
    return {
        "skipped": [],
        "unapplied": [],
        "functions": {},
        "custom_resources": [],
        "queues": {},
        "rekognition": {},
        "endpoints": {},
        "containers": {},
        "jobs": {},
        "builds": {},
        "undelivered": [],
        "faults": [],
    }


class Report:
    """The facts, safe to write from the server's many threads."""

    def __init__(self) -> None:
        self._facts = nothing()
        self._lock = Lock()

    @contextmanager
    def writing(self) -> Iterator[Facts]:
        """The facts, while nobody else writes."""
        with self._lock:
            yield self._facts

    def read(self) -> Facts:
        """A copy of the facts."""
        with self._lock:
            return deepcopy(self._facts)

    def function(  # noqa: PLR0913 - one fact each
        self, name: str, declared: str, runs_on: str, *, error: bool, timeout: bool, cold: bool
    ) -> None:
        """Count one run of a function."""
        with self.writing() as facts:
            empty = FunctionRun(declared=declared, runs_on=runs_on, count=0, errors=0, timeouts=0, cold_starts=0)
            run = facts["functions"].setdefault(name, empty)
            run["declared"], run["runs_on"] = declared, runs_on
            run["count"] += 1
            run["errors"] += error
            run["timeouts"] += timeout
            run["cold_starts"] += cold

    def polled(self, queue: str, function: str, *, received: int, deleted: int) -> None:
        """Count one batch of a queue."""
        with self.writing() as facts:
            counts = facts["queues"].setdefault(queue, Polled(function=function, received=0, deleted=0, failed=0))
            counts["received"] += received
            counts["deleted"] += deleted
            counts["failed"] += received - deleted

    def rekognition(self, operation: str, code: str | None = None) -> None:
        """Count one call of Rekognition, and the code of the error that it was answered with."""
        with self.writing() as facts:
            counts = facts["rekognition"].setdefault(operation, Called(calls=0, billed=0, throttled=0, refused=0))
            counts["calls"] += 1
            counts["billed"] += code is None and not operation.startswith(FREE)
            counts["throttled"] += code in THROTTLED
            counts["refused"] += code is not None and code not in THROTTLED

    def endpoint(self, name: str, **changed: str) -> None:
        """Remember an endpoint, or how it is hosted and what runs for it."""
        with self.writing() as facts:
            served = _served(facts, name)
            served["hosting"] = changed.get("hosting", served["hosting"])
            served["runs_on"] = changed.get("runs_on", served["runs_on"])

    def invocation(self, name: str, *, error: bool, cold: bool) -> None:
        """Count one request to an endpoint."""
        with self.writing() as facts:
            served = _served(facts, name)
            served["invocations"] += 1
            served["errors"] += error
            served["cold_starts"] += cold

    def container(self, name: str, owner: str, image: str, pid: int | None) -> None:
        """A container has started, or has ended where there is no process any more."""
        with self.writing() as facts:
            facts["containers"].pop(name, None)
            if pid is not None:
                facts["containers"][name] = Running(owner=owner, image=image, pid=pid)
                if owner in facts["endpoints"]:
                    facts["endpoints"][owner]["runs_on"] = image

    def job(self, name: str, kind: str, *, status: str, why: str = "") -> None:
        """Remember a job and where it is."""
        with self.writing() as facts:
            facts["jobs"][f"{kind} {name}"] = Worked(kind=kind, status=status, why=why)

    def build(self, project: str, *, error: bool) -> None:
        """Count one build."""
        with self.writing() as facts:
            built = facts["builds"].setdefault(project, Built(builds=0, failures=0))
            built["builds"] += 1
            built["failures"] += error

    def undelivered(self, said: str) -> None:
        """Remember an event that reached nobody."""
        with self.writing() as facts:
            facts["undelivered"].append(said)

    def fault(self, said: str) -> None:
        """Remember a failure of the local AWS itself, once."""
        with self.writing() as facts:
            if said not in facts["faults"]:
                facts["faults"].append(said)

    def forget(self, stack: str, logical_id: str) -> None:
        """A skipped resource's stack let go of it."""
        with self.writing() as facts:
            facts["skipped"] = [
                gap for gap in facts["skipped"] if (gap["stack"], gap["logical_id"]) != (stack, logical_id)
            ]


def _served(facts: Facts, name: str) -> Served:
    empty = Served(hosting="", runs_on="", invocations=0, errors=0, cold_starts=0)
    return facts["endpoints"].setdefault(name, empty)
