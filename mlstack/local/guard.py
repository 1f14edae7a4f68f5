"""Refuses to start where the real AWS could be reached, and proves of what we hand out that it cannot."""

import os
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import botocore.session
from botocore.configprovider import ConfiguredEndpointProvider

from mlstack.errors import UserError
from mlstack.local.environment import ACCESS_KEY, SECRET_KEY

OURS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
FILES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
NAMING = (
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_",
    "AWS_CREDENTIAL",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_SSO_",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
"""How variables begin that name credentials or a profile."""

PROVED = (
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "events",
    "iam",
    "lambda",
    "logs",
    "rekognition",
    "s3",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
)


def reachable(caller: Mapping[str, str]) -> tuple[str, ...]:
    """The variables of ``caller`` through which the real AWS could be reached, sorted; empty where there are none."""
    return tuple(sorted(_reachable(caller)))


def check(caller: Mapping[str, str]) -> None:
    """Raise UserError where ``caller`` names credentials, a profile or an endpoint that is not on this machine."""
    names = reachable(caller)
    if names:
        unset = " ".join(f"-u {name}" for name in names)
        message = (
            f"the local AWS does not start where real AWS could be reached: {', '.join(names)} "
            f"{'is' if len(names) == 1 else 'are'} set; run it without: env {unset} THE_COMMAND"
        )
        raise UserError(message)


def prove() -> None:
    """Ask botocore in this very process for its credentials and endpoints; raise UserError where one is not ours.

    Our server calls it before it listens: it runs in the environment that every other process of ours gets.
    """
    session = botocore.session.Session()
    found = session.get_credentials()
    if found is None or (found.access_key, found.secret_key, found.token) != (ACCESS_KEY, SECRET_KEY, None):
        method = found.method if found else "nothing"
        message = f"the local AWS does not start: botocore finds credentials that are not ours ({method}); unset AWS_*"
        raise UserError(message)
    endpoints = {
        "sts": str(session.create_client("sts").meta.endpoint_url)
    }  # one real client, which heeds every setting
    for service in PROVED:
        provider = ConfiguredEndpointProvider(session.full_config, session.get_scoped_config(), service)
        endpoints.setdefault(service, str(provider.provide() or "the real AWS"))
    for service, endpoint in endpoints.items():
        if not is_loopback(endpoint):
            message = (
                f"the local AWS does not start: calls to {service} would go to {endpoint}; unset AWS_ENDPOINT_URL*"
            )
            raise UserError(message)


def _reachable(caller: Mapping[str, str]) -> Iterator[str]:
    for name, value in caller.items():
        if not value:
            continue
        if name in FILES:
            if value != os.devnull:
                yield name
        elif name.startswith("AWS_ENDPOINT_URL"):
            if not is_loopback(value):
                yield name
        elif name.startswith(NAMING) and OURS.get(name) != value:
            yield name


def is_loopback(url: str) -> bool:
    """Whether ``url`` can only lead to this machine."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
