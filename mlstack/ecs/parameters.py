"""Where a stage says what it has on ECS, and what to do where it says nothing."""

import re
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.ecs.trouble import code
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.workstation.neighbours import stages_with

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

PROJECT = "mlstack"
TRAINING, SERVICES = "ecs", "ecs/services"
"""Where their parameters lie below a stage's."""
STAGE = re.compile(r"[A-Za-z0-9_-]{1,60}")
STACK = "Ecs"
"""Has all of it."""
NO_PARAMETER = "ParameterNotFound"
PLACES = {TRAINING: "`enabled = true` in [ecs.training]", SERVICES: "[ecs.services.NAME]"}
NOUNS = {TRAINING: "training on ECS", SERVICES: "service on ECS"}


def training_path(stage: str) -> str:
    """The parameter of a stage's training."""
    return f"/{PROJECT}/{stage}/{TRAINING}/training"


def services_path(stage: str) -> str:
    """What the parameters of a stage's services begin with."""
    return f"/{PROJECT}/{stage}/{SERVICES}/"


def training(target: Target) -> str | None:
    """What a stage says of its training; None where it has none."""
    if not STAGE.fullmatch(target.stage):
        return None
    ssm: SSMClient = target.account.client("ssm")
    try:
        return ssm.get_parameter(Name=training_path(target.stage))["Parameter"]["Value"]
    except ClientError as error:
        if code(error) != NO_PARAMETER:
            raise
        return None


def services(target: Target) -> dict[str, str]:
    """What a stage says of each of its services."""
    if not STAGE.fullmatch(target.stage):
        return {}
    ssm: SSMClient = target.account.client("ssm")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=services_path(target.stage))
    return {one["Name"].rpartition("/")[2]: one["Value"] for page in pages for one in page["Parameters"]}


def absence(target: Target, kind: str) -> UserError:
    """That a stage has none, with the stages of the account that have some; or that nothing of it is deployed."""
    ssm: SSMClient = target.account.client("ssm")
    others = [stage for stage in stages_with(ssm, PROJECT, kind) if stage != target.stage]
    if not others and (undeployed := _undeployed(target)):
        return undeployed
    elsewhere = f"say --stage with one that has: {', '.join(others)}, or " if others else ""
    return UserError(
        f"{target.shown} has no {NOUNS[kind]}; {elsewhere}write {PLACES[kind]} into its profile and deploy it"
    )


def _undeployed(target: Target) -> UserError | None:
    """What to do where the stage has no stack for it; None where it has one, or nobody can say."""
    if not STAGE.fullmatch(target.stage):
        return None
    try:
        target.outputs(STACK)
    except UserError as error:
        return error
    except (BotoCoreError, ClientError):
        return None
    return None


def unreadable(target: Target, path: str, why: object) -> UserError:
    """That what a stage says cannot be understood."""
    return UserError(
        f"the parameter {path} of {target.shown} cannot be read ({why}); deploy the stage with this version of mlstack"
    )
