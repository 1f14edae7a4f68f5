"""The server's addresses: what SageMaker asks of a container, and nothing else."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from inference.classifier import Classifier
from inference.gate import Gate
from inference.health import Health
from inference.invocation import Invocations, refused
from inference.refusal import RefusalError
from inference.settings import MIB, Settings

# https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
TRANSFORM_MIB = 100  # batch transform: requests at a time, times the largest of them


def application(classifier: Classifier, gate: Gate, settings: Settings) -> Starlette:
    """``/ping``, ``/invocations`` and batch transform's ``/execution-parameters``."""
    health = Health(gate, classifier.prove)
    invocations = Invocations(classifier, gate, health, settings)

    async def ping(_request: Request) -> Response:
        state = await health.state()
        return JSONResponse({"state": state}, 200 if state == "ready" else 503)

    async def execution_parameters(_request: Request) -> Response:
        return JSONResponse(transform_parameters(settings))

    app = Starlette(
        routes=[
            Route("/ping", ping, methods=["GET"]),
            Route("/invocations", invocations.answer, methods=["POST"]),
            Route("/execution-parameters", execution_parameters, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _elsewhere},
    )
    app.router.redirect_slashes = False
    return app


def transform_parameters(settings: Settings) -> dict[str, int | str]:
    """What batch transform may send, where the job does not say it."""
    payload = max(1, settings.max_bytes // MIB)
    return {
        "MaxConcurrentTransforms": max(1, min(settings.threads, settings.concurrency, TRANSFORM_MIB // payload)),
        "BatchStrategy": "SINGLE_RECORD",
        "MaxPayloadInMB": payload,
    }


async def _elsewhere(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    if status == 405:  # noqa: PLR2004  # its name: method not allowed
        return refused(RefusalError(status, "wrong_method", "POST /invocations, GET /ping, GET /execution-parameters"))
    return refused(RefusalError(status, "not_found", "there are /invocations, /ping and /execution-parameters"))
