"""Which AWS a command speaks to: the one on this machine, or a real account."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

import boto3
from botocore.exceptions import NoCredentialsError, NoRegionError, ProfileNotFound

from mlstack.errors import UserError
from mlstack.local.aws import LocalAws
from mlstack.project import WORK

Where = Literal["local", "aws"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One AWS account in one region."""

    shown: str
    """What a person reads: the local AWS, or the account's number and region."""
    is_local: bool
    client: Callable[[str], Any]
    """Makes the client of a service by its boto3 name."""


def choose(where: Where | None, region: str | None = None) -> Account:
    """The AWS that a person means: the local one where it is up, a real account only where that was said.

    Raises:
        UserError: where that AWS cannot be reached.
    """
    if where != "aws" and (found := LocalAws.find(WORK)):
        return of_local(found)
    if where != "aws":
        message = "no local AWS is up; run `mlstack local deploy` first, or say --aws to use your own account"
        raise UserError(message)
    return _real(region)


def of_local(aws: LocalAws) -> Account:
    """The account of a local AWS."""
    return Account(shown="the local AWS", is_local=True, client=aws.client)


def _real(region: str | None) -> Account:
    try:
        session = boto3.Session(region_name=region)
        number = session.client("sts").get_caller_identity()["Account"]
    except NoCredentialsError as error:
        message = "no AWS credentials are set; run `aws sso login`, set AWS_PROFILE, or start `mlstack local up`"
        raise UserError(message) from error
    except ProfileNotFound as error:
        message = f"there is no AWS profile {error.kwargs['profile']}; `aws configure list-profiles` shows yours"
        raise UserError(message) from error
    except NoRegionError as error:
        message = "no AWS region is set; pass --region, or set AWS_REGION"
        raise UserError(message) from error
    return Account(
        shown=f"account {number} in {session.region_name}",
        is_local=False,
        client=lambda name: session.client(cast("Any", name)),
    )
