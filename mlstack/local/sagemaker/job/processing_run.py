"""A processing job at work: inputs in, containers run, outputs out."""

import json
import time
from pathlib import Path, PurePosixPath
from shutil import rmtree
from uuid import uuid4

from mlstack.local.container.process import Launch
from mlstack.local.json_service import Json
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.admission import missing, python, runnable
from mlstack.local.sagemaker.job.cluster import ENDING, Cluster
from mlstack.local.sagemaker.job.data import NOT_HERE, fetch, find
from mlstack.local.sagemaker.job.host import Host, hosts_of, mapped, read_text
from mlstack.local.sagemaker.job.processing_record import Processing
from mlstack.local.sagemaker.job.record import COMPLETED, STOPPED, JobError
from mlstack.local.sagemaker.job.surroundings import surroundings
from mlstack.local.sagemaker.job.upload import Mirror

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
LONGEST_RUN_S = 86400
CRASH = "AlgorithmError: See job logs for more information"
ROOT = PurePosixPath("/opt/ml/processing")


class ProcessingRun:
    """One processing job."""

    def __init__(self, hall: Hall, job: Processing) -> None:
        self._hall = hall
        self._job = job
        self._said = job.said
        self._folder = hall.folder / "jobs" / uuid4().hex
        self._synced = 0.0

    def __call__(self) -> None:
        """Run it to its end."""
        try:
            self._run()
        finally:
            rmtree(self._folder, ignore_errors=True)

    def _run(self) -> None:
        job, said = self._job, self._said["AppSpecification"]
        image = runnable(self._hall, said["ImageUri"])
        entrypoint = tuple(said.get("ContainerEntrypoint", ()))
        interpreter = python(image, entrypoint)
        hosts = hosts_of(self._said["ProcessingResources"]["ClusterConfig"], self._folder)
        job.begin()
        for number, host in enumerate(hosts):
            self._furnish(host, hosts)
            self._download(host, number, len(hosts))
        outputs = self._outputs(hosts)
        if job.stop_asked.is_set():
            job.end(STOPPED)
            return
        launches = {
            host.name: Launch(
                image=image,
                entrypoint=entrypoint,
                arguments=tuple(said.get("ContainerArguments", ())),
                environment=self._environment(host),
                python=interpreter,
                folder=host.base.parents[1] / "home",
            )
            for host in hosts
        }
        with Cluster(self._hall, job, LOG_GROUP, said["ImageUri"]) as cluster:
            cluster.start(launches, lambda _lines: None)
            stopped = cluster.watch(lambda: self._over(outputs)) or job.stop_asked.is_set()
            cluster.stop(self._hall.limits.stop_seconds if stopped else 0)
        if self._hall.closed:
            raise JobError(ENDING)
        job.message = "".join(read_text(host.base / "output" / "message") for host in hosts)[:1024]
        for mirror, continuous in outputs:
            if continuous or not (stopped or cluster.code):
                mirror.sync()
        if stopped:
            job.end(STOPPED)
        elif cluster.code:
            raise JobError(CRASH)
        else:
            job.end(COMPLETED)

    def _over(self, outputs: list[tuple[Mirror, bool]]) -> bool | None:
        """Whether not to go on; continuous outputs go to S3 on the way."""
        now = time.time()
        if now - self._synced > self._hall.limits.sync_seconds:
            self._synced = now
            for mirror, continuous in outputs:
                if continuous:
                    mirror.sync()
        longest = self._said.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", LONGEST_RUN_S)
        return self._job.stop_asked.is_set() or now - (self._job.started or now) > longest or None

    def _furnish(self, host: Host, hosts: list[Host]) -> None:
        """As in https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html."""
        for folder in ("config", "output", "processing"):
            (host.base / folder).mkdir(parents=True)
        told = {name: value for name, value in self._said.items() if name not in {"Tags", "ExperimentConfig"}}
        for name, value in (("processingjobconfig", told), ("resourceconfig", host.resources(hosts))):
            (host.base / "config" / f"{name}.json").write_text(json.dumps(value))

    def _download(self, host: Host, number: int, count: int) -> None:
        for wanted in self._said.get("ProcessingInputs", []):
            if wanted.get("AppManaged"):
                continue
            source = wanted.get("S3Input")
            if source is None or source.get("S3InputMode") == "Pipe":
                raise JobError(NOT_HERE.format(what="a pipe" if source else "a dataset definition"))
            found = find(self._hall.client, source)
            if not found:
                raise missing(self._hall, source, self._said["RoleArn"])
            if source.get("S3DataDistributionType") == "ShardedByS3Key":
                found = found[number::count]
            fetch(self._hall.client, found, self._place(host, source))

    def _outputs(self, hosts: list[Host]) -> list[tuple[Mirror, bool]]:
        """What brings every host's outputs to S3, and whether it does so all along."""
        made = []
        for wanted in self._said.get("ProcessingOutputConfig", {}).get("Outputs", []):
            target = wanted.get("S3Output")
            if wanted.get("AppManaged") or target is None:
                continue
            for host in hosts:
                folder = self._place(host, target)
                folder.mkdir(parents=True, exist_ok=True)
                mirror = Mirror(self._hall.client, folder, target["S3Uri"])
                made.append((mirror, target["S3UploadMode"] == "Continuous"))
        return made

    @staticmethod
    def _place(host: Host, said: Json) -> Path:
        return mapped(said.get("LocalPath") or str(ROOT), host.base / "processing", ROOT)

    def _environment(self, host: Host) -> dict[str, str]:
        isolated = self._said.get("NetworkConfig", {}).get("EnableNetworkIsolation", False)
        return {
            **surroundings(self._hall, isolated=isolated),
            "PROCESSING_JOB_NAME": self._job.name,
            "PROCESSING_JOB_ARN": self._job.arn,
            **self._said.get("Environment", {}),
            "SAGEMAKER_BASE_DIR": str(host.base),
            "SAGEMAKER_PROCESSING_DIR": str(host.base / "processing"),
        }
