"""The disk that a machine has now, which bills while it is stopped: a profile may say another size meanwhile."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from botocore.exceptions import BotoCoreError, ClientError

from catalogue import prices
from mlstack.price import UNKNOWN
from mlstack.text import printable
from mlstack.workstation.disk import usd_per_month
from mlstack.workstation.machine import Machine

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client


@dataclass(frozen=True, kw_only=True, slots=True)
class Volume:
    """All that is attached to a machine, as one."""

    gb: int | None = None
    usd_per_month: Decimal | None = None
    """With the machine's alarm, which stays as well; None where that is not known."""
    fault: str = ""
    """Why nobody can say."""

    @classmethod
    def of(cls, ec2: "EC2Client", machine: Machine) -> Self:
        """Look at a machine's; that EC2 cannot be asked is part of the answer."""
        region = ec2.meta.region_name
        try:
            pages = ec2.get_paginator("describe_volumes").paginate(
                Filters=[{"Name": "attachment.instance-id", "Values": [machine.id]}]
            )
            found = [said for page in pages for said in page["Volumes"]]
        except (BotoCoreError, ClientError) as error:
            return cls(fault=printable(" ".join(str(error).split())))
        if not found:
            return cls()
        alarm = prices.usd("alarm_month", region)
        total = Decimal(0) if alarm is None else alarm.usd
        parts = [usd_per_month(said, region) for said in found]
        known = [usd for usd in parts if usd is not None]
        is_known = alarm is not None and len(known) == len(parts)
        return cls(gb=sum(said["Size"] for said in found), usd_per_month=sum(known, total) if is_known else None)

    @property
    def price(self) -> str:
        """What it costs while the machine is stopped, for people."""
        if self.fault:
            return f"{UNKNOWN}: {self.fault}"
        if self.usd_per_month is None:
            return UNKNOWN if self.gb is None else f"{UNKNOWN} for {self.gb} GB"
        return f"${self.usd_per_month:.2f} a month for {self.gb} GB and an alarm"
