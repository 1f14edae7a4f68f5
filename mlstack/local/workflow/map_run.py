"""A distributed Map's run: every item a child execution of its own, counted, tolerated or not, and stopped with it.

moto's workers call themselves for each item, lose count of failures and tolerate every one of them.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Any, cast
from uuid import uuid4

from moto.stepfunctions.parser.api import HistoryEventType, MapRunFailedEventDetails, MapRunStatus
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
    DistributedIterationComponentEvalInput,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record import (
    MapRunRecord,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError, ProgramStopped
from moto.stepfunctions.parser.asl.eval.states import ItemData, MapData

from mlstack.local.mend import replace

AT_ONCE = 16
"""Child executions at a time here, however many the state asks for; AWS runs up to ten thousand."""
EXCEEDED = "The specified tolerated failure threshold was exceeded"


@dataclass(slots=True)
class Child:
    """What came of one item."""

    name: str
    given: Any
    status: str = "ABORTED"
    output: Any = None
    error: dict[str, Any] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime = field(default_factory=lambda: datetime.now(UTC))


def mend() -> None:
    """Replace moto's run."""
    moto_stop = MapRunRecord.set_stop

    def set_stop(self: MapRunRecord, status: MapRunStatus) -> None:
        if self.status == MapRunStatus.RUNNING:
            moto_stop(self, status)

    replace(DistributedIterationComponent, "_map_run", _map_run)
    replace(MapRunRecord, "set_stop", set_stop)


def exceeded(failed: int, total: int, *, count: int, percentage: float) -> bool:
    """Whether more items failed than the state tolerates; where it says nothing, none may."""
    if not count and not percentage:
        return failed > 0
    too_many = bool(count) and failed > count
    return too_many or (bool(percentage) and failed * 100 > percentage * total)


def _map_run(
    self: DistributedIterationComponent, env: Environment, eval_input: DistributedIterationComponentEvalInput
) -> None:
    items: list[Any] = env.stack.pop()
    record, program = eval_input.map_run_record, self._get_iteration_program()
    given = [_selected(env, eval_input, index, item) for index, item in enumerate(items)]
    over, workers = Event(), min(record.max_concurrency or AT_ONCE, AT_ONCE)
    _count(record, "total", len(items))
    _count(record, "pending", len(items))

    def run(index: int) -> Child:
        child = Child(name=str(uuid4()), given=given[index])
        if not over.is_set() and env.is_running():
            _move(record, "pending", "running")
            _evaluate(env, program, child, record, MapData(Item=ItemData(Index=index, Value=items[index])))
            _move(record, "running", child.status.lower())
        else:
            _move(record, "pending", "aborted")
        if _exceeded(record, len(items)):
            over.set()
        return child

    with ThreadPoolExecutor(workers, thread_name_prefix="map-run") as threads:
        children = list(threads.map(run, range(len(items))))
    vars(record)["mlstack_children"] = children
    if over.is_set():
        raise FailureEventException(_failure(env))
    if not env.is_running():
        record.set_stop(MapRunStatus.ABORTED)
        message = "the execution was stopped"
        raise RuntimeError(message)
    env.stack.append([child.output for child in children if child.status == "SUCCEEDED"])


def children(record: MapRunRecord) -> Iterable[Child]:
    """What came of each item of a run."""
    found: list[Child] = vars(record).get("mlstack_children", [])
    return found


def _selected(env: Environment, asked: DistributedIterationComponentEvalInput, index: int, item: Any) -> Any:  # noqa: ANN401 - JSON
    """An item as the child gets it: as it is, or as ItemSelector says."""
    selector = asked.item_selector or asked.parameters
    if selector is None:
        return item
    frame = env.open_inner_frame()
    frame.states.context_object.context_object_data["Map"] = MapData(Item=ItemData(Index=index, Value=item))
    frame.states.reset(env.states.get_input())
    frame.stack.append(env.states.get_input())
    selector.eval(frame)
    env.delete_frame(frame)
    return frame.stack[-1]


def _evaluate(env: Environment, program: Any, child: Child, record: MapRunRecord, data: MapData) -> None:  # noqa: ANN401 - moto's
    frame = env.open_inner_frame()
    context = frame.states.context_object.context_object_data
    arn = record.map_run_arn.replace(":mapRun:", ":express:")
    context["Execution"] = {
        **context["Execution"],
        "Id": f"{arn}:{child.name}",
        "Name": child.name,
        "Input": child.given,
    }
    context["Map"] = data
    frame.states.reset(child.given)
    child.started = datetime.now(UTC)
    try:
        program.eval(frame)
        state = frame.program_state()
        if isinstance(state, ProgramEnded):
            child.status, child.output = "SUCCEEDED", frame.states.get_input()
        elif isinstance(state, ProgramError):
            child.status, child.error = "FAILED", dict(state.error or {})
        else:
            child.status = "ABORTED" if isinstance(state, ProgramStopped) else "TIMED_OUT"
    except Exception as error:  # noqa: BLE001 - one child's trouble is its own
        child.status, child.error = "FAILED", {"error": type(error).__name__, "cause": str(error)}
    child.ended = datetime.now(UTC)
    env.delete_frame(frame)


def _exceeded(record: MapRunRecord, total: int) -> bool:
    failed = record.item_counter.failed.get() + record.item_counter.timed_out.get()
    count, percentage = int(record.tolerated_failure_count), float(record.tolerated_failure_percentage)
    return exceeded(failed, total, count=count, percentage=percentage)


def _failure(env: Environment) -> FailureEvent:
    name = StatesErrorName(typ=StatesErrorNameType.StatesExceedToleratedFailureThreshold)
    details = MapRunFailedEventDetails(error=name.error_name, cause=EXCEEDED)
    return FailureEvent(
        env=env,
        error_name=name,
        event_type=HistoryEventType.MapRunFailed,
        event_details=cast("EventDetails", {"mapRunFailedEventDetails": details}),  # one of its many keys, always
    )


def _count(record: MapRunRecord, name: str, number: int) -> None:
    for counter in (record.item_counter, record.execution_counter):
        getattr(counter, name).offset(number)


def _move(record: MapRunRecord, before: str, after: str) -> None:
    _count(record, before, -1)
    _count(record, after, 1)
    if after == "succeeded":
        _count(record, "results_written", 1)
