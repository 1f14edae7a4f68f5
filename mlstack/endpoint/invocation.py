"""Asks an endpoint that answers at once: serverless, real-time and classic ones."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ReadTimeoutError

from mlstack.endpoint import trouble, verdict
from mlstack.endpoint.condition import Condition
from mlstack.endpoint.endpoint import Endpoint
from mlstack.endpoint.photo import Photo
from mlstack.endpoint.trouble import Trouble
from mlstack.endpoint.verdict import FAILED, LATE, PREDICTED, REFUSED, Verdict
from mlstack.errors import UserError
from mlstack.patience import Patience
from mlstack.target import Target

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient

ACCEPT = "application/json"
ASLEEP_S = 10.0
"""Between two requests to one that sleeps: it takes minutes to wake."""
BUSY_S = 2.0
Tell = Callable[[str], None]


def ask(
    target: Target, endpoint: Endpoint, photos: Sequence[Photo], patience: Patience, tell: Tell
) -> Iterator[Verdict]:
    """Ask about each photo and yield each verdict as it comes.

    Raises:
        UserError: where the endpoint does not serve at all.
        ClientError: where AWS refuses, as it would for every photo.
    """
    runtime: SageMakerRuntimeClient = target.account.client("sagemaker-runtime")
    for number, photo in enumerate(photos, 1):
        tell(f"{number} of {len(photos)}")
        try:
            yield _asked(runtime, endpoint, photo, patience, tell)
        except ClientError as error:
            if trouble.of(error) is Trouble.ABSENT:
                raise absent(target, endpoint, error) from error
            raise


def _asked(
    runtime: "SageMakerRuntimeClient", endpoint: Endpoint, photo: Photo, patience: Patience, tell: Tell
) -> Verdict:
    """Ask about one photo, again and again while the endpoint wakes or is busy."""
    while True:
        try:
            found = _invoke(runtime, endpoint, photo)
        except ReadTimeoutError:  # botocore has tried again by itself
            reason = "no answer within a minute, which is all that AWS gives a model"
            return Verdict(photo=photo.path, status=FAILED, reason=reason)
        except ClientError as error:
            match trouble.of(error):
                case Trouble.ASLEEP | Trouble.BUSY as kind:
                    tell(waiting(kind, patience))
                    if patience.wait(ASLEEP_S if kind is Trouble.ASLEEP else BUSY_S):
                        continue
                    reason = f"{waiting(kind, patience)}: {verdict.reason(trouble.message(error))}"
                    return Verdict(photo=photo.path, status=LATE, reason=reason)
                case Trouble.MODEL:
                    status, reason = verdict.refusal(trouble.container_status(error), trouble.message(error))
                    patience.renew()
                    return Verdict(photo=photo.path, status=status, reason=reason)
                case Trouble.TOO_LARGE:
                    return Verdict(photo=photo.path, status=REFUSED, reason="AWS does not take so large a photo")
                case _:
                    raise
        patience.renew()
        return found


def _invoke(runtime: "SageMakerRuntimeClient", endpoint: Endpoint, photo: Photo) -> Verdict:
    asked: dict[str, Any] = {"InferenceComponentName": endpoint.component} if endpoint.component else {}
    with photo.path.open("rb") as body:
        answer = runtime.invoke_endpoint(
            EndpointName=endpoint.endpoint_name,
            ContentType=photo.content_type,
            Accept=ACCEPT,
            Body=body.read(),
            **asked,
        )
    said = verdict.read(answer["Body"].read(), answer.get("ContentType", ""))
    return Verdict(photo=photo.path, status=PREDICTED, answer=said)


def waiting(kind: Trouble, patience: Patience) -> str:
    """What is waited for, and how long it has been."""
    what = "it sleeps at zero, and takes minutes to wake" if kind is Trouble.ASLEEP else "it is busy"
    return f"{what}; waited for {patience.waited_s:.0f} s"


def absent(target: Target, endpoint: Endpoint, error: ClientError) -> UserError:
    """Why an endpoint cannot be asked, as its description has it."""
    now = Condition.look(target.account, endpoint)
    status = target.command(f"endpoint status {endpoint.name}")
    said = verdict.reason(trouble.message(error)).rstrip(".")
    return UserError(f"AWS answered: {said}; endpoint {endpoint.name} is {now.told}, see `{status}`")
