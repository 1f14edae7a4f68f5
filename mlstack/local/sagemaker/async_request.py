"""One request to an asynchronous endpoint, and what is announced of it when it has ended."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.door import Asked
from mlstack.local.sagemaker.endpoint_record import Endpoint
from mlstack.local.sagemaker.variant import Variant

COMPLETED, FAILED = "Completed", "Failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One accepted request."""

    asked: Asked
    endpoint: Endpoint
    variant: Variant
    inference_id: str
    source: str
    target: str
    failure: str
    timeout_s: float
    life_s: float
    received: float


def announcement(request: Request, region: str, status: str, kind: str, why: str) -> Json:
    """What SageMaker publishes when a request has ended."""
    answered: Json = {"responseParameters": {"contentType": kind, "outputLocation": request.target}}
    if status == FAILED:
        answered = {"failureReason": why}
        if request.failure:
            answered["responseParameters"] = {"failureLocation": request.failure}
    return {
        "awsRegion": region,
        "eventTime": _stamp(time.time()),
        "receivedTime": _stamp(request.received),
        "invocationStatus": status,
        "requestParameters": {
            "contentType": request.asked.header("content-type"),
            "endpointName": request.endpoint.name,
            "inputLocation": request.source,
        },
        **answered,
        "inferenceId": request.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
