"""One EC2 instance that is, or was, a workstation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from mlstack.text import printable

PENDING, RUNNING, STOPPING, STOPPED = "pending", "running", "stopping", "stopped"
GONE = frozenset({"shutting-down", "terminated"})
KEEP_AWAKE = "mlstack:keep-awake"


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """How it is at one moment."""

    id: str
    state: str
    instance_type: str
    launched_at: datetime
    """When it was started last."""
    image_id: str = ""
    zone: str = ""
    key_name: str = ""
    is_spot: bool = False
    spot_request: str = ""
    reason: str = ""
    """Why it is in this state, in AWS's words."""
    reason_code: str = ""
    transition: str = ""
    """Who asked for the last change of state, and when, in EC2's words."""
    tags: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """Read what DescribeInstances says."""
        why = said.get("StateReason", {})
        return cls(
            id=said["InstanceId"],
            state=printable(said["State"]["Name"]),
            instance_type=printable(said.get("InstanceType", "")),
            launched_at=said["LaunchTime"].astimezone(UTC),
            image_id=printable(said.get("ImageId", "")),
            zone=printable(said.get("Placement", {}).get("AvailabilityZone", "")),
            key_name=said.get("KeyName", ""),
            is_spot=said.get("InstanceLifecycle") == "spot",
            spot_request=said.get("SpotInstanceRequestId") or "",
            reason=printable(" ".join(str(why.get("Message") or said.get("StateTransitionReason") or "").split())),
            reason_code=str(why.get("Code") or ""),
            transition=str(said.get("StateTransitionReason") or ""),
            tags={tag["Key"]: tag["Value"] for tag in said.get("Tags", ())},
        )

    @property
    def is_gone(self) -> bool:
        """Whether it will never run again."""
        return self.state in GONE

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self.state == RUNNING

    @property
    def is_deployed(self) -> bool:
        """Whether CloudFormation made it."""
        return "aws:cloudformation:stack-name" in self.tags

    @property
    def template(self) -> tuple[str, str] | None:
        """The launch template and its version from which it was launched, where EC2 says so."""
        template, version = (self.tags.get(f"aws:ec2launchtemplate:{part}", "") for part in ("id", "version"))
        return (template, version) if template and version else None

    @property
    def keep_awake_tag(self) -> str:
        """Until when somebody wants it awake, as it was written; empty where nobody does."""
        return self.tags.get(KEEP_AWAKE, "")

    @property
    def kept_until(self) -> datetime | None:
        """The same as a date, where it can be understood."""
        try:
            found = datetime.fromisoformat(self.keep_awake_tag)
            return found.astimezone(UTC) if found.tzinfo else None
        except (ValueError, OverflowError):
            return None
