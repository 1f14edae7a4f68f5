"""Looks up in AWS what a request depends on; what cannot be read is said, and never raised."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from shared import clients
from shared.fault import code_of
from shared.training_run import group_name
from training_request import endpoint_look, package_look, quota_look, s3_look
from training_request.facts import Endpoint, Facts, Package
from training_request.request import Request
from training_request.settings import Settings

T = TypeVar("T")


def look(request: Request, places: Iterable[str], quotas: Iterable[str], told: Settings) -> Facts:
    """The facts about a request: its places in S3, the quotas that bound it, its version and its endpoint."""
    package, versions, package_failure = _package(request, told)
    endpoint, endpoint_failure = _endpoint(request)
    return Facts(
        listings={place: s3_look.listing(clients.s3(), place) for place in places},
        quotas=quota_look.quotas(clients.service_quotas(), frozenset(quotas)),
        package=package,
        versions=versions,
        package_failure=package_failure,
        endpoint=endpoint,
        endpoint_failure=endpoint_failure,
    )


def _package(request: Request, told: Settings) -> tuple[Package | None, tuple[int, ...], str]:
    version = request.version
    if version is None:
        return None, (), ""
    group = group_name(told.stage, request.model)
    nothing: tuple[Package | None, tuple[int, ...]] = (None, ())
    (package, versions), failure = _attempt(lambda: package_look.package(clients.sagemaker(), group, version), nothing)
    return package, versions, failure


def _endpoint(request: Request) -> tuple[Endpoint | None, str]:
    wanted = request.deployment
    if wanted is None:
        return None, ""
    return _attempt(lambda: endpoint_look.endpoint(clients.sagemaker(), wanted.endpoint), None)


def _attempt(ask: Callable[[], T], otherwise: T) -> tuple[T, str]:
    try:
        return ask(), ""
    except ClientError as error:
        return otherwise, f"{code_of(error)}: {error.response['Error'].get('Message', '')}"
    except BotoCoreError as error:
        return otherwise, str(error)
