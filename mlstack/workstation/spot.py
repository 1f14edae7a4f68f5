"""The Spot request behind a machine."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from mlstack.text import printable
from mlstack.workstation.machine import Machine
from mlstack.workstation.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client

INTERRUPTED = frozenset(
    {
        "instance-stopped-by-experiment",
        "instance-stopped-by-price",
        "instance-stopped-capacity-oversubscribed",
        "instance-stopped-no-capacity",
        "marked-for-stop-by-experiment",
    }
)
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html

Not among them is `marked-for-stop`: a request says that after a person's own stop too, until it has taken note of it.
"""
UNKNOWN_REQUEST = "InvalidSpotInstanceRequestID"


@dataclass(frozen=True, slots=True)
class SpotRequest:
    """What EC2 does with the machine when it ends."""

    one_time: bool
    """It cannot be stopped, only terminated."""
    status: str = ""
    """AWS's word for how it stands, such as instance-stopped-by-user."""

    @property
    def is_interrupted(self) -> bool:
        """Whether AWS has taken the machine away, and is the only one who may start it again."""
        return self.status in INTERRUPTED

    @property
    def shown(self) -> str:
        """What a person reads."""
        return f"{self.status}: AWS starts it again when it has room" if self.is_interrupted else self.status


def request_of(ec2: "EC2Client", machine: Machine, settings: Settings | None) -> SpotRequest | None:
    """The request of a Spot machine, None for one on demand.

    EC2 forgets a request some time after its end; then the settings say what was asked for.
    """
    if not machine.is_spot:
        return None
    found = _described(ec2, machine.spot_request) if machine.spot_request else None
    return found or assumed(settings)


def assumed(settings: Settings | None, status: str = "") -> SpotRequest:
    """What was asked for, as the settings say; without any, what is asked about before it is ended."""
    return SpotRequest(settings is None or settings.ends_by_terminating, status)


def _described(ec2: "EC2Client", request: str) -> SpotRequest | None:
    try:
        found = ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[request])["SpotInstanceRequests"]
    except ClientError as error:
        if not error.response.get("Error", {}).get("Code", "").startswith(UNKNOWN_REQUEST):
            raise
        return None
    return next(
        (
            SpotRequest(one.get("Type") != "persistent", printable(one.get("Status", {}).get("Code", "")))
            for one in found
        ),
        None,
    )
