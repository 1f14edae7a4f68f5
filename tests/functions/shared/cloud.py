"""Every call of a function's clients: answered by AWS in memory or by moto, and struck by faults."""

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator

from tests.functions.shared import rekognition
from tests.functions.shared.memory import Memory, RefusalError

Answer = Callable[[], Mapping[str, Any]]
Original = Callable[[BaseClient, str, Mapping[str, Any]], Any]


def refusing(code: str, status: int = 400, message: str = "said AWS") -> Answer:
    """AWS answers with an error."""

    def answer() -> Mapping[str, Any]:
        return {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}

    return answer


def raising(error: BaseException) -> Answer:
    """No answer arrives."""

    def answer() -> Mapping[str, Any]:
        raise error

    return answer


@dataclass(frozen=True)
class Call:
    """One call of AWS as the function made it."""

    service: str
    operation: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Strikes calls of one operation, or the call at one place in a delivery, in their stead or after their effect."""

    answer: Answer
    operation: str | None = None
    place: int | None = None
    about: str = ""
    """A text in the call's parameters, such as a key, so that only one object is struck."""
    after: bool = False
    """The call takes effect and its answer is lost."""

    def strikes(self, call: Call, place: int) -> bool:
        """Whether it is this call."""
        return (
            self.operation in {None, call.operation}
            and self.place in {None, place}
            and self.about in str(call.parameters)
        )


@dataclass
class Cloud:
    """What stands between the function's clients and their services."""

    memory: Memory | None
    """None where moto answers."""
    original: Original
    """botocore's own way."""
    calls: list[Call] = field(default_factory=list)
    effects: list[Call] = field(default_factory=list)
    """The calls that took effect, whether or not their answer arrived."""
    faults: list[Fault] = field(default_factory=list)
    struck: list[tuple[Call, bool]] = field(default_factory=list)
    """The calls that a fault struck, and whether they took effect."""
    hidden: dict[str, int] = field(default_factory=dict)
    """For how many seconds the queue hides a message, by its receipt handle."""
    see: Callable[[Mapping[str, Any]], Any] = field(default=lambda _: None)
    """What Rekognition says about an image before it answers: nothing, or an error that it raises."""
    wait: Callable[[Call, bool], None] = field(default=lambda _call, _done: None)
    """How long a call's way to AWS takes, and its way back."""
    places: "itertools.count[int]" = field(default_factory=itertools.count)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def call(self, client: BaseClient, operation: str, asked: Mapping[str, Any]) -> Any:  # noqa: ANN401 (as botocore's)
        """Answer one call in the stead of AWS, or let it through."""
        call = Call(client.meta.service_model.service_name, operation, dict(asked))
        with self._lock:
            self.calls.append(call)
            place = next(self.places)
            fault = next((fault for fault in self.faults if fault.strikes(call, place)), None)
            self.struck += [(call, fault.after)] if fault else []
        self.wait(call, False)  # noqa: FBT003 (a plain callable's argument)
        if fault and not fault.after:
            raise self._error(client, operation, fault.answer())
        try:
            with self._lock:
                answer = self._effect(client, call)
                self.effects.append(call)
        except RefusalError as refusal:
            self.wait(call, True)  # noqa: FBT003 (as above)
            raise self._error(client, operation, refusal.answer) from None
        self.wait(call, True)  # noqa: FBT003 (as above)
        if fault:
            raise self._error(client, operation, fault.answer())
        return answer

    def _effect(self, client: BaseClient, call: Call) -> Any:  # noqa: ANN401 (as botocore's)
        if call.service != "dynamodb":
            _validate(client, call)
        if call.service == "rekognition":
            self.see(call.parameters)
            return rekognition.answer(call.operation, call.parameters)
        if call.operation == "ChangeMessageVisibility":
            self.hidden[call.parameters["ReceiptHandle"]] = call.parameters["VisibilityTimeout"]
            return {}
        if self.memory is None:
            return self.original(client, call.operation, call.parameters)
        return self.memory.answer(call.operation, call.parameters)

    @staticmethod
    def _error(client: BaseClient, operation: str, answer: Mapping[str, Any]) -> Exception:
        kind: type[ClientError] = client.exceptions.from_code(answer["Error"]["Code"])  # type: ignore[assignment]  # botocore's stubs give an instance
        return kind(answer, operation)  # type: ignore[arg-type]  # a test says as little as it needs


def _validate(client: BaseClient, call: Call) -> None:
    """Refuse what botocore would not send."""
    shape: Any = client.meta.service_model.operation_model(call.operation).input_shape
    report = ParamValidator().validate(call.parameters, shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())
