"""Instances and the Spot requests that have launched them, as EC2 finds and terminates them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spot_release.refusal import to_each

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef, InstanceTypeDef

GOING, ENDED = "shutting-down", "terminated"


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """One that EC2 still knows, which it does for an hour after its end."""

    id: str
    state: str
    request: str | None
    """The Spot request that has launched it; none on demand."""

    @property
    def lives(self) -> bool:
        """Whether it costs, may do so again, or at least holds its network interface still."""
        return self.state != ENDED


def instances(client: "EC2Client", filters: "Sequence[FilterTypeDef]") -> list[Instance]:
    """All that fit all filters; other than for ids, EC2 does not refuse where nothing fits."""
    pages = client.get_paginator("describe_instances").paginate(Filters=filters)
    return [_read(told) for page in pages for group in page["Reservations"] for told in group["Instances"]]


def terminate(client: "EC2Client", doomed: Iterable[Instance]) -> None:
    """Terminate all that live and are not on their way already."""
    to_each(
        [one.id for one in doomed if one.lives and one.state != GOING],
        lambda name: client.terminate_instances(InstanceIds=[name]),
        "terminate it",
    )


def _read(told: "InstanceTypeDef") -> Instance:
    return Instance(
        id=told["InstanceId"], state=told["State"]["Name"], request=told.get("SpotInstanceRequestId") or None
    )
