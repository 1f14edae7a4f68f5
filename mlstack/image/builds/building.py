"""Builds of a project in CodeBuild: whether an image is there, started once for everybody, looked at, explained."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from image_build.account_limit import NoBuildsError, has_no_room
from image_build.build import Build, read, running, token
from mlstack.account import Account
from mlstack.errors import UserError
from mlstack.image.builds.order import Order
from mlstack.text import printable
from shared.fault import code_of

if TYPE_CHECKING:
    from mypy_boto3_codebuild.client import CodeBuildClient
    from mypy_boto3_codebuild.type_defs import BuildTypeDef
    from mypy_boto3_ecr.client import ECRClient
    from mypy_boto3_logs.client import CloudWatchLogsClient

MOST_AT_ONCE = 100
"""BatchGetBuilds takes no more; what runs is among the newest."""
LAST_LINES = 20
OURS = "mlstack image build"
"""Told from what a deploy asks for: CodeBuild refuses a token that it knows with another request."""


@dataclass(frozen=True, slots=True)
class Look:
    """A build at one moment."""

    build: Build
    phases: tuple[str, ...]
    """Those that it has begun, in their order."""
    group: str
    stream: str
    """Where it logs; empty before it does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Builds:
    """The builds of an account."""

    codebuild: "CodeBuildClient"
    ecr: "ECRClient"
    logs: "CloudWatchLogsClient"

    @classmethod
    def of(cls, account: Account) -> "Builds":
        """Those of that account."""
        return cls(codebuild=account.client("codebuild"), ecr=account.client("ecr"), logs=account.client("logs"))

    def is_there(self, order: Order) -> bool:
        """Whether ECR has the image already."""
        try:
            self.ecr.describe_images(repositoryName=order.repository, imageIds=[{"imageTag": order.tag}])
        except ClientError as error:
            if code_of(error) != "ImageNotFoundException":
                raise
            return False
        return True

    def begin(self, order: Order) -> Look | None:
        """The build of the image that runs, or a new one; None where the account has no room for it now.

        Raises:
            UserError: where the account may have no builds at all.
        """
        ids = self.codebuild.list_builds_for_project(projectName=order.project)["ids"][:MOST_AT_ONCE]
        told = self._told(ids)
        newest = [read(one) for one in told]
        going = running(newest, order.tag)
        if going:
            return next(_look(one) for one in told if one.get("id") == going.id)
        once = hashlib.sha256(f"{OURS}\n{order.source.location}\n{token(newest, order.tag)}".encode()).hexdigest()
        request: dict[str, Any] = {"projectName": order.project, "idempotencyToken": once, **order.request}
        try:
            return _look(self.codebuild.start_build(**request)["build"])
        except ClientError as error:
            try:
                if not has_no_room(error):
                    raise
            except NoBuildsError as reason:
                raise UserError(printable(str(reason)).replace("deploy again", "say this again")) from error
            return None

    def look(self, look: Look) -> Look:
        """The build as it is now; as it was where CodeBuild does not know it yet."""
        return next((_look(one) for one in self._told([look.build.id])), look)

    def last_lines(self, look: Look) -> list[str]:
        """What a build logged last; raise UserError where that cannot be read."""
        if not look.stream:
            return []
        try:
            found = self.logs.get_log_events(
                logGroupName=look.group, logStreamName=look.stream, startFromHead=False, limit=LAST_LINES
            )
        except (BotoCoreError, ClientError) as error:
            message = f"its log cannot be read: {' '.join(str(error).split())}"
            raise UserError(printable(message)) from error
        lines = (line for event in found["events"] for line in str(event.get("message", "")).splitlines())
        return [printable(line.expandtabs(4), " ").rstrip() for line in lines if line.strip()][-LAST_LINES:]

    def _told(self, ids: Sequence[str]) -> list["BuildTypeDef"]:
        return self.codebuild.batch_get_builds(ids=list(ids))["builds"] if ids else []


def _look(told: "BuildTypeDef") -> Look:
    phases = [str(phase.get("phaseType", "")) for phase in told.get("phases", ())]
    logs = told.get("logs", {})
    return Look(
        build=read(told),
        phases=tuple(phase for phase in phases or [str(told.get("currentPhase", ""))] if phase),
        group=logs.get("groupName", ""),
        stream=logs.get("streamName", ""),
    )
