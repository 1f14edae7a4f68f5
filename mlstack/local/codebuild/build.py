"""One run of a project: its phases as CodeBuild tells them, done one after the other."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlstack.local.codebuild.buildspec import PHASES, BuildspecError, commands
from mlstack.local.codebuild.source import Client, SourceError, fetch
from mlstack.local.codebuild.workshop import CommandError, Workshop
from mlstack.local.container.image import Images

Json = dict[str, Any]
Log = Callable[[list[str]], None]
SUCCEEDED, FAILED, STOPPED, IN_PROGRESS = "SUCCEEDED", "FAILED", "STOPPED", "IN_PROGRESS"
CODES: dict[type[Exception], str] = {
    SourceError: "CLIENT_ERROR",
    BuildspecError: "YAML_FILE_ERROR",
    CommandError: "COMMAND_EXECUTION_ERROR",
}
"""What CodeBuild calls each kind of failure."""


class BuildFailedError(Exception):
    """A phase has failed; the build says why."""


@dataclass(slots=True)
class Build:
    """A build that runs or has run."""

    name: str
    number: int
    project: Json
    """The project as it was when the build began, with what the request changed."""
    environment: dict[str, str]
    logs: Json
    began: float
    status: str = IN_PROGRESS
    ended: float | None = None
    phases: list[Json] = field(default_factory=list)
    stopped: bool = False

    def run(self, images: Images, account: str, client: Client, log: Log) -> None:
        """Go through every phase until one fails."""
        try:
            with tempfile.TemporaryDirectory() as folder:
                self._run(Workshop(Path(folder), images, account, client, lambda line: log([line])))
            self.status = STOPPED if self.stopped else SUCCEEDED
        except BuildFailedError:
            self.status = FAILED
            log([str(self.phases[-1]["contexts"][0]["message"])])
        self.ended = time.time()
        self.phases.append({"phaseType": "COMPLETED", "startTime": self.ended})

    def _run(self, workshop: Workshop) -> None:
        for phase in ("SUBMITTED", "QUEUED", "PROVISIONING"):
            with self._phase(phase):
                pass
        with self._phase("DOWNLOAD_SOURCE"):
            fetch(self.project["source"], workshop.source, workshop.client)
            found = commands(self._buildspec(workshop.source), self.environment)
        for phase in PHASES:
            with self._phase(phase.upper()):
                for command in found:
                    if command.phase == phase and not self.stopped:
                        workshop.do(command)
        with self._phase("UPLOAD_ARTIFACTS"):
            pass
        with self._phase("FINALIZING"):
            if not workshop.pushed and not self.stopped:
                message = "nothing was pushed: the local AWS builds container images and nothing else"
                raise BuildspecError(message)

    def _buildspec(self, folder: Path) -> str:
        """The project's own text, or a file of the source."""
        said = str(self.project["source"].get("buildspec") or "buildspec.yml")
        if "\n" in said or said.lstrip().startswith("{"):
            return said
        if not (folder / said).is_file():
            message = f"YAML_FILE_ERROR: stat {said}: no such file or directory"
            raise BuildspecError(message)
        return (folder / said).read_text(encoding="utf-8")

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        phase: Json = {"phaseType": name, "startTime": time.time(), "contexts": []}
        self.phases.append(phase)
        try:
            yield
            phase["phaseStatus"] = SUCCEEDED
        except (SourceError, BuildspecError, CommandError) as error:
            code = CODES[type(error)]
            phase |= {"phaseStatus": FAILED, "contexts": [{"statusCode": code, "message": str(error)}]}
            raise BuildFailedError from error
        finally:
            phase["endTime"] = time.time()
            phase["durationInSeconds"] = int(phase["endTime"] - phase["startTime"])

    def told(self, arn: str) -> Json:
        """The build as CodeBuild describes it."""
        done = {"endTime": self.ended} if self.ended else {}
        return {
            "id": self.name,
            "arn": arn,
            "buildNumber": self.number,
            "projectName": self.project["name"],
            "startTime": self.began,
            **done,
            "currentPhase": self.phases[-1]["phaseType"] if self.phases else "SUBMITTED",
            "buildStatus": self.status,
            "buildComplete": self.ended is not None,
            "phases": [dict(phase) for phase in self.phases],
            "source": self.project["source"],
            "artifacts": self.project.get("artifacts", {}),
            "environment": self.project["environment"],
            "serviceRole": self.project["serviceRole"],
            "timeoutInMinutes": self.project["timeoutInMinutes"],
            "queuedTimeoutInMinutes": self.project["queuedTimeoutInMinutes"],
            "initiator": "local",
            "logs": self.logs,
        }
