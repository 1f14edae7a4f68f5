"""SageMaker's runtime as HTTP: requests to /endpoints/NAME/... in, answers with AWS's headers and errors out."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from mlstack.local.json_service import Json

PATH = re.compile(r"/endpoints/(?P<name>[^/]+)/(?P<operation>invocations|async-invocations)")
SIGNED = "/sagemaker/aws4_request"
"""In the Authorization header of requests to SageMaker; a bucket may be called endpoints."""


class Code(StrEnum):
    """The codes of the runtime's errors."""

    MODEL = "ModelError"
    NOT_IMPLEMENTED = "NotImplemented"
    """None of AWS's: what the local AWS lacks."""
    NOTHING = ""
    """AWS gives no code, only the status."""
    THROTTLING = "ThrottlingException"
    VALIDATION = "ValidationError"


class InvocationError(Exception):
    """A refusal: AWS's code, its words, its HTTP status, and what else its body says."""

    def __init__(self, code: Code, message: str, status: int, **more: object) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.body: Json = {"Message": message, "message": message, **more}


def invalid(message: str) -> InvocationError:
    """A request that does not fit the endpoint."""
    return InvocationError(Code.VALIDATION, message, HTTPStatus.BAD_REQUEST)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to an endpoint."""

    endpoint: str
    asynchronous: bool
    body: bytes
    headers: Mapping[str, str]
    """Names in small letters."""

    def header(self, name: str) -> str:
        """One of AWS's headers, or nothing."""
        return self.headers.get(f"x-amzn-sagemaker-{name}", "")

    def forwarded(self) -> dict[str, str]:
        """The headers that the container gets."""
        plain = (self.headers.get("content-type", ""), self.headers.get("accept", ""))
        kind, accepted = (self.header("content-type"), self.header("accept")) if self.asynchronous else plain
        named = {
            "Content-Type": kind,
            "Accept": accepted,
            "X-Amzn-SageMaker-Custom-Attributes": self.header("custom-attributes"),
            "X-Amzn-SageMaker-Inference-Id": self.header("inference-id"),
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it goes out."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def read(environ: Mapping[str, Any]) -> Asked | None:
    """The request, where it is one to SageMaker's runtime."""
    named = PATH.fullmatch(str(environ.get("PATH_INFO", "")))
    signed = SIGNED in str(environ.get("HTTP_AUTHORIZATION", ""))
    if named is None or not signed or environ.get("REQUEST_METHOD") != "POST":
        return None
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    }
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return Asked(named["name"], named["operation"].startswith("async"), body, headers)


def answer(asked: Asked, ask: Callable[[Asked], Answer]) -> Answer:
    """What ``ask`` gives, or its refusal as AWS writes it."""
    try:
        return ask(asked)
    except InvocationError as error:
        kind = {"x-amzn-ErrorType": error.code} if error.code else {}
        headers = {"Content-Type": "application/json", **kind}
        return Answer(error.status, json.dumps(error.body).encode(), headers)
