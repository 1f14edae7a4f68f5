"""A service of ours that speaks AWS's JSON protocol; what it does not answer goes on to moto."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mlstack.local import service_model

Json = dict[str, Any]
Answer = Callable[[Json], Json | None]
Passes = Callable[[str, Json], bool]
"""Whether a request is for moto after all."""


class ServiceError(Exception):
    """An answer other than the one asked for: AWS's code, its words, its HTTP status."""

    def __init__(self, code: str, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def never(_operation: str, _asked: Json) -> bool:
    """No request is for moto."""
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonService:
    """The operations of one service."""

    name: str
    """As botocore names it."""
    target: str
    """How the header that names the operation begins."""
    invalid: str
    """The code for a request that breaks the service's model."""
    answers: Mapping[str, Answer]
    passes: Passes = never

    def takes(self, target: str, body: bytes) -> bool:
        """Whether a request is answered here."""
        operation = target.removeprefix(self.target)
        return target.startswith(self.target) and operation in self.answers and not self._passes(operation, body)

    def answer(self, target: str, body: bytes) -> tuple[HTTPStatus, Json]:
        """The answer to one request."""
        operation = target.removeprefix(self.target)
        try:
            asked = json.loads(body or b"{}")
            self._check(operation, asked)
            said = self.answers[operation](asked)
        except ServiceError as error:
            return error.status, {"__type": error.code, "message": error.message, "Message": error.message}
        return HTTPStatus.OK, said or {}

    def _check(self, operation: str, asked: Json) -> None:
        trouble = service_model.complaint(self.name, operation, asked)
        if trouble:
            raise ServiceError(self.invalid, trouble)

    def _passes(self, operation: str, body: bytes) -> bool:
        return self.passes(operation, json.loads(body or b"{}"))
