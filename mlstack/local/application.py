"""The server's door: our own routes, and for everything else moto, whose crashes become answers a client can read."""

import io
import json
import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from mlstack.local import machine, report, runtime, trail
from mlstack.local.capacity import behaviour as capacity
from mlstack.local.capacity import setting as capacity_setting
from mlstack.local.clock import CLOCK
from mlstack.local.clock import ROUTE as CLOCK_ROUTE
from mlstack.local.cloudformation import custom_resource
from mlstack.local.codebuild.service import CodeBuild
from mlstack.local.container.image import Images
from mlstack.local.ec2 import image, publication
from mlstack.local.ecs.limits import ROUTE as ECS_ROUTE
from mlstack.local.ecs.service import Ecs
from mlstack.local.json_service import Json
from mlstack.local.machine.machines import Machines
from mlstack.local.model_registry.service import ModelRegistry
from mlstack.local.registry import service as registries
from mlstack.local.rekognition import quota
from mlstack.local.rekognition.failure import UnknownOperationError
from mlstack.local.rekognition.service import TARGET, Rekognition
from mlstack.local.sagemaker import door, limits
from mlstack.local.sagemaker.service import SageMaker
from mlstack.local.service_quotas import instance_quota
from mlstack.local.service_quotas.admission import Admission
from mlstack.local.service_quotas.service import ServiceQuotas
from mlstack.local.service_scaling import activity
from mlstack.local.timekeeper import Timekeeper

Environ = dict[str, Any]
Start = Callable[..., Any]
log = logging.getLogger(__name__)


class Application:
    """Dispatches a request to us or to moto."""

    def __init__(self) -> None:
        here = runtime.running()

        def client(service: str) -> Any:  # noqa: ANN401 - botocore makes its clients' types at run time
            return here.client(service, here.place.region)

        self._moto = DomainDispatcherApplication(create_backend_app)
        self._rekognition = Rekognition(here.place, client, here.report)
        images = Images(here.folder / "images")
        self._sagemaker = SageMaker(here.place, here.folder / "hosting", images, client, here.report)
        codebuild = CodeBuild(here.place, client, images, here.report).service()
        registry = ModelRegistry(here.place).service()
        self._ecs = Ecs(here.place, here.folder / "ecs", images, client, here.report)
        quotas = ServiceQuotas(here.place)
        self.timekeeper = Timekeeper()
        self._machines = Machines(here.folder / "machines", here)
        self._machines.listen()
        jobs = Admission(quotas.set_values, lambda: client("sagemaker")).guarding(self._sagemaker.service)
        ours = (codebuild, registry, self._ecs.service, jobs, quotas.service())
        parts = (activity.service(), registries.service(here.place))  # of services that are moto's otherwise
        self._services = (*ours, *parts, *trail.services())
        self._settings: Mapping[str, Callable[[bytes], Json]] = {
            quota.ROUTE: lambda body: self._rekognition.quota.change(body).told(),
            limits.ROUTE: self._limits,
            publication.ROUTE: image.told,
            instance_quota.ROUTE: quotas.change,
            CLOCK_ROUTE: self._clock,
            ECS_ROUTE: self._ecs.changed,
            machine.ROUTE: self._machines.changed,
            capacity_setting.ROUTE: capacity.changed,
        }

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """One request."""
        path = str(environ.get("PATH_INFO", ""))
        if not own(environ):
            return _answer(
                start_response, HTTPStatus.FORBIDDEN, "text/plain", b"only programs of this machine, by name"
            )
        if path == report.ROUTE or path in self._settings or path.startswith(custom_resource.ROUTE):
            return self._own(path, environ, start_response)
        target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
        try:
            if target.startswith(TARGET):
                status, said = self._rekognition.answer(target.removeprefix(TARGET), _body(environ))
                return _answer(start_response, status, "application/x-amz-json-1.1", json.dumps(said).encode())
            answer = self._ours(target, environ, start_response)
            if answer is None:
                answer = self._moto(environ, start_response)
        except (
            Exception
        ) as error:  # a crash of moto's or of ours; what it is goes into the log, the report and the answer
            if not isinstance(error, UnknownOperationError):
                log.exception("%s %s", environ.get("REQUEST_METHOD"), path)
            return _fault(environ, start_response, error)
        return answer

    def _own(self, path: str, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """A request to a route of ours."""
        if path == report.ROUTE:
            body = json.dumps(runtime.running().report.read()).encode()
            return _answer(start_response, HTTPStatus.OK, "application/json", body)
        if path in self._settings:
            return self._setting(path, environ, start_response)
        taken = custom_resource.answered(path.removeprefix(custom_resource.ROUTE), _body(environ))
        return _answer(start_response, HTTPStatus.OK if taken else HTTPStatus.NOT_FOUND, "text/plain", b"")

    def _ours(self, target: str, environ: Environ, start_response: Start) -> Iterable[bytes] | None:
        """A request to a service of ours; nothing where it is moto's."""
        asked = door.read(environ)
        if asked is not None:
            said = self._sagemaker.ask(asked)
            headers = {**said.headers, "Content-Length": str(len(said.body))}
            start_response(f"{said.status} {HTTPStatus(said.status).phrase}", [*headers.items()])
            return [said.body]
        for service in self._services:
            if target.startswith(service.target):
                body = _body(environ)
                environ["wsgi.input"] = io.BytesIO(body)
                if service.takes(target, body):
                    status, told = service.answer(target, body)
                    return _answer(start_response, status, "application/x-amz-json-1.1", json.dumps(told).encode())
        return None

    def close(self) -> None:
        """End what runs for the services."""
        self.timekeeper.stop()
        self._ecs.close()
        self._machines.close()
        self._sagemaker.close()

    def _clock(self, body: bytes) -> Json:
        """The date, after what a test let pass, when all that fell due by then was done."""
        if body:
            self.timekeeper.look()  # whatever was made a moment ago begins before the time passes
            CLOCK.changed(body)
            self.timekeeper.look()
        return CLOCK.told()

    def _limits(self, body: bytes) -> Json:
        """How patient SageMaker is, after a change."""
        hall = self._sagemaker.hall
        hall.limits = hall.limits.changed(body)
        return asdict(hall.limits)

    def _setting(self, path: str, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """What a test may set: read, or changed and read."""
        try:
            said = self._settings[path](_body(environ) if environ.get("REQUEST_METHOD") == "POST" else b"")
        except (ValueError, TypeError, AttributeError) as error:  # whatever is no number, or no list of them
            return _answer(start_response, HTTPStatus.BAD_REQUEST, "text/plain", str(error).encode())
        return _answer(start_response, HTTPStatus.OK, "application/json", json.dumps(said).encode())


def own(environ: Mapping[str, Any]) -> bool:
    """Whether a request comes from a program that means this machine, and not from a web page.

    A page in the person's browser reaches loopback ports too: it says where it comes from, or names a host of its own
    that resolves to loopback.
    """
    from_page = any(name in environ for name in ("HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE"))
    host = str(environ.get("HTTP_HOST", "")).rpartition(":")[0]
    return not from_page and (host in {"localhost", "127.0.0.1"} or host.endswith(".localhost"))


def _body(environ: Environ) -> bytes:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return body


def _fault(environ: Environ, start_response: Start, error: Exception) -> list[bytes]:
    """501, because clients repeat a 500; in the words of the protocol that the request speaks."""
    operation = environ.get("HTTP_X_AMZ_TARGET") or f"{environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')}"
    last = traceback.extract_tb(error.__traceback__)[-1]
    said = f"the local AWS lacks this: {operation}: {type(error).__name__}: {error} ({last.name})"
    runtime.running().report.fault(said)
    if "json" in str(environ.get("CONTENT_TYPE", "")) or "HTTP_X_AMZ_TARGET" in environ:
        body = json.dumps({"__type": "NotImplemented", "message": said}).encode()
        return _answer(start_response, HTTPStatus.NOT_IMPLEMENTED, "application/x-amz-json-1.1", body)
    inner = f"<Code>NotImplemented</Code><Message>{escape(said)}</Message>"
    if "x-www-form-urlencoded" in str(environ.get("CONTENT_TYPE", "")):
        inner = f"<Errors><Error>{inner}</Error></Errors><Error>{inner}</Error>"
        body = f"<ErrorResponse>{inner}</ErrorResponse>".encode()
    else:
        body = f"<Error>{inner}</Error>".encode()
    return _answer(start_response, HTTPStatus.NOT_IMPLEMENTED, "text/xml", body)


def _answer(start_response: Start, status: HTTPStatus, kind: str, body: bytes) -> list[bytes]:
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("x-amzn-RequestId", str(uuid4()))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
