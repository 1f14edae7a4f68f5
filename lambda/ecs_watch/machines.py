"""The instances of a cluster's groups, as EC2 shows and marks them, and Auto Scaling terminates them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecs_watch.judging import Machine, Note
from ecs_watch.sight import Sight, seen

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import InstanceTypeDef

GROUP = "aws:autoscaling:groupName"
"""Auto Scaling puts it on all that it launches, and nobody else can."""
SILENT = "mlstack:agent-silent-since"
RUNNING = ("pending", "running")
"""What is paid for, or soon will be; what shuts down ends by itself, and the groups' instances do not stop."""


def running(client: "EC2Client", groups: Sequence[str]) -> Sight[Machine]:
    """All that the groups have launched."""
    return seen(lambda: _found(client, groups)) if groups else Sight()


def write(client: "EC2Client", machine: Machine, note: Note, now: datetime) -> None:
    """Note on an instance since when its agent is silent, or that it is not."""
    if note is Note.WRITE:
        client.create_tags(Resources=[machine.id], Tags=[{"Key": SILENT, "Value": now.isoformat()}])
    elif note is Note.ERASE:
        client.delete_tags(Resources=[machine.id], Tags=[{"Key": SILENT}])


def terminate(client: "AutoScalingClient", machine: Machine) -> None:
    """Terminate it, and let its group have one less, so that no other comes in its stead."""
    client.terminate_instance_in_auto_scaling_group(InstanceId=machine.id, ShouldDecrementDesiredCapacity=True)


def _found(client: "EC2Client", groups: Sequence[str]) -> list[Machine]:
    pages = client.get_paginator("describe_instances").paginate(
        Filters=[
            {"Name": f"tag:{GROUP}", "Values": [*groups]},
            {"Name": "instance-state-name", "Values": [*RUNNING]},
        ]
    )
    return [_read(told) for page in pages for group in page["Reservations"] for told in group["Instances"]]


def _read(told: "InstanceTypeDef") -> Machine:
    tags = {tag["Key"]: tag["Value"] for tag in told["Tags"]}
    return Machine(
        id=told["InstanceId"],
        group=tags[GROUP],
        state=told["State"]["Name"],
        since=told["LaunchTime"],
        silent_since=_time(tags.get(SILENT, "")),
    )


def _time(told: str) -> datetime | None:
    """When a note was written; none where a person has written something else."""
    try:
        time = datetime.fromisoformat(told)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
