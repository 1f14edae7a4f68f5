"""A transform job at work: the model's own container is asked about every object, and its answers are stored."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus

from botocore.exceptions import ClientError

from mlstack.local import log_stream
from mlstack.local.container.served import Reply, UnreachableError
from mlstack.local.json_service import Json
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.admission import missing
from mlstack.local.sagemaker.job.data import Object, find
from mlstack.local.sagemaker.job.record import COMPLETED, STOPPED, JobError
from mlstack.local.sagemaker.job.records import PayloadError, Strategy, assembled, opened, requests
from mlstack.local.sagemaker.job.transform_record import Transform
from mlstack.local.sagemaker.job.upload import put
from mlstack.local.sagemaker.location import below
from mlstack.local.sagemaker.model import containers
from mlstack.local.sagemaker.workload import NotRunnableError, NotServedError, Workload

LOG_GROUP = "/aws/sagemaker/TransformJobs"
TIMEOUT_S = 600
MOST_AT_A_TIME = 100
"""As many requests of one megabyte as AWS sends at a time."""
PAYLOAD_MB = 6
PARAMETERS_S = 2.0
GONE_S = 0.1
"""How long a container that closed a connection has to be gone, so that the next object gets a new one."""
NO_ANSWER = "Unable to get response from algorithm"
BAD_STATUS = "Bad HTTP status received from algorithm: {status}"
SEE_LOGS = "{who}: See job logs for more information"
NOT_FILTERED = "the local AWS cannot filter or join records (DataProcessing)"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a container is asked."""

    at_a_time: int
    strategy: Strategy
    payload_mb: int


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
        terms = self._terms(workload)
        self._log([_terms_line(terms)])
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

    def _terms(self, workload: Workload) -> Terms:
        """What the request says, else what the container wants, else what AWS takes.

        As in https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html.
        """
        wanted: Json = {}
        try:
            reply = workload.ask("/execution-parameters", PARAMETERS_S)
            if reply.status == HTTPStatus.OK:
                wanted = json.loads(reply.body)
        except (UnreachableError, ValueError):
            wanted = {}
        try:
            names = {one.written: one for one in Strategy}
            at_a_time = int(self._said.get("MaxConcurrentTransforms") or wanted.get("MaxConcurrentTransforms") or 1)
            payload = {"MaxPayloadInMB": PAYLOAD_MB, **wanted, **self._said}["MaxPayloadInMB"]
            return Terms(
                min(max(at_a_time, 1), MOST_AT_A_TIME),
                Strategy(self._said.get("BatchStrategy") or names[wanted.get("BatchStrategy", "MULTI_RECORD")]),
                max(int(payload), 0),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"ClientError: the container's /execution-parameters say {str(wanted)[:200]}"
            raise JobError(message) from error

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


def _terms_line(terms: Terms) -> str:
    return (
        f"MaxConcurrentTransforms={terms.at_a_time}, MaxPayloadInMB={terms.payload_mb}, "
        f"BatchStrategy={terms.strategy.written}"
    )
