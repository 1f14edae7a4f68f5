"""InvokeEndpointAsync: taken at once, answered later into S3, announced through SNS."""

import json
import time
from http import HTTPStatus
from threading import Semaphore, Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.local.sagemaker.async_request import COMPLETED, FAILED, Request, announcement
from mlstack.local.sagemaker.door import Answer, Asked, Code, InvocationError, invalid
from mlstack.local.sagemaker.endpoint import Endpoints
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.hosting import Hosting
from mlstack.local.sagemaker.invocation import Invocations, Scaling

CONCURRENT = 4
"""How many requests an instance gets at a time where the configuration does not say."""
TIMEOUT_S, LIFE_S = 900, 21600
TIMEOUTS, LIVES = range(1, 3601), range(60, 21601)
LARGEST_BODY = 128_000
NOT_ASYNCHRONOUS = "Endpoint {name} is not asynchronous: it takes InvokeEndpoint alone."
ONE_INPUT = "Exactly one of InputLocation and Body is needed."
NO_URI = "InputLocation must be an S3 URI."
NO_OUTPUT = "the local AWS needs S3OutputPath in OutputConfig"
EXPIRED = "The request expired after {seconds} s: no instance had taken it."
TOPICS = {COMPLETED: "SuccessTopic", FAILED: "ErrorTopic"}


class Asynchronous:
    """The requests of every asynchronous endpoint; each waits in a thread of its own for its turn."""

    def __init__(self, hall: Hall, endpoints: Endpoints, invocations: Invocations, scales: Scaling) -> None:
        self._hall = hall
        self._endpoints = endpoints
        self._invocations = invocations
        self._scales = scales
        self._turns: dict[int, Semaphore] = {}

    def invoke(self, asked: Asked) -> Answer:
        """InvokeEndpointAsync."""
        endpoint = self._invocations.endpoint(asked.endpoint)
        if endpoint.hosting is not Hosting.ASYNCHRONOUS:
            raise invalid(NOT_ASYNCHRONOUS.format(name=endpoint.name))
        source, output = asked.header("inputlocation"), endpoint.config["AsyncInferenceConfig"]["OutputConfig"]
        if bool(source) == bool(asked.body):
            raise invalid(ONE_INPUT)
        if len(asked.body) > LARGEST_BODY:
            message = f"The inline payload can have {LARGEST_BODY} bytes; put larger ones into S3."
            raise invalid(message)
        if source and not source.startswith("s3://"):
            raise invalid(NO_URI)
        if not output.get("S3OutputPath"):
            raise InvocationError(Code.NOT_IMPLEMENTED, NO_OUTPUT, HTTPStatus.NOT_IMPLEMENTED)
        name = asked.header("inference-id") or str(uuid4())
        extension = asked.header("s3outputpathextension").strip("/")
        folder = "/".join(part for part in (output["S3OutputPath"].rstrip("/"), extension) if part)
        failures = (output.get("S3FailurePath") or "").rstrip("/")
        request = Request(
            asked=asked,
            endpoint=endpoint,
            variant=endpoint.variants[0],
            inference_id=name,
            source=source,
            target=f"{folder}/{asked.header('filename') or name + '.out'}",
            failure=f"{failures}/{name}-error.out" if failures else "",
            timeout_s=_seconds(asked.header("invocationtimeoutseconds"), TIMEOUT_S, TIMEOUTS),
            life_s=_seconds(asked.header("requestttlseconds"), LIFE_S, LIVES),
            received=time.time(),
        )
        Thread(target=self._work, args=[request], daemon=True).start()
        headers = {"Content-Type": "application/json", "X-Amzn-SageMaker-OutputLocation": request.target}
        if request.failure:
            headers["X-Amzn-SageMaker-FailureLocation"] = request.failure
        return Answer(HTTPStatus.ACCEPTED, json.dumps({"InferenceId": name}).encode(), headers)

    def _work(self, request: Request) -> None:
        try:
            status, kind, why = self._attempt(request)
            self._announce(request, status, kind, why)
        except (ClientError, BotoCoreError) as error:  # nobody waits for this thread; the report tells
            self._hall.report.fault(f"asynchronous answer of {request.endpoint.name}: {error}")

    def _attempt(self, request: Request) -> tuple[str, str, str]:
        """Whether it went well, the kind of answer, and the reason if it went wrong."""
        body = request.asked.body
        try:
            if not self._instance(request):
                return self._failed(request, EXPIRED.format(seconds=int(request.life_s)))
            if request.source:
                try:
                    body = self._hall.client("s3").get_object(**_object(request.source))["Body"].read()
                except ClientError as error:
                    return self._failed(request, f"Failed to download {request.source}: {error}")
            with self._turn(request):
                asked = Asked(request.endpoint.name, True, body, request.asked.headers)  # noqa: FBT003 - a record
                workload = request.variant.workload
                if workload is None:
                    return self._failed(request, "The endpoint has nothing that answers.")
                reply = self._invocations.reply(workload, asked, request.timeout_s, None)
        except InvocationError as error:
            return self._failed(request, str(error))
        kind = reply.headers.get("content-type", "application/octet-stream")
        self._hall.client("s3").put_object(**_object(request.target), Body=reply.body, ContentType=kind)
        self._hall.report.invocation(request.endpoint.name, error=False, cold=False)
        return COMPLETED, kind, ""

    def _instance(self, request: Request) -> bool:
        """Wait for an instance; an endpoint that scales by itself gets one at once."""
        deadline = request.received + request.life_s
        while time.time() < deadline and not self._hall.closed:
            if request.variant.count:
                return True
            name = f"endpoint/{request.endpoint.name}/variant/{request.variant.name}"
            if self._scales(name, "sagemaker:variant:DesiredInstanceCount"):
                self._endpoints.resize(request.variant, 1)
            else:
                time.sleep(0.1)
        return False

    def _turn(self, request: Request) -> Semaphore:
        said = request.endpoint.config["AsyncInferenceConfig"].get("ClientConfig", {})
        most = said.get("MaxConcurrentInvocationsPerInstance", CONCURRENT)
        return self._turns.setdefault(id(request.variant), Semaphore(most * max(1, request.variant.count)))

    def _failed(self, request: Request, why: str) -> tuple[str, str, str]:
        if request.failure:
            self._hall.client("s3").put_object(**_object(request.failure), Body=why.encode(), ContentType="text/plain")
        self._hall.report.invocation(request.endpoint.name, error=True, cold=False)
        return FAILED, "", why

    def _announce(self, request: Request, status: str, kind: str, why: str) -> None:
        said = request.endpoint.config["AsyncInferenceConfig"]["OutputConfig"].get("NotificationConfig", {})
        topic = said.get(TOPICS[status])
        if topic:
            message = announcement(request, self._hall.place.region, status, kind, why)
            self._hall.client("sns").publish(TopicArn=topic, Message=json.dumps(message))


def _seconds(said: str, default: int, allowed: range) -> float:
    if not said:
        return default
    if not said.isdecimal() or int(said) not in allowed:
        message = f"{said} is no number of seconds from {allowed[0]} to {allowed[-1]}."
        raise invalid(message)
    return int(said)


def _object(uri: str) -> dict[str, Any]:
    parts = urlsplit(uri)
    return {"Bucket": parts.netloc, "Key": parts.path.lstrip("/")}
