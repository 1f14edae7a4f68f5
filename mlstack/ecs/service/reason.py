"""Why a request lies among the dead letters, as far as that can be known from outside."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from mlstack.ecs.service.service import Service
from mlstack.vision.dead_letters import NO_REASON, Letter

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, and whether another try can help."""

    text: str
    goes_back: bool

    @property
    def shown(self) -> str:
        """Both, for people."""
        return self.text if self.goes_back else f"{self.text}: it stays"


NO_EVENT = Reason("it is no event of S3, so nobody can answer it", goes_back=False)
ELSEWHERE = Reason("it speaks of an object that is no request of this service", goes_back=False)
OBJECT_GONE = Reason("its object is gone, so there is nothing to answer", goes_back=False)
ANSWERED = Reason("its answer is there all the same", goes_back=False)
FAILED = Reason("its failure is written down: what was asked cannot be answered", goes_back=False)
GIVEN_UP = Reason("it was tried several times without an answer; the service's log says why", goes_back=True)


def reason(s3: "S3Client", service: Service, letter: Letter) -> Reason:
    """Look at what a letter speaks of.

    Raises:
        ClientError: where S3 does not say; it would not for others either.
    """
    place = _place(letter)
    if place is None:
        return Reason(letter.reason, goes_back=True) if letter.reason != NO_REASON else NO_EVENT
    bucket, key = place
    if bucket != service.bucket or not key.startswith(service.requests):
        return ELSEWHERE
    name = f"{key.removeprefix(service.requests)}.json"
    if not _is_there(s3, bucket, key):
        return OBJECT_GONE
    if _is_there(s3, bucket, f"{service.answers}{name}"):
        return ANSWERED
    if _is_there(s3, bucket, f"{service.failures}{name}"):
        return FAILED
    return Reason(letter.reason, goes_back=True) if letter.reason != NO_REASON else GIVEN_UP


def _place(letter: Letter) -> tuple[str, str] | None:
    """The bucket and the key that it speaks of; None where it is no event of S3."""
    try:
        detail = json.loads(letter.body)["detail"]
        bucket, key = detail["bucket"]["name"], detail["object"]["key"]
    except (KeyError, RecursionError, TypeError, ValueError):
        return None
    return (bucket, key) if isinstance(bucket, str) and isinstance(key, str) and bucket and key else None


def _is_there(s3: "S3Client", bucket: str, key: str) -> bool:
    """Whether an object is there; who may not list the bucket is told Forbidden of what is not."""
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == HTTPStatus.NOT_FOUND:
            return False
        raise
    return True
