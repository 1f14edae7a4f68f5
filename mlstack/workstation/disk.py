"""The disks that a stage's machines have left behind: nothing uses them, and they bill until somebody deletes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from catalogue import prices
from mlstack.clock import iso, moment
from mlstack.price import UNKNOWN, number
from mlstack.text import printable

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client


@dataclass(frozen=True, kw_only=True, slots=True)
class Disk:
    """An EBS volume that no machine has."""

    id: str
    workstation: str
    """Whose it was, by its tag."""
    edition: str = ""
    gb: int
    made_at: datetime
    region: str
    usd_per_month: Decimal | None = None
    """Its list price, where that is known."""

    @classmethod
    def read(cls, said: Mapping[str, Any], region: str) -> Self:
        """Read what DescribeVolumes says."""
        tags = {tag["Key"]: tag["Value"] for tag in said.get("Tags", ())}
        return cls(
            id=said["VolumeId"],
            workstation=tags.get("workstation", ""),
            edition=printable(tags.get("edition", "")),
            gb=said["Size"],
            made_at=said["CreateTime"].astimezone(UTC),
            region=region,
            usd_per_month=usd_per_month(said, region),
        )

    @property
    def shown(self) -> str:
        """What a person reads."""
        price = UNKNOWN if self.usd_per_month is None else f"${self.usd_per_month:.2f}"
        whose = f", of edition {self.edition}" if self.edition else ""
        return f"{self.id}: {self.gb} GB{whose}, made {moment(self.made_at)}, {price} a month"

    @property
    def deletion(self) -> str:
        """The command that deletes it."""
        return f"aws ec2 delete-volume --volume-id {self.id} --region {self.region}"

    def as_json(self) -> Mapping[str, Any]:
        """The same for machines."""
        return {
            "volume_id": self.id,
            "edition": self.edition or None,
            "gb": self.gb,
            "made_at": iso(self.made_at),
            "usd_per_month": number(self.usd_per_month),
            "to_delete_it": self.deletion,
        }


@dataclass(frozen=True, slots=True)
class Disks:
    """Those of a stage, or of one workstation."""

    found: tuple[Disk, ...] = ()
    fault: str = ""
    """Why nobody can say."""

    @classmethod
    def left(cls, ec2: "EC2Client", stage: str, project: str) -> Self:
        """Find them by their tags, the oldest first; that EC2 cannot be asked is part of the answer."""
        filters = {"status": "available", "tag:project": project, "tag:stage": stage, "tag-key": "workstation"}
        try:
            pages = ec2.get_paginator("describe_volumes").paginate(
                Filters=[{"Name": name, "Values": [value]} for name, value in filters.items()]
            )
            found = [Disk.read(said, ec2.meta.region_name) for page in pages for said in page["Volumes"]]
        except (BotoCoreError, ClientError) as error:
            return cls(fault=printable(" ".join(str(error).split())))
        return cls(tuple(sorted(found, key=lambda disk: (disk.made_at, disk.id))))

    @property
    def names(self) -> set[str]:
        """Whose they were."""
        return {disk.workstation for disk in self.found}

    def of(self, workstation: str) -> Self:
        """Those of one workstation."""
        return type(self)(tuple(disk for disk in self.found if disk.workstation == workstation), self.fault)

    def rows(self) -> list[tuple[str, str]]:
        """What a person reads."""
        if self.fault:
            return [("disks left over", f"{UNKNOWN}: {self.fault}")]
        return [("disk left over", disk.shown) for disk in self.found]

    def as_json(self) -> list[Mapping[str, Any]] | None:
        """The same for machines; None where nobody can say."""
        return None if self.fault else [disk.as_json() for disk in self.found]


def usd_per_month(said: Mapping[str, Any], region: str) -> Decimal | None:
    """The list price of a gp3 disk, as DescribeVolumes tells of it; None for every other kind, and where unknown."""
    if said.get("VolumeType") != "gp3":
        return None
    return prices.gp3_month(said["Size"], said.get("Iops", 0), said.get("Throughput", 0), region)
