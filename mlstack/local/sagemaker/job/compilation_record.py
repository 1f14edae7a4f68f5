"""A compilation job as SageMaker keeps and tells it; its statuses are in capitals."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.job.record import Job
from mlstack.local.sagemaker.location import below

OVER = frozenset({"COMPLETED", "FAILED", "STOPPED"})


@dataclass(kw_only=True)
class Compilation(Job):
    """A compilation job."""

    status: str = "STARTING"
    digest: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing changes any more."""
        return self.status in OVER

    @property
    def target(self) -> str:
        """What it compiles for, in one word."""
        said = self.said["OutputConfig"]
        platform = said.get("TargetPlatform", {})
        return str(
            said.get("TargetDevice")
            or "_".join(platform[name] for name in ("Os", "Arch", "Accelerator") if name in platform)
        )

    @property
    def artifacts(self) -> str:
        """Where the compiled model goes: beside its own name that of the target."""
        name = PurePosixPath(self.said["InputConfig"]["S3Uri"]).name.removesuffix(".tar.gz")
        return below(self.said["OutputConfig"]["S3OutputLocation"], f"{name}-{self.target}.tar.gz")

    def reach(self, status: str) -> None:
        """Reach another status, unless somebody wants it to end."""
        with self.lock:
            if not self.stop_asked.is_set():
                self.status = status
                self.touch()

    def stop(self) -> None:
        """Somebody wants it to end."""
        with self.lock:
            super().stop()
            if not self.over:
                self.status = "STOPPING"

    def end(self, status: str, why: str = "") -> None:
        """It is over."""
        super().end(status.upper(), why)


def described(job: Compilation) -> Json:
    """What DescribeCompilationJob answers."""
    with job.lock:
        done = job.status == "COMPLETED"
        return {
            **job.asked_for(),
            "CompilationJobName": job.name,
            "CompilationJobArn": job.arn,
            "CompilationJobStatus": job.status,
            "ModelArtifacts": {"S3ModelArtifacts": job.artifacts if done else ""},
            **({"ModelDigests": {"ArtifactDigest": job.digest}} if done else {}),
            "FailureReason": "",
            **job.times("Compilation"),
            **job.dates,
        }


def summary(job: Compilation) -> Json:
    """What a list says of it."""
    with job.lock:
        said = job.said["OutputConfig"]
        platform = said.get("TargetPlatform", {})
        optional = {
            "CompilationTargetDevice": said.get("TargetDevice"),
            **{f"CompilationTargetPlatform{name}": value for name, value in platform.items()},
        }
        times = {name: value for name, value in job.times("Compilation").items() if name != "FailureReason"}
        return {
            "CompilationJobName": job.name,
            "CompilationJobArn": job.arn,
            "CompilationJobStatus": job.status,
            **{name: value for name, value in optional.items() if value is not None},
            **times,
            **job.dates,
        }
