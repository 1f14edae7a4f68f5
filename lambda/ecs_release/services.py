"""The services of a cluster, as ECS finds them and sets them to zero."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.cluster import CLUSTER_GONE, batches, is_gone
from shared.fault import code_of
from shared.refusal import to_each

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

BATCH = 10
"""What ECS describes of services at a time."""
OVER = frozenset({"ServiceNotActiveException", "ServiceNotFoundException"})


@dataclass(frozen=True, slots=True)
class Service:
    """One that starts tasks, as many as it is to have."""

    name: str
    desired: int


def services(client: "ECSClient", cluster: str) -> list[Service]:
    """All that are active, whoever made them; those that are on their way out, or gone, start nothing."""
    try:
        pages = client.get_paginator("list_services").paginate(cluster=cluster)
        arns = [arn for page in pages for arn in page["serviceArns"]]
        described = [
            one
            for batch in batches(arns, BATCH)
            for one in client.describe_services(cluster=cluster, services=batch)["services"]
        ]
    except ClientError as error:
        if code_of(error) in CLUSTER_GONE:
            return []
        raise
    return [Service(one["serviceName"], one["desiredCount"]) for one in described if one["status"] == "ACTIVE"]


def set_to_zero(client: "ECSClient", cluster: str, names: Iterable[str]) -> None:
    """Let them start nothing any more, whether or not a deployment is under way; the next look says so."""
    to_each(
        names,
        lambda name: client.update_service(cluster=cluster, service=name, desiredCount=0),
        "set it to zero",
        goes=lambda error: code_of(error) in OVER or is_gone(error),
    )
