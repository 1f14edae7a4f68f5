"""What a model says of a photo; read from whatever it answers."""

import json
import math
import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from mlstack.text import printable

PREDICTED, REFUSED, FAILED, LATE = "predicted", "refused", "failed", "late"
NO_REASON = "it gives no reason"
LONGEST_REASON = 300
DEEPEST = 64
QUOTED = re.compile(r"with message \"(?P<said>.*)\"(?:\.|$| See)", re.DOTALL)
STATUS = re.compile(r"\((?P<status>[45]\d\d)\) from ")
Json = Any
"""What JSON can hold."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One label with its score, from 0 to 1 where it is a probability."""

    label: str
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an endpoint answered."""

    predictions: tuple[Prediction, ...] | None = None
    """Best first; None where the answer has another shape."""
    other: Json = None
    """The whole answer then: JSON as it is, or text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What came of one photo."""

    photo: Path
    status: str
    """predicted, refused by the model, failed, or late where nothing came in time."""
    answer: Answer | None = None
    reason: str = ""
    answer_at: str = ""
    """Where the answer of an asynchronous endpoint lies, or will lie."""


def read(body: bytes, content_type: str = "") -> Answer:
    """Read an answer; whatever it is, it is shown and nothing is raised."""
    try:
        said = json.loads(body.decode(), parse_constant=str, parse_float=_finite)
    except (RecursionError, ValueError):  # not UTF-8, or not JSON
        return Answer(other=_text(body, content_type))
    if _is_deep(said):
        return Answer(other=_text(body, content_type))
    predictions = _predictions(said)
    return Answer(other=said) if predictions is None else Answer(predictions=predictions)


def _finite(digits: str) -> float | str:
    """A number; as text where it is beyond what JSON can say."""
    number = float(digits)
    return number if math.isfinite(number) else digits


def _is_deep(said: Json) -> bool:
    """Whether it is nested beyond what can be written again."""
    level = [said]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def _text(body: bytes, content_type: str) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"{len(body):,} bytes of {printable(content_type) or 'no stated type'}"


def _predictions(said: Json) -> tuple[Prediction, ...] | None:
    """The predictions of an answer in this project's shape, best first; None for every other shape."""
    listed = said.get("predictions") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        return None
    found = [_prediction(one) for one in listed]
    known = [one for one in found if one is not None]
    return tuple(sorted(known, key=lambda one: -one.score)) if len(known) == len(found) else None


def _prediction(one: Json) -> Prediction | None:
    match one:
        case {"label": str(label), "score": int(score) | float(score)} if not isinstance(score, bool):
            try:
                return Prediction(label, float(score))
            except OverflowError:  # an integer beyond every probability
                return None
    return None


def refusal(status: int | None, message: str) -> tuple[str, str]:
    """The verdict's status and reason where a container answered with an error, as AWS or a worker repeats it.

    ``status`` is the container's own, where AWS names it apart from the message.
    """
    found = STATUS.search(message)
    code = status or (int(found["status"]) if found else _told(message))
    is_refused = HTTPStatus.BAD_REQUEST <= code < HTTPStatus.INTERNAL_SERVER_ERROR
    return (REFUSED if is_refused else FAILED), reason(message)


def _told(message: str) -> int:
    """The status that a failure names by itself; 0 where it does not."""
    try:
        said = json.loads(message)
    except (RecursionError, ValueError):
        return 0
    status = said.get("status") if isinstance(said, dict) else None
    return status if isinstance(status, int) else 0


def reason(message: str) -> str:
    """Why, in one line: what our containers say in JSON, or the message as it is."""
    quoted = QUOTED.search(message)
    for text in (message, quoted["said"] if quoted else ""):
        try:
            said = json.loads(text)
        except (RecursionError, ValueError):
            continue
        match said:
            case {"error": {"reason": str(why)}} | {"error": str(why)} | {"message": str(why)}:
                return _line(why)
    return _line(message)


def _line(text: str) -> str:
    return printable(" ".join(text.split()))[:LONGEST_REASON] or NO_REASON
