"""What CodeBuild tells of a build: whether it runs, and if it failed, where and why."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.custom_resource import LONGEST_REASON

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import (
        BuildPhaseTypeDef,
        BuildTypeDef,
        LogsLocationTypeDef,
        ProjectEnvironmentOutputTypeDef,
    )

TAG = "IMAGE_TAG"
"""The variable that says which tag a build pushes."""
IN_PROGRESS, SUCCEEDED = "IN_PROGRESS", "SUCCEEDED"
BEFORE_ANY_COMMAND = frozenset({"SUBMITTED", "PROVISIONING", "DOWNLOAD_SOURCE"})
LONGEST_LOG = 250


@dataclass(frozen=True, slots=True)
class Build:
    """One build; ``phase`` is the first that did not end well, ``log`` is empty where nothing was logged."""

    id: str
    tag: str
    status: str
    phase: str = ""
    reason: str = ""
    log: str = ""

    @property
    def runs(self) -> bool:
        """Whether it waits for its turn or works."""
        return self.status == IN_PROGRESS

    @property
    def never_began(self) -> bool:
        """Whether it failed before it ran anything of ours: a role made a moment ago is not known everywhere yet."""
        return self.status in {"FAILED", "FAULT"} and self.phase in BEFORE_ANY_COMMAND

    @property
    def failure(self) -> str:
        """Why there is no image, and where to read on, as short as CloudFormation wants it."""
        said = ": ".join(part for part in (self.phase, self.reason) if part)
        ended = "it succeeded, but pushed none" if self.status == SUCCEEDED else said or f"it ended as {self.status}"
        where = f" (log: {self.log})" if self.log else f" (build {self.id})"
        return f"no image: {ended}"[: LONGEST_REASON - len(where)] + where


def read(told: "BuildTypeDef") -> Build:
    """A build as CodeBuild describes it."""
    failed = next((phase for phase in told.get("phases", []) if _failed(phase)), None)
    return Build(
        id=told.get("id", ""),
        tag=tag_of(told.get("environment")),
        status=told.get("buildStatus", IN_PROGRESS),
        phase=failed.get("phaseType", "") if failed else "",
        reason=_reason(failed) if failed else "",
        log=_log(told.get("logs", {})),
    )


def tag_of(environment: "ProjectEnvironmentOutputTypeDef | None") -> str:
    """The tag that a build in this environment pushes."""
    variables = environment.get("environmentVariables", []) if environment else []
    return next((one["value"] for one in variables if one["name"] == TAG), "")


def running(builds: Iterable[Build], tag: str) -> Build | None:
    """A build of ``tag`` that need not be started again."""
    return next((build for build in builds if build.runs and build.tag == tag), None)


def token(builds: Iterable[Build], tag: str) -> str:
    """What makes the same request once more the same request: nothing ended since.

    CodeBuild answers a known token with the build that it started, so two that ask at once share one build, while one
    who asks after a failure gets a new one.
    """
    ended = sorted(build.id for build in builds if build.tag == tag)
    return hashlib.sha256("\n".join((tag, *ended)).encode()).hexdigest()


def _failed(phase: "BuildPhaseTypeDef") -> bool:
    return phase.get("phaseStatus", SUCCEEDED) not in {IN_PROGRESS, SUCCEEDED}


def _reason(phase: "BuildPhaseTypeDef") -> str:
    said = (": ".join(filter(None, (one.get("statusCode"), one.get("message")))) for one in phase.get("contexts", []))
    return " ".join("; ".join(filter(None, said)).split()) or phase.get("phaseStatus", "")


def _log(logs: "LogsLocationTypeDef") -> str:
    """A link to the log, or its name where the link would leave no room for the reason."""
    stream, link = logs.get("streamName", ""), logs.get("deepLink", "")
    if not stream:
        return ""
    return link if 0 < len(link) <= LONGEST_LOG else f"{logs.get('groupName', '')} {stream}"[-LONGEST_LOG:]
