"""A transform job at work: the model's own container is asked about every object, and its answers are stored."""

import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from botocore.exceptions import ClientError

from mlstack.local import log_stream
from mlstack.local.container.served import Reply, UnreachableError
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.admission import missing
from mlstack.local.sagemaker.job.data import Object, find
from mlstack.local.sagemaker.job.record import COMPLETED, STOPPED, JobError
from mlstack.local.sagemaker.job.records import PayloadError, Strategy, assembled, opened, requests
from mlstack.local.sagemaker.job.terms import Terms, agreed
from mlstack.local.sagemaker.job.transform_record import Transform
from mlstack.local.sagemaker.job.upload import put
from mlstack.local.sagemaker.location import below
from mlstack.local.sagemaker.model import containers
from mlstack.local.sagemaker.workload import NotRunnableError, NotServedError, Workload

LOG_GROUP = "/aws/sagemaker/TransformJobs"
TIMEOUT_S = 600
GONE_S = 0.1
"""How long a container that closed a connection has to be gone, so that the next object gets a new one."""
NO_ANSWER = "Unable to get response from algorithm"
BAD_STATUS = "Bad HTTP status received from algorithm: {status}"
SEE_LOGS = "{who}: See job logs for more information"
NOT_FILTERED = "the local AWS cannot filter or join records (DataProcessing)"


class RefusedError(Exception):
    """An object that the container did not answer; whose fault that is."""


class TransformRun:
    """One transform job."""

    def __init__(self, hall: Hall, job: Transform) -> None:
        self._hall = hall
        self._job = job
        self._said = job.said
        self._client = job.said.get("ModelClientConfig", {})

    def __call__(self) -> None:
        """Run it to its end."""
        job = self._job
        plain = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
        if {**plain, **self._said.get("DataProcessing", {})} != plain:
            raise JobError(NOT_FILTERED)
        [first, *rest] = containers(job.model)
        environment = {**first.get("Environment", {}), **self._said.get("Environment", {}), **self._batch()}
        workload = Workload(
            self._hall,
            [{**first, "Environment": environment}, *rest],
            owner=job.name,
            log_group=LOG_GROUP,
            variant=job.name,
        )
        try:
            workload.start()
            job.begin()
            job.cut_off = lambda: workload.stop(0)
            self._work(workload)
        except NotRunnableError as error:
            raise JobError(str(error)) from error
        except NotServedError as error:
            raise JobError(SEE_LOGS.format(who="AlgorithmError") + f" ({error})") from error
        finally:
            workload.stop()

    def _work(self, workload: Workload) -> None:
        job, source = self._job, self._said["TransformInput"]["DataSource"]["S3DataSource"]
        terms = agreed(workload, self._said)
        self._log([str(terms)])
        found = find(self._hall.client, source)
        if not found:
            raise missing(self._hall, source, job.model["ExecutionRoleArn"])
        whole = self._said["TransformInput"].get("SplitType", "None") == "None"
        with ThreadPoolExecutor(max_workers=terms.at_a_time if whole else 1) as callers:
            answers = list(callers.map(lambda one: self._transformed(workload, one, terms), found))
        if job.stop_asked.is_set():
            job.end(STOPPED)
            return
        for one, answer in zip(found, answers, strict=True):
            if isinstance(answer, bytes):
                put(self._hall.client, below(self._said["TransformOutput"]["S3OutputPath"], f"{one.name}.out"), answer)
        blamed = next((str(answer) for answer in answers if isinstance(answer, RefusedError)), "")
        if blamed:
            raise JobError(SEE_LOGS.format(who=blamed))
        job.end(COMPLETED)

    def _transformed(self, workload: Workload, one: Object, terms: Terms) -> bytes | RefusedError:
        """The answer for a whole object, or whose fault it is that a part of it got none."""
        try:
            return self._answered(workload, one, terms)
        except RefusedError as error:
            return error

    def _answered(self, workload: Workload, one: Object, terms: Terms) -> bytes:
        said, named = self._said["TransformInput"], f"{one.bucket}/{one.key}"
        if self._job.stop_asked.is_set():
            raise RefusedError("nobody")  # noqa: EM101 - nobody is to blame
        try:
            data = self._hall.client("s3").get_object(Bucket=one.bucket, Key=one.key)["Body"].read()
            sent = list(requests(opened(data, said), said.get("SplitType", "None"), terms.strategy, terms.payload_mb))
        except (ClientError, PayloadError) as error:
            self._log([f"{named}: ClientError: {error}"])
            raise RefusedError("ClientError") from error  # noqa: EM101 - who is to blame
        with ThreadPoolExecutor(max_workers=terms.at_a_time) as callers:
            answers = list(callers.map(lambda body: self._answer(workload, named, body), sent))
        return assembled(answers, self._said["TransformOutput"].get("AssembleWith", "None"))

    def _answer(self, workload: Workload, named: str, body: bytes) -> bytes:
        reply: Reply | None = None
        for _ in range(1 + self._client.get("InvocationsMaxRetries", 0)):
            if self._job.stop_asked.is_set():
                break
            reply = self._asked(workload, body)
            if reply is not None and reply.status == HTTPStatus.OK:
                return reply.body
        if reply is None:
            self._log([f"{named}: {NO_ANSWER}"])
            raise RefusedError("AlgorithmError")  # noqa: EM101 - who is to blame
        ours = HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
        said = f"ClientError: {reply.status}" if ours else BAD_STATUS.format(status=reply.status)
        told = reply.body.decode(errors="replace")[:1024].splitlines()
        self._log([f"{named}: {line}" for line in (said, "", "Message:", *told)])
        raise RefusedError("ClientError" if ours else "AlgorithmError")

    def _asked(self, workload: Workload, body: bytes) -> Reply | None:
        """The container's reply; nothing where there was none."""
        kind, accept = self._said["TransformInput"].get("ContentType"), self._said["TransformOutput"].get("Accept")
        headers = {name: value for name, value in (("Content-Type", kind), ("Accept", accept)) if value}
        try:
            timeout = self._client.get("InvocationsTimeoutInSeconds", TIMEOUT_S)
            return workload.invoke(body, headers, timeout, idle_s=None)
        except (UnreachableError, NotServedError):
            time.sleep(GONE_S)
            return None

    def _batch(self) -> dict[str, str]:
        """What a container is told of the job."""
        told = {"SAGEMAKER_BATCH": "true"}
        named = {"MaxPayloadInMB": "MAX_PAYLOAD_IN_MB", "MaxConcurrentTransforms": "MAX_CONCURRENT_TRANSFORMS"}
        told |= {f"SAGEMAKER_{word}": str(self._said[name]) for name, word in named.items() if name in self._said}
        if "BatchStrategy" in self._said:
            told["SAGEMAKER_BATCH_STRATEGY"] = Strategy(self._said["BatchStrategy"]).written
        return told

    def _log(self, lines: list[str]) -> None:
        """Into the log of the data, beside the container's own."""
        here = self._hall.place
        stream = f"{self._job.name}/data-log"
        log_stream.write(here.account, here.region, LOG_GROUP, stream, [f"[sagemaker logs]: {line}" for line in lines])
