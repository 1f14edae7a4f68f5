"""Spot requests, as EC2 finds and cancels them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from spot_release.refusal import to_each

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef

OVER = frozenset({"cancelled", "closed", "completed", "failed"})
"""The states in which a request launches nothing any more. In all others it does, or may: a request whose instance was
stopped is disabled, and one that was interrupted is open."""


def states(client: "EC2Client", filters: "Sequence[FilterTypeDef]") -> dict[str, str]:
    """The states, by their ids, of the requests that fit all filters."""
    pages = client.get_paginator("describe_spot_instance_requests").paginate(Filters=filters)
    return {one["SpotInstanceRequestId"]: one["State"] for page in pages for one in page["SpotInstanceRequests"]}


def cancel(client: "EC2Client", requests: Iterable[str]) -> None:
    """Cancel them; the next look says whether they are over.

    To cancel the request of a stopped instance terminates the instance, which is what follows anyway.
    """
    to_each(requests, lambda name: client.cancel_spot_instance_requests(SpotInstanceRequestIds=[name]), "cancel it")
