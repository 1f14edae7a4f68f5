"""CodeBuild, ECR and Lambda in memory.

Builds take their time, push their image or fail, known tokens start nothing, and a call of the function waits for its
turn.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.client import BaseClient

from tests.functions.shared.memory import refuse

PROJECT, REPOSITORY, TAG, FUNCTION = "project", "images", "a" * 64, "image-build"
LIMIT = "AccountLimitExceededException"
TOKEN_LIVES = timedelta(minutes=5)


@dataclass(frozen=True)
class Ending:
    """How a build ends, and after how many seconds."""

    status: str = "SUCCEEDED"
    phase: str = "BUILD"
    reason: str = "exit status 1"
    lasts: float = 60.0
    pushes: bool = True


PUSHES = Ending()
FAILS = Ending("FAILED", pushes=False)
NEVER_BEGINS = Ending("FAILED", "PROVISIONING", "ACCESS_DENIED", lasts=5.0, pushes=False)
NEVER_ENDS = Ending(lasts=1e6)


@dataclass
class Made:
    """One build that was started."""

    number: int
    tag: str
    start: datetime
    ending: Ending
    settled: bool = False

    @property
    def id(self) -> str:
        """As CodeBuild writes it."""
        return f"{PROJECT}:{self.number:036}"


@dataclass
class Workshop:
    """Everything that a build touches."""

    now: Callable[[], datetime]
    endings: Iterator[Ending] = field(default_factory=lambda: itertools.repeat(PUSHES))
    unseen_s: float = 0.0
    """For how long a new build is neither listed nor told about."""
    room: int | None = None
    """How many builds the account may have at once; None where there are always enough."""
    about: str | None = TAG
    """Which image the project builds, as CloudFormation has made it; None where there is no project."""
    images: set[str] = field(default_factory=set)
    builds: list[Made] = field(default_factory=list)
    refused: int = 0
    """Pushes of a tag that was there already."""
    invoked: list[dict[str, Any]] = field(default_factory=list)
    """The events that the function is to be called with, later."""
    tokens: dict[str, tuple[datetime, Mapping[str, Any], Made]] = field(default_factory=dict)

    def call(self, _client: BaseClient, operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer one call, as it is asked for at the present."""
        self._settle()
        match operation:
            case "DescribeImages":
                return self._describe(asked)
            case "ListBuildsForProject":
                return {"ids": [made.id for made in reversed(self.builds) if self._is_seen(made)]}
            case "BatchGetBuilds":
                return {"builds": [self._told(made) for made in self.builds if made.id in asked["ids"]]}
            case "BatchGetProjects":
                return {"projects": [] if self.about is None else [{"environment": _environment(self.about)}]}
            case "Invoke":
                assert (asked["FunctionName"], asked["InvocationType"]) == (FUNCTION, "Event")
                self.invoked.append(json.loads(asked["Payload"]))
                return {"StatusCode": 202}
            case "StartBuild":
                return {"build": self._told(self._start(asked))}
            case _:
                raise AssertionError(operation)

    def begin(self, tag: str = TAG, ending: Ending = PUSHES) -> Made:
        """Somebody else starts a build."""
        self.builds.append(Made(len(self.builds) + 1, tag, self.now(), ending))
        return self.builds[-1]

    def running(self) -> list[Made]:
        """What works now."""
        self._settle()
        return [made for made in self.builds if not made.settled]

    def _settle(self) -> None:
        for made in self.builds:
            if made.settled or self.now() < made.start + timedelta(seconds=made.ending.lasts):
                continue
            made.settled = True
            if made.ending.pushes and made.tag in self.images:
                made.ending = FAILS  # a tag is never overwritten
                self.refused += 1
            elif made.ending.pushes:
                self.images.add(made.tag)

    def _start(self, asked: Mapping[str, Any]) -> Made:
        if self.about is None:
            refuse("ResourceNotFoundException")
        token = asked["idempotencyToken"]
        if token in self.tokens:
            since, before, made = self.tokens[token]
            if self.now() < since + TOKEN_LIVES:
                assert before == asked, "CodeBuild refuses a token with other parameters"
                return made
        if self.room is not None and len(self.running()) >= self.room:
            said = f"Cannot have more than {self.room} builds in queue for the account"
            refuse(LIMIT, Error={"Code": LIMIT, "Message": said})
        [variable] = asked["environmentVariablesOverride"]
        made = self.begin(variable["value"], next(self.endings))
        self.tokens[token] = (self.now(), asked, made)
        return made

    def _describe(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        [image] = asked["imageIds"]
        if asked["repositoryName"] != REPOSITORY:
            refuse("RepositoryNotFoundException")
        if image["imageTag"] not in self.images:
            refuse("ImageNotFoundException")
        return {"imageDetails": [{"imageTags": [image["imageTag"]]}]}

    def _is_seen(self, made: Made) -> bool:
        return self.now() >= made.start + timedelta(seconds=self.unseen_s)

    def _told(self, made: Made) -> Mapping[str, Any]:
        """A build as CodeBuild describes it."""
        ended = made.ending
        last: dict[str, Any] = {"phaseType": ended.phase, "phaseStatus": ended.status}
        if ended.status != "SUCCEEDED":
            last["contexts"] = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": ended.reason}]
        return {
            "id": made.id,
            "buildStatus": ended.status if made.settled else "IN_PROGRESS",
            "environment": _environment(made.tag),
            "phases": [{"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED"}, *([last] if made.settled else [])],
            "logs": {"groupName": "group", "streamName": "stream", "deepLink": "https://console/log"},
        }


def _environment(tag: str) -> Mapping[str, Any]:
    return {"environmentVariables": [{"name": "IMAGE_TAG", "value": tag, "type": "PLAINTEXT"}]}
