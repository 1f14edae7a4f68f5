"""Jobs that a quota has no room for are refused, where a test has set the quota; the defaults refuse nothing here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from mlstack.local.json_service import Answer, Json, JsonService, ServiceError
from mlstack.local.service_quotas.instance_quota import quota_name

Client = Any
EXCEEDED = (
    "The account-level service limit '{quota}' is {limit:g} Instances, with current utilization of {used} Instances "
    "and a request delta of {wanted} Instances. Please use AWS Service Quotas to request an increase for this quota. "
    "If AWS Service Quotas is not available, contact AWS support to request an increase for this quota."
)
"""AWS's own words: https://repost.aws/knowledge-center/sagemaker-resource-limit-exceeded-error"""
REFUSED = "ResourceLimitExceeded"
RUNNING = frozenset({"InProgress", "Stopping"})


@dataclass(frozen=True, slots=True)
class Job:
    """How a kind of job says which instances it takes."""

    kind: str
    resources: tuple[str, ...]
    """The path to them in its request, and in its description."""

    @property
    def name(self) -> str:
        """The kind in lower case, as quotas and Python have it: ``training``."""
        return self.kind.removesuffix("Job").lower()


TRAINING = Job("TrainingJob", ("ResourceConfig",))
JOBS = {
    "CreateHyperParameterTuningJob": TRAINING,
    "CreateProcessingJob": Job("ProcessingJob", ("ProcessingResources", "ClusterConfig")),
    "CreateTrainingJob": TRAINING,
    "CreateTransformJob": Job("TransformJob", ("TransformResources",)),
}
"""The kind of job that an operation starts; a tuning job takes what its training jobs take."""


class Admission:
    """Counts the instances in use before it lets a job in."""

    def __init__(self, limits: Callable[[], Mapping[str, float]], client: Callable[[], Client]) -> None:
        self._limits = limits
        self._client = client
        self._lock = Lock()

    def guarding(self, service: JsonService) -> JsonService:
        """The same service, whose jobs are let in one after the other."""
        guarded = {name: self._guarded(JOBS[name], answer) for name, answer in service.answers.items() if name in JOBS}
        return replace(service, answers={**service.answers, **guarded})

    def _guarded(self, job: Job, answer: Answer) -> Answer:
        def guarded(asked: Json) -> Json | None:
            with self._lock:
                self._check(job, asked)
                return answer(asked)

        return guarded

    def _check(self, job: Job, asked: Json) -> None:
        definition = asked.get("TrainingJobDefinition")
        quota, wanted = taken(job, definition or asked)
        wanted *= _at_once(asked) if definition else 1
        limit = self._limits().get(quota)
        if limit is None:
            return
        used = sum(count for name, count in self._running(job) if name == quota)
        if used + wanted > limit:
            message = EXCEEDED.format(quota=quota, limit=limit, used=used, wanted=wanted)
            raise ServiceError(REFUSED, message)

    def _running(self, job: Job) -> Iterator[tuple[str, int]]:
        """The quotas and the instances of the jobs of a kind that run."""
        client = self._client()
        describe = getattr(client, f"describe_{job.name}_job")
        for page in client.get_paginator(f"list_{job.name}_jobs").paginate():
            for one in page[f"{job.kind}Summaries"]:
                if one[f"{job.kind}Status"] in RUNNING:
                    yield taken(job, describe(**{f"{job.kind}Name": one[f"{job.kind}Name"]}))


def taken(job: Job, said: Json) -> tuple[str, int]:
    """The quota that a job, or a request for one, counts against, and how many instances it takes."""
    resources: Json = said
    for name in job.resources:
        resources = resources.get(name, {})
    spot = "spot " if said.get("EnableManagedSpotTraining") else ""
    return quota_name(str(resources.get("InstanceType")), f"{spot}{job.name} job"), int(
        resources.get("InstanceCount", 1)
    )


def _at_once(tuning: Json) -> int:
    """How many training jobs a tuning job runs at a time."""
    return int(tuning["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"])
