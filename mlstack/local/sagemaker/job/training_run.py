"""A training job at work: data in, containers run, checkpoints and the model out."""

import time
from enum import Enum, auto
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

from mlstack.local.container.image import Image
from mlstack.local.container.process import Launch
from mlstack.local.container.served import free_port
from mlstack.local.json_service import Json
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.admission import missing, python, runnable
from mlstack.local.sagemaker.job.cluster import ENDING, Cluster
from mlstack.local.sagemaker.job.data import NOT_HERE, fetch, find
from mlstack.local.sagemaker.job.host import Host, hosts_of, mapped
from mlstack.local.sagemaker.job.record import COMPLETED, FAILED, STOPPED, JobError
from mlstack.local.sagemaker.job.surroundings import surroundings
from mlstack.local.sagemaker.job.training_record import LONGEST_RUN_S, Training
from mlstack.local.sagemaker.job.upload import Mirror, archive, plain
from mlstack.local.sagemaker.location import below

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
CHECKPOINTS = "/opt/ml/checkpoints"
CRASH = "AlgorithmError: {why}, exit code: {code}"


class Cause(Enum):
    """Why the containers are not waited for any longer."""

    STOPPED = auto()
    MAX_RUNTIME = auto()
    MAX_WAIT = auto()
    INTERRUPTED = auto()


SECONDARY = {
    Cause.STOPPED: "Stopped",
    Cause.MAX_RUNTIME: "MaxRuntimeExceeded",
    Cause.MAX_WAIT: "MaxWaitTimeExceeded",
}


class TrainingRun:
    """One training job's attempts, one after the other."""

    def __init__(self, hall: Hall, job: Training) -> None:
        self._hall = hall
        self._job = job
        self._said = job.said
        self._folder = hall.folder / "jobs" / uuid4().hex
        self._interrupted = 0
        self._synced = 0.0
        self._fresh = False
        """Whether this attempt has brought a checkpoint to S3."""

    def __call__(self) -> None:
        """Run it to its end."""
        job = self._job
        try:
            image = runnable(self._hall, str(self._said["AlgorithmSpecification"].get("TrainingImage")))
            cause: Cause | None = Cause.INTERRUPTED
            while cause is Cause.INTERRUPTED:
                began = time.time()
                cause = self._attempt(image)
                job.billed_s += time.time() - began
                if cause is Cause.INTERRUPTED:
                    self._interrupted += 1
                    job.go("Interrupted")
            if job.stop_asked.is_set():  # even where it ended by itself in the meantime
                cause = Cause.STOPPED
            if cause is None:
                job.finish(COMPLETED)
            else:
                job.finish(STOPPED, secondary=SECONDARY[cause])
        except JobError as error:
            job.finish(FAILED, str(error))
        finally:
            if not job.over:
                job.go("Failed")  # whoever called ends it: something of the local AWS itself went wrong
            rmtree(self._folder, ignore_errors=True)

    def _attempt(self, image: Image) -> Cause | None:
        job, self._fresh = self._job, False
        rmtree(self._folder, ignore_errors=True)
        hosts = hosts_of(self._said["ResourceConfig"], self._folder)
        job.go("Starting", "Preparing the instances for training")
        job.begin()
        job.go("Downloading")
        for host in hosts:
            host.furnish(self._said, hosts)
        mirrors = self._checkpoints(hosts)
        for number, host in enumerate(hosts):
            self._download(host, number, len(hosts))
        if job.stop_asked.is_set():
            return Cause.STOPPED
        job.go("Training")
        with Cluster(self._hall, job, LOG_GROUP, image_of(self._said)) as cluster:
            cluster.start(self._launches(image, hosts), job.metrics.hear)
            cause = cluster.watch(lambda: self._cause(mirrors))
            cluster.stop(self._hall.limits.stop_seconds if cause else 0)
            code = 0 if cause else cluster.code
        if self._hall.closed:
            raise JobError(ENDING)
        for mirror in mirrors:
            mirror.sync()
        if cause is not Cause.INTERRUPTED:
            self._upload(hosts)
        if code and not job.stop_asked.is_set():
            why = next((said for said in (host.failure() for host in hosts) if said), "")
            raise JobError(CRASH.format(why=why[:900], code=code))
        return cause

    def _cause(self, mirrors: list[Mirror]) -> Cause | None:
        """Why not to go on; checkpoints go to S3 on the way."""
        job, now, limits = self._job, time.time(), self._said.get("StoppingCondition", {})
        if job.stop_asked.is_set():
            return Cause.STOPPED
        if now - (job.started or now) > limits.get("MaxRuntimeInSeconds", LONGEST_RUN_S):
            return Cause.MAX_RUNTIME
        if "MaxWaitTimeInSeconds" in limits and now - job.created > limits["MaxWaitTimeInSeconds"]:
            return Cause.MAX_WAIT
        if now - self._synced > self._hall.limits.sync_seconds:
            self._synced = now
            self._fresh |= sum(mirror.sync() for mirror in mirrors) > 0
        if job.spot and self._fresh and self._interrupted < self._hall.limits.interruptions:
            return Cause.INTERRUPTED
        return None

    def _checkpoints(self, hosts: list[Host]) -> list[Mirror]:
        """What keeps every host's checkpoints like those in S3, already filled with them."""
        said = self._said.get("CheckpointConfig")
        if not said:
            return []
        folders = [mapped(said.get("LocalPath") or CHECKPOINTS, host.base) for host in hosts]
        mirrors = [Mirror(self._hall.client, folder, said["S3Uri"]) for folder in folders]
        for mirror in mirrors:
            mirror.fill()
        return mirrors

    def _download(self, host: Host, number: int, count: int) -> None:
        for channel in self._said.get("InputDataConfig", []):
            source = channel["DataSource"].get("S3DataSource")
            mode = channel.get("InputMode", self._said["AlgorithmSpecification"]["TrainingInputMode"])
            if source is None or mode == "Pipe":
                raise JobError(NOT_HERE.format(what="a pipe" if source else "a file system"))
            found = find(self._hall.client, source)
            if not found:
                raise missing(self._hall, source, self._said["RoleArn"])
            if source.get("S3DataDistributionType") == "ShardedByS3Key":
                found = found[number::count]
            fetch(self._hall.client, found, host.base / "input" / "data" / channel["ChannelName"])
            if self._job.stop_asked.is_set():
                return

    def _launches(self, image: Image, hosts: list[Host]) -> dict[str, Launch]:
        said = self._said["AlgorithmSpecification"]
        entrypoint = tuple(said.get("ContainerEntrypoint", ()))
        isolated = bool(self._said.get("EnableNetworkIsolation"))
        arguments = tuple(said.get("ContainerArguments", ())) if entrypoint else ("train",)
        interpreter, environment = python(image, entrypoint), surroundings(self._hall, isolated=isolated)
        together = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())} if len(hosts) > 1 else {}
        return {
            host.name: Launch(
                image=image,
                entrypoint=entrypoint,
                arguments=arguments,
                environment={
                    **environment,
                    **together,
                    "TRAINING_JOB_NAME": self._job.name,
                    "TRAINING_JOB_ARN": self._job.arn,
                    **self._said.get("Environment", {}),
                    "CUDA_VISIBLE_DEVICES": "",  # whatever its instance type is, it runs on this machine's processors
                    "SAGEMAKER_BASE_DIR": str(host.base),
                },
                python=interpreter,
                folder=host.base.parents[1] / "home",
            )
            for host in hosts
        }

    def _upload(self, hosts: list[Host]) -> None:
        """The model and whatever else the containers left, as AWS stores them even where a job fails."""
        job, client = self._job, self._hall.client
        job.go("Uploading")
        output = below(self._said["OutputDataConfig"]["S3OutputPath"], job.name, "output")
        for kind, target in (("model", "model"), ("output/data", "output")):
            folders: list[Path] = [host.base / kind for host in hosts]
            if job.uncompressed:
                plain(client, folders, below(output, target))
            else:
                archive(client, folders, below(output, f"{target}.tar.gz"))


def image_of(said: Json) -> str:
    """The image that a training job names."""
    algorithm = said["AlgorithmSpecification"]
    return str(algorithm.get("TrainingImage") or algorithm.get("AlgorithmName"))
