"""InvokeEndpoint: from the request to the right container and back."""

import random
from collections.abc import Callable
from http import HTTPStatus

from mlstack.local.container.served import Reply, UnreachableError
from mlstack.local.sagemaker.component import Components
from mlstack.local.sagemaker.component_record import Component
from mlstack.local.sagemaker.door import Answer, Asked, Code, InvocationError, invalid
from mlstack.local.sagemaker.endpoint import Endpoints
from mlstack.local.sagemaker.endpoint_record import IN_SERVICE, UPDATING, Endpoint
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.hosting import Hosting
from mlstack.local.sagemaker.variant import Variant
from mlstack.local.sagemaker.workload import NotRunnableError, NotServedError, Workload

LARGEST = {Hosting.SERVERLESS: 4 * 1024 * 1024}
LARGEST_REALTIME = 25 * 1024 * 1024
ASYNCHRONOUS = "Endpoint {name} is asynchronous: it takes InvokeEndpointAsync alone."
NO_COMPONENTS = "Endpoint {name} has no inference components."
NO_COMPONENT = "Inference component {name} of endpoint {endpoint} not found."
NOTHING_ANSWERS = "Variant {name} has nothing that answers."
TOO_MANY = "Rate exceeded"
NOT_FOUND = "Endpoint {name} of account {account} not found."
NO_CAPACITY = (
    "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress "
    "(if configured) or try to increase the capacity by invoking UpdateInferenceComponentRuntimeConfig API."
)
COMPONENT_NEEDED = (
    "Inference Component Name header is required for endpoints to which you plan to deploy inference components. "
    "Please include Inference Component Name header or consider using SageMaker models."
)
TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)
Scaling = Callable[[str, str], bool]
"""Whether the resource of an id and a dimension scales by itself."""


class Invocations:
    """Finds what answers for a request, and asks it."""

    def __init__(self, hall: Hall, endpoints: Endpoints, components: Components, scales: Scaling) -> None:
        self._hall = hall
        self._endpoints = endpoints
        self._components = components
        self._scales = scales

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of exactly this name, if it answers."""
        found = self._endpoints.kept.find(name)
        if found is None or found.name != name or found.status not in {IN_SERVICE, UPDATING}:
            raise invalid(NOT_FOUND.format(name=name, account=self._hall.place.account))
        return found

    def invoke(self, asked: Asked) -> Answer:
        """InvokeEndpoint."""
        endpoint = self.endpoint(asked.endpoint)
        if endpoint.hosting is Hosting.ASYNCHRONOUS:
            raise invalid(ASYNCHRONOUS.format(name=endpoint.name))
        largest = LARGEST.get(endpoint.hosting, LARGEST_REALTIME)
        if len(asked.body) > largest:
            message = f"HTTP content length exceeded {largest} bytes."
            raise InvocationError(Code.NOTHING, message, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if endpoint.hosting is Hosting.COMPONENTS:
            component = self._component(endpoint, asked.header("inference-component"))
            return self._ask(component.workload, component.variant, component.owner, asked)
        if asked.header("inference-component"):
            raise invalid(NO_COMPONENTS.format(name=endpoint.name))
        variant = self.variant(endpoint, asked.header("target-variant"))
        return self._ask(variant.workload, variant.name, endpoint.name, asked, variant)

    @staticmethod
    def variant(endpoint: Endpoint, wanted: str) -> Variant:
        """The variant that a request names, or one by their weights."""
        if wanted:
            found = endpoint.variant(wanted)
            if found is None:
                message = f"Variant {wanted} not found for endpoint {endpoint.name}."
                raise invalid(message)
            return found
        working = [variant for variant in endpoint.variants if variant.works and variant.weight] or endpoint.variants
        [chosen] = random.choices(working, [variant.weight or 1 for variant in working])  # noqa: S311 - no secret
        return chosen

    def _component(self, endpoint: Endpoint, name: str) -> Component:
        if not name:
            raise invalid(COMPONENT_NEEDED)
        found = self._components.kept.find(name)
        if found is None or found.endpoint != endpoint.name or found.status not in {IN_SERVICE, UPDATING}:
            raise invalid(NO_COMPONENT.format(name=name, endpoint=endpoint.name))
        if found.workload is None:
            if self._scales(f"inference-component/{found.name}", "sagemaker:inference-component:DesiredCopyCount"):
                self._components.scale_out(found.name)
            raise invalid(NO_CAPACITY)
        return found

    def _ask(
        self, workload: Workload | None, variant: str, owner: str, asked: Asked, of: Variant | None = None
    ) -> Answer:
        if workload is None:
            raise invalid(NOTHING_ANSWERS.format(name=variant))
        serverless = of.serverless if of is not None else None
        if serverless and workload.busy >= serverless["MaxConcurrency"]:
            raise InvocationError(Code.THROTTLING, TOO_MANY, HTTPStatus.TOO_MANY_REQUESTS)
        idle_s = self._hall.limits.idle_seconds if serverless else None
        before = workload.cold_starts
        try:
            reply = self.reply(workload, asked, self._hall.limits.answer_seconds, idle_s)
        except InvocationError:
            self._hall.report.invocation(owner, error=True, cold=workload.cold_starts > before)
            raise
        self._hall.report.invocation(owner, error=False, cold=workload.cold_starts > before)
        headers = {
            "Content-Type": reply.headers.get("content-type", "application/octet-stream"),
            "x-Amzn-Invoked-Production-Variant": variant,
        }
        attributes = reply.headers.get("x-amzn-sagemaker-custom-attributes")
        if attributes:
            headers["X-Amzn-SageMaker-Custom-Attributes"] = attributes
        return Answer(HTTPStatus.OK, reply.body, headers)

    def reply(self, workload: Workload, asked: Asked, timeout_s: float, idle_s: float | None) -> Reply:
        """The container's answer; InvocationError where it is none that the caller can use."""
        try:
            reply = workload.invoke(asked.body, asked.forwarded(), timeout_s, idle_s=idle_s)
        except NotRunnableError as error:
            raise InvocationError(Code.NOT_IMPLEMENTED, str(error), HTTPStatus.NOT_IMPLEMENTED) from error
        except NotServedError as error:
            raise self._model_error(workload, HTTPStatus.INTERNAL_SERVER_ERROR, str(error)) from error
        except UnreachableError as error:
            raise self._model_error(workload, 0, TIMED_OUT) from error
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            raise self._model_error(workload, reply.status, reply.body.decode(errors="replace"))
        return reply

    def _model_error(self, workload: Workload, status: int, said: str) -> InvocationError:
        place, group = self._hall.place, workload.log_group
        client = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        console = f"https://{place.region}.console.aws.amazon.com/cloudwatch/home?region={place.region}"
        message = (
            f'Received {"client" if client else "server"} error ({status}) from primary with message "{said}". '
            f"See {console}#logEventViewer:group={group} in account {place.account} for more information."
        )
        return InvocationError(
            Code.MODEL,
            message,
            HTTPStatus.FAILED_DEPENDENCY,
            ErrorCode="CLIENT_ERROR_FROM_MODEL" if client else "SERVER_ERROR_FROM_MODEL",
            OriginalStatusCode=status,
            OriginalMessage=said,
            LogStreamArn=f"arn:aws:logs:{place.region}:{place.account}:log-group:{group}",
        )
