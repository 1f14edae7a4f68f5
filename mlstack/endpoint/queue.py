"""Asks an asynchronous endpoint: a photo goes to S3, and the answer comes there too."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from mlstack.endpoint import trouble, verdict
from mlstack.endpoint.endpoint import Endpoint
from mlstack.endpoint.invocation import ACCEPT, Tell, absent
from mlstack.endpoint.photo import SUFFIXES, Photo
from mlstack.endpoint.trouble import Trouble
from mlstack.endpoint.verdict import LATE, PREDICTED, Answer, Verdict
from mlstack.errors import UserError
from mlstack.patience import Patience
from mlstack.target import Target

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient

POLL_S = 2.0
LARGEST_ANSWER = 16 * 1024 * 1024
NOT_THERE = {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}
"""S3 says Forbidden of what is not there to whoever may not list the bucket."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A photo whose answer is to come."""

    photo: Photo
    answer: str
    failure: str = ""
    """Where it comes instead when the model fails; empty where the endpoint names no such place."""


def ask(
    target: Target, endpoint: Endpoint, photos: Sequence[Photo], patience: Patience, tell: Tell
) -> Iterator[Verdict]:
    """Hand in all photos, then yield each verdict as it comes, and the late ones when the patience ends.

    Raises:
        UserError: where the endpoint does not serve at all.
        ClientError: where AWS refuses, as it would for every photo.
    """
    s3: S3Client = target.account.client("s3")
    runtime: SageMakerRuntimeClient = target.account.client("sagemaker-runtime")
    try:
        waiting = [_hand_in(s3, runtime, endpoint, photo) for photo in photos]
    except ClientError as error:
        if trouble.of(error) is Trouble.ABSENT:
            raise absent(target, endpoint, error) from error
        raise
    yield from answers(
        s3,
        waiting,
        patience,
        lambda left: tell(f"{left} to come; from zero instances that takes minutes, {patience.waited_s:.0f} s so far"),
    )


def answers(
    s3: "S3Client", asked: Sequence[Waiting], patience: Patience, tell: Callable[[int], None]
) -> Iterator[Verdict]:
    """Yield each verdict as it comes to S3, and the late ones when the patience ends; ``tell`` takes how many lack."""
    waiting = list(asked)
    while waiting:
        for one in list(waiting):
            if (found := _verdict(s3, one)) is not None:
                waiting.remove(one)
                patience.renew()
                yield found
        tell(len(waiting))
        if waiting and not patience.wait(POLL_S):
            break
    for one in waiting:
        why = f"it is still in the queue, and its answer will lie at {one.answer}"
        if _is_forbidden(s3, one.answer):
            why = f"S3 forbids to look at {one.answer}: you need s3:GetObject and s3:ListBucket there"
        reason = f"no answer within {patience.limit_s:.0f} s; {why}"
        yield Verdict(photo=one.photo.path, status=LATE, reason=reason, answer_at=one.answer)


def put(s3: "S3Client", bucket: str, prefix: str, photo: Photo) -> str:
    """Put a photo under a prefix and say its key: a name of its content, for an HTTP header has ASCII alone."""
    with photo.path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        key = f"{prefix}{digest}{SUFFIXES[photo.content_type]}"
        content.seek(0)
        s3.upload_fileobj(content, bucket, key, ExtraArgs={"ContentType": photo.content_type})
    return key


def _hand_in(s3: "S3Client", runtime: "SageMakerRuntimeClient", endpoint: Endpoint, photo: Photo) -> Waiting:
    bucket, prefix = split(endpoint.requests)
    key = put(s3, bucket, prefix, photo)
    answer = runtime.invoke_endpoint_async(
        EndpointName=endpoint.endpoint_name,
        ContentType=photo.content_type,
        Accept=ACCEPT,
        InputLocation=f"s3://{bucket}/{key}",
    )
    return Waiting(photo=photo, answer=answer["OutputLocation"], failure=answer.get("FailureLocation", ""))


def _verdict(s3: "S3Client", one: Waiting) -> Verdict | None:
    """What lies where the answer, or the failure, shall lie; None while nothing does."""
    if (found := _object(s3, one.answer)) is not None:
        return Verdict(photo=one.photo.path, status=PREDICTED, answer=_answer(found, one.answer), answer_at=one.answer)
    if one.failure and (found := _object(s3, one.failure)) is not None:
        said = found["Body"].read(LARGEST_ANSWER).decode(errors="replace")
        status, reason = verdict.refusal(None, said)
        return Verdict(photo=one.photo.path, status=status, reason=reason, answer_at=one.failure)
    return None


def _answer(found: "GetObjectOutputTypeDef", place: str) -> Answer:
    if found["ContentLength"] > LARGEST_ANSWER:
        return Answer(other=f"{found['ContentLength']:,} bytes at {place}")
    return verdict.read(found["Body"].read(), found.get("ContentType", ""))


def _object(s3: "S3Client", place: str) -> "GetObjectOutputTypeDef | None":
    bucket, key = split(place)
    try:
        return s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        is_bucket = error.response.get("Error", {}).get("Code") == "NoSuchBucket"
        if is_bucket or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") not in NOT_THERE:
            raise
        return None


def _is_forbidden(s3: "S3Client", place: str) -> bool:
    """Whether S3 would not even say that nothing is there."""
    bucket, key = split(place)
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == HTTPStatus.FORBIDDEN
    return False


def split(place: str) -> tuple[str, str]:
    """The bucket and the key, or prefix, of an s3:// address; raise UserError where it is none."""
    scheme, _, rest = place.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        message = f"{place or 'nothing'} is no place in S3, though the stack says so; deploy the stage again"
        raise UserError(message)
    return bucket, key
