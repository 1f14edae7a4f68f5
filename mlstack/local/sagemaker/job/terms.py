"""How a transform job asks its container: what the request says, else what the container wants, else what AWS takes."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from mlstack.local.container.served import UnreachableError
from mlstack.local.json_service import Json
from mlstack.local.sagemaker.job.record import JobError
from mlstack.local.sagemaker.job.records import Strategy
from mlstack.local.sagemaker.workload import Workload

PATIENCE_S = 2.0
PAYLOAD_MB = 6
MOST_AT_A_TIME = 100
"""As many requests of one megabyte as AWS sends at a time."""
ILL = "ClientError: the container's /execution-parameters say {said}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed on."""

    at_a_time: int
    strategy: Strategy
    payload_mb: int

    def __str__(self) -> str:
        """As AWS writes it into the log of the data."""
        return (
            f"MaxConcurrentTransforms={self.at_a_time}, MaxPayloadInMB={self.payload_mb}, "
            f"BatchStrategy={self.strategy.written}"
        )


def agreed(workload: Workload, said: Json) -> Terms:
    """The terms of a request for a container; JobError where the container wants what is none.

    As in https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html.
    """
    wanted = _wanted(workload)
    try:
        names = {one.written: one for one in Strategy}
        at_a_time = int(said.get("MaxConcurrentTransforms") or wanted.get("MaxConcurrentTransforms") or 1)
        payload = {"MaxPayloadInMB": PAYLOAD_MB, **wanted, **said}["MaxPayloadInMB"]
        return Terms(
            min(max(at_a_time, 1), MOST_AT_A_TIME),
            Strategy(said.get("BatchStrategy") or names[wanted.get("BatchStrategy", "MULTI_RECORD")]),
            max(int(payload), 0),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JobError(ILL.format(said=str(wanted)[:200])) from error


def _wanted(workload: Workload) -> Json:
    """What the container says it wants; nothing where it does not."""
    try:
        reply = workload.ask("/execution-parameters", PATIENCE_S)
        found: Json = json.loads(reply.body) if reply.status == HTTPStatus.OK else {}
    except (UnreachableError, ValueError):
        return {}
    return found
