"""One message, from the queue to its answer in S3."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from worker import clients, fate, log, request
from worker.fate import FULL, Again, Answered, Fate, Refused, Reply
from worker.request import SUFFIX, NotARequestError, Request
from worker.server import Server, ServerError
from worker.settings import QueueSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef

GONE = frozenset({"404", "405", "MethodNotAllowed", "NoSuchKey", "NoSuchVersion"})
"""What S3 says of an object that was deleted meanwhile; the third of a delete marker."""
UNTOLD = frozenset({"", "binary/octet-stream"})
"""The second is what S3 itself writes where nobody said what an object is."""
BYTES = "application/octet-stream"
PATIENT = 4
"""How often a server that is full is asked again before the message goes back: each delivery is one of a few."""


class GoneError(Exception):
    """The request's object is not there any more."""


class TooLargeError(Exception):
    """The request's object is larger than the server would take."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One delivery of a message."""

    number: str
    """SQS's id of it."""
    receipt: str
    body: str
    receives: int
    """How often it was delivered, this time included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Errand:
    """Runs errands: all that they need."""

    s3: "S3Client"
    server: Server
    settings: QueueSettings
    pause: Callable[[float], bool]
    """Waits for so many seconds; at once, and with True, where the worker is to end."""

    def run(self, message: Message) -> Again | None:
        """Answer a message; None when it is done, or when and why it must come again. One line in the log, always."""
        started, line = time.monotonic(), dict[str, object](message=message.number, receives=message.receives)
        try:
            outcome = self._run(message, line)
        except NotARequestError as error:
            outcome = Again(fate.later(message.receives), f"not_a_request: {error.flaw}")
        except (BotoCoreError, ClientError) as error:
            outcome = Again(fate.later(message.receives), f"s3: {clients.code_of(error)}")
        except ServerError as error:
            outcome = Again(fate.later(message.receives), f"server: {error}")
        except Exception as error:  # noqa: BLE001  # one message must not end the worker
            log.fault("fault", error, message=message.number)
            outcome = Again(fate.later(message.receives), "fault")
        line["milliseconds"] = round((time.monotonic() - started) * 1000)
        if isinstance(outcome, Again):
            log.write("comes_again", "warning", why=outcome.why, seconds=outcome.seconds, **line)
            return outcome
        log.write(outcome, **line)
        return None

    def _run(self, message: Message, line: dict[str, object]) -> str | Again:
        prefix = max(len(place.key.encode()) for place in (self.settings.answers, self.settings.failures))
        asked = request.read(message.body, self.settings.requests, longest_prefix=prefix)
        line["key"] = asked.place.key
        if asked.folder:
            return "folder"
        decided = self._decide(asked, message, line)
        match decided:
            case Answered(document):
                self._put(
                    self.settings.answers.below(f"{asked.name}{SUFFIX}").key, document, self.settings.answers.bucket
                )
                return "answered"
            case Refused(status, error):
                line["code"] = error.get("code")
                self._refuse(asked, status, error)
                return "refused"
            case Again():
                return decided

    def _decide(self, asked: Request, message: Message, line: dict[str, object]) -> Fate:
        try:
            body, content_type = self._get(asked)
        except GoneError:
            line["status"] = 404
            return Refused(404, {"code": "gone", "reason": "the request was deleted before it was answered"})
        except TooLargeError as error:
            line["status"] = 413
            return Refused(413, {"code": "too_large", "reason": str(error)})
        line["bytes"] = len(body)
        reply = self._ask(body, content_type)
        line["status"] = reply.status
        return fate.of(reply, message.receives)

    def _get(self, asked: Request) -> tuple[bytes, str]:
        """The object and what it is; raise GoneError, TooLargeError and what S3 may raise."""
        wanted: GetObjectRequestTypeDef = {"Bucket": asked.place.bucket, "Key": asked.place.key}
        if asked.version_id:
            wanted["VersionId"] = asked.version_id
        try:
            found = self.s3.get_object(**wanted)
        except ClientError as error:
            if clients.code_of(error) in GONE:
                raise GoneError from error
            raise
        with closing(found["Body"]) as stream:  # its own context is the bare connection, which counts nothing
            if found["ContentLength"] > self.settings.max_bytes:
                message = f"the request is larger than {self.settings.max_bytes:,} bytes"
                raise TooLargeError(message)
            try:
                return stream.read(), _content_type(found.get("ContentType", ""))
            except OSError as error:  # of urllib3, which botocore does not always dress as its own
                raise HTTPClientError(error=error) from error

    def _ask(self, body: bytes, content_type: str) -> Reply:
        """Ask the server, and one that is full again after the time that it names."""
        for _ in range(PATIENT):
            reply = self.server.invoke(body, content_type)
            if reply.status != FULL or self.pause(min(reply.retry_after_s or 1, fate.SOONEST_S)):
                return reply
        return self.server.invoke(body, content_type)

    def _refuse(self, asked: Request, status: int, error: Mapping[str, object]) -> None:
        document = {"request": str(asked.place), "status": status, "error": dict(error)}
        place = self.settings.failures.below(f"{asked.name}{SUFFIX}")
        self._put(place.key, f"{json.dumps(document)}\n".encode(), place.bucket)

    def _put(self, key: str, document: bytes, bucket: str) -> None:
        self.s3.put_object(Bucket=bucket, Key=key, Body=document, ContentType="application/json")


def _content_type(told: str) -> str:
    """What the object is said to be; what cannot stand in a header says nothing."""
    return BYTES if told in UNTOLD or not (told.isascii() and told.isprintable()) else told
