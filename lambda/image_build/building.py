"""Builds an image unless it is there, once for everybody who asks."""

import logging
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from image_build.account_limit import has_no_room
from image_build.build import TAG, Build, read, running, token
from image_build.order import Order
from image_build.patience import Patience
from shared.custom_resource import UnfulfilledError
from shared.fault import code_of

if TYPE_CHECKING:
    from mypy_boto3_codebuild import CodeBuildClient
    from mypy_boto3_ecr import ECRClient

logger = logging.getLogger(__name__)

BUILDS = 3
"""So many are started at most where the ones before ran nothing."""
MOST_AT_ONCE = 100
"""BatchGetBuilds takes no more; what runs is among the newest."""


class NotBuiltError(UnfulfilledError):
    """The build ended, and the image is not there."""


def ensure(codebuild: "CodeBuildClient", ecr: "ECRClient", order: Order, *, until: datetime) -> None:
    """Return once the image is there: it was before, or a build pushed it, no matter whose.

    Raises:
        NotBuiltError: where the build failed.
        NoBuildsError: where the account may have no builds.
        OutOfTimeError: where it runs on, or waits for its turn, at ``until``.
        ClientError: for every refusal that will not pass, such as a missing permission.
    """
    patience = Patience(until, f"{order.tag} is not built yet: deploy again, which goes on from there")
    is_there = partial(_is_there, ecr, order)
    ended = 0
    while not patience.call(is_there):
        if build := _ended(codebuild, order, patience):
            if patience.call(is_there):
                return
            ended += 1
            if ended == BUILDS or not build.never_began:
                raise NotBuiltError(build.failure)
            logger.warning("once more: %s", build.failure)
        patience.pause()


def _ended(codebuild: "CodeBuildClient", order: Order, patience: Patience) -> Build | None:
    """A build of the image after its end, the one that runs or a new one; None where the account has no room for it."""
    newest = patience.call(partial(_newest, codebuild, order))
    build = running(newest, order.tag)
    if not build:
        # The token stays, so that a start whose answer was lost is no second build.
        build = patience.call(partial(_started, codebuild, order, token(newest, order.tag)))
    logger.info("%s: %s", order.tag, f"build {build.id}" if build else "other builds of the account come first")
    while build and build.runs:
        patience.pause()
        build = patience.call(partial(_looked_at, codebuild, build))
    return build


def _is_there(ecr: "ECRClient", order: Order) -> bool:
    try:
        ecr.describe_images(repositoryName=order.repository, imageIds=[{"imageTag": order.tag}])
    except ClientError as error:
        if code_of(error) != "ImageNotFoundException":
            raise
        return False
    return True


def _newest(codebuild: "CodeBuildClient", order: Order) -> list[Build]:
    """The project's last builds, the newest first."""
    return _builds(codebuild, codebuild.list_builds_for_project(projectName=order.project)["ids"][:MOST_AT_ONCE])


def _started(codebuild: "CodeBuildClient", order: Order, idempotency_token: str) -> Build | None:
    try:
        told = codebuild.start_build(
            projectName=order.project,
            idempotencyToken=idempotency_token,
            environmentVariablesOverride=[{"name": TAG, "value": order.tag, "type": "PLAINTEXT"}],
        )
    except ClientError as error:
        if not has_no_room(error):
            raise
        return None
    return read(told["build"])


def _looked_at(codebuild: "CodeBuildClient", build: Build) -> Build:
    """The build as it is now; as it was where CodeBuild does not know it yet."""
    return next(iter(_builds(codebuild, [build.id])), build)


def _builds(codebuild: "CodeBuildClient", ids: list[str]) -> list[Build]:
    return [read(told) for told in codebuild.batch_get_builds(ids=ids)["builds"]] if ids else []
