"""Builds an image unless it is there, once for everybody who asks."""

import logging
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from image_build.account_limit import has_no_room
from image_build.build import IN_PROGRESS, TAG, Build, read, running, tag_of, token
from image_build.order import Order
from image_build.patience import Patience
from image_build.progress import Progress
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


def ensure(
    codebuild: "CodeBuildClient", ecr: "ECRClient", order: Order, progress: Progress, *, until: datetime
) -> None:
    """Return once the image is there: it was before, or a build pushed it, no matter whose.

    Goes on from ``progress``, and keeps it up to date for whoever goes on after ``until``.

    Raises:
        NotBuiltError: where the build failed.
        NoBuildsError: where the account may have no builds.
        OutOfTimeError: where it runs on, or waits for its turn, at ``until``.
        ClientError: for every refusal that will not pass, such as a missing permission.
    """
    patience = Patience(until, f"{order.tag} is not built yet: deploy again, which goes on from there")
    is_there = partial(_is_there, ecr, order)
    while not patience.call(is_there):
        if build := _ended(codebuild, order, progress, patience):
            if patience.call(is_there):
                return
            progress.build, progress.failed = "", progress.failed + 1
            if progress.failed >= BUILDS or not build.never_began:
                raise NotBuiltError(build.failure)
            logger.warning("once more: %s", build.failure)
        patience.pause()


def _ended(codebuild: "CodeBuildClient", order: Order, progress: Progress, patience: Patience) -> Build | None:
    """A build of the image after its end, known before or not; None where none can begin now."""
    build: Build | None = Build(progress.build, order.tag, IN_PROGRESS)
    if not progress.build:
        build = _begun(codebuild, order, patience)
        progress.build = build.id if build else ""
    while build and build.runs:
        patience.pause()
        build = patience.call(partial(_looked_at, codebuild, build))
    return build


def _begun(codebuild: "CodeBuildClient", order: Order, patience: Patience) -> Build | None:
    """The build that runs or a new one; None where the account has no room for it, or nobody wants it any more."""
    newest = patience.call(partial(_newest, codebuild, order))
    build = running(newest, order.tag)
    if not build:
        if not patience.call(partial(_is_wanted, codebuild, order)):
            logger.warning("%s: the project builds another image by now", order.tag)
            return None
        # The token stays, so that a start whose answer was lost is no second build.
        build = patience.call(partial(_started, codebuild, order, token(newest, order.tag)))
    logger.info("%s: %s", order.tag, f"build {build.id}" if build else "other builds of the account come first")
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


def _is_wanted(codebuild: "CodeBuildClient", order: Order) -> bool:
    """Whether the project is still about this image, or gone, which StartBuild then says.

    CloudFormation may have given up while the image waited for its turn, and put the project back: it would build the
    old source, and push it under the new tag for good.
    """
    projects = codebuild.batch_get_projects(names=[order.project])["projects"]
    return all(tag_of(project.get("environment")) == order.tag for project in projects)


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
