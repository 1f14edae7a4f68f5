"""The profile's tables for workstations: machines with a GPU from AWS's Deep Learning AMIs."""

import re
import zoneinfo
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from catalogue import dlami, ec2_types
from catalogue.dlami import Line
from catalogue.ec2_types import Ec2Type
from catalogue.prices import FREE_IOPS, FREE_MIBPS
from stacks.patterns import known, matching
from stacks.rules import RuleError, Settings
from stacks.values import KeyArn, ScriptPath, TagKey, TagValue

STAGE_TAGS = frozenset(
    {
        *("Name", "cost-centre", "edition", "expiry", "layer", "owner", "project", "stage", "workstation"),
        "mlstack:keep-awake",
    }
)
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
READABLE_KEY = re.compile(r"(?!(?i:aws:))(?!\.{1,2}$|_index$)[A-Za-z0-9+=.,_:@-]{1,127}")
"""What EC2 lets a tag be called whose machine reads its own tags."""
NEEDED_ENDPOINTS = ("ssm", "ssmmessages", "ec2messages", "monitoring", "cloudformation")
"""The endpoints without which a workstation that has no internet could neither be reached nor say that it lives."""
# https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html#gp3-ebs-volume-type (November 2026)
MIBPS_PER_IOPS = 0.25
MOST_IOPS_PER_GIB = 500
USUAL_AWAKE = 8
"""Hours for which people may keep an idle workstation awake where the profile says nothing else."""


def _type(value: str) -> str:
    try:
        return ec2_types.ec2_type(value).name
    except ec2_types.Ec2TypeError as error:
        message = f"must be a type on which a Deep Learning AMI runs: {error}"
        raise ValueError(message) from error


WorkstationName = Annotated[
    str,
    matching(
        r"(?=.{1,20}$)[a-z](-?[a-z0-9])*",
        "1 to 20 of a-z and 0-9 with hyphens between them, starting with a letter",
    ),
]
InstanceType = Annotated[str, AfterValidator(_type)]
Image = Annotated[
    str,
    matching(
        r"latest|ami-([0-9a-f]{8}|[0-9a-f]{17})",
        '"latest", the newest when the machine is made, or the id of one image, such as "ami-0123456789abcdef0"',
    ),
]
KeyPair = Annotated[str, matching(r"[!-~]([ -~]{0,253}[!-~])?", "the name of a key pair of EC2's in that region")]
StopTime = Annotated[str, matching(r"never|([01]\d|2[0-3]):[0-5]\d", 'a time of day such as "07:00", or "never"')]
TimeZone = Annotated[
    str,
    known(
        "a time zone",
        example="Europe/Paris",
        names=zoneinfo.available_timezones,
        is_known=lambda name: name in zoneinfo.available_timezones(),
    ),
]


class Workstation(Settings):
    """A machine that switches itself off; bills by the hour while it runs, and by its disk while it exists."""

    REFUSED: ClassVar = {
        **dict.fromkeys(("spot", "preemptible"), 'say market = "spot"'),
        **dict.fromkeys(("disk_gb", "disk_size", "size"), "volume_gb is the size of its disk"),
        **dict.fromkeys(("gpu", "gpus", "type"), "instance_type says which GPUs it has, such as g5.xlarge"),
        **dict.fromkeys(("key_name", "key_pair"), "ssh_key names a key pair of EC2's"),
        **dict.fromkeys(("count", "instances"), "each table [workstations.NAME] is one machine"),
        **dict.fromkeys(("idle", "autostop", "idle_minutes_to_autostop"), "idle_minutes says when it goes off"),
        **dict.fromkeys(("subnet", "vpc"), "it stands in the stage's network; zone and internet say where in it"),
        "volume_type": "the disk is always gp3",
        "ami": 'say image = "ami-..." to pin one, or "latest"',
        "architecture": "instance_type says it: types such as g5g are arm64, the others x86_64",
        "encrypted": "the disk always is; kms_key names a key of your own",
        "ports": "nothing listens to the network: `mlstack workstation ssh` and `jupyter` go through Session Manager",
        "security_groups": "nothing may come in, and what goes out is not restricted",
    }

    flavour: dlami.Flavour = "pytorch"
    """base: driver, CUDA and Docker; pytorch: with PyTorch in /opt/pytorch; tensorflow: 2.18, which AWS ended."""
    os: str | None = None
    """ubuntu-22.04, ubuntu-24.04, ubuntu-26.04 or amazon-linux-2023; left out, 24.04, or 22.04 for tensorflow."""
    framework_version: str | None = None
    """The framework's line, such as "2.12"; left out, the newest that AWS builds for this os."""
    image: Image = "latest"
    """latest: the line's newest when the machine is made, or one image by its id; neither ever changes a machine."""
    edition: Annotated[int, Field(ge=1, le=9999)] = 1
    """A higher number makes the machine anew, from the newest image and with an empty disk; nothing else does."""
    instance_type: InstanceType = "g4dn.xlarge"
    """The machine; its price an hour is printed at every synth."""
    market: Literal["on-demand", "spot"] = "on-demand"
    """spot: for a third to a tenth of the price, and EC2 may take it away after two minutes' notice."""
    volume_gb: Annotated[int, Field(ge=100, le=65536)] = 125
    """The disk (gp3, encrypted), in gigabytes; it bills while the machine is off too."""
    volume_iops: Annotated[int, Field(ge=3000, le=80000)] = FREE_IOPS
    """The disk's operations a second; more than 3,000 bill."""
    volume_mibps: Annotated[int, Field(ge=125, le=2000)] = FREE_MIBPS
    """The disk's throughput in MiB/s; more than 125 bill."""
    kms_key: KeyArn | None = None
    """A key of your own for the disk; left out, AWS's own key, which costs nothing."""
    zone: Annotated[int, Field(ge=1, le=3)] = 1
    """Which of the stage's Availability Zones; another may have the type where this one does not."""
    internet: bool = True
    """Whether it has a public address, by which nothing can come in; false needs interface endpoints, which bill."""
    ssh_key: KeyPair | None = None
    """A key pair of EC2's for SSH through Session Manager; nobody needs one for `mlstack workstation ssh`."""
    jupyter: bool = True
    """Whether JupyterLab runs on it, for `mlstack workstation jupyter`."""
    on_create: ScriptPath | None = None
    """The path of a shell script of yours, from where you deploy, that runs once, as root, after the first start."""
    idle_minutes: Annotated[int, Field(ge=20, le=1440)] = 30
    """After how many minutes without use it switches itself off."""
    on_idle: Literal["stop", "terminate"] = "stop"
    """stop: the disk stays, and bills; terminate: nothing stays, and nothing bills."""
    max_hours: Annotated[int, Field(ge=1, le=168)] = 24
    """After how many hours it goes off in any case."""
    keep_awake_hours: Annotated[int, Field(ge=0, le=24)] | None = None
    """For how long a person may keep an idle one awake with `keep-awake`, at most; left out, 8, or max_hours."""
    daily_stop: StopTime = "07:00"
    """When it goes off every day in any case: best when a night's work is done and nobody has come yet."""
    time_zone: TimeZone = "UTC"
    """Where daily_stop is read off the clock."""
    tags: dict[TagKey, TagValue] = Field(default_factory=dict)
    """Tags of your own on the machine and its disk."""

    @property
    def type(self) -> Ec2Type:
        """The machine's hardware."""
        return ec2_types.ec2_type(self.instance_type)

    @property
    def line(self) -> Line:
        """The line of images that it is made from."""
        return dlami.line(self.flavour, self.system, self.type.processor, self.framework_version)

    @property
    def system(self) -> str:
        """The operating system, asked for or not."""
        return self.os or ("ubuntu-22.04" if self.flavour == "tensorflow" else "ubuntu-24.04")

    @property
    def longest_awake(self) -> int:
        """How many hours an idle one is kept awake at most, asked for or not."""
        return min(USUAL_AWAKE, self.max_hours) if self.keep_awake_hours is None else self.keep_awake_hours

    @property
    def purchase(self) -> Literal["on-demand", "spot", "one-time"]:
        """How it is launched; EC2 stops no Spot instance of a one-time request."""
        if self.market == "on-demand":
            return "on-demand"
        return "one-time" if self.on_idle == "terminate" else "spot"

    @model_validator(mode="after")
    def _there_is_such_an_image(self) -> Self:
        try:
            self.line  # noqa: B018  # it says what is wrong
        except dlami.DlamiError as error:
            key = next((key for key in ("framework_version", "os") if getattr(self, key)), "flavour")
            reason = f"must be what AWS builds: {error}"
            raise RuleError(reason, key=key, value=getattr(self, key)) from error
        if fault := dlami.fault(self.flavour, self.type.family):
            reason = f"must be a type that the {self.flavour} AMI supports: {fault}"
            raise RuleError(reason, key="instance_type", value=self.instance_type)
        return self

    @model_validator(mode="after")
    def _the_disk_can_be_made(self) -> Self:
        if self.volume_iops > FREE_IOPS and self.volume_iops > self.volume_gb * MOST_IOPS_PER_GIB:
            reason = f"must be at most {MOST_IOPS_PER_GIB} for each of the {self.volume_gb} GB"
            raise RuleError(reason, key="volume_iops", value=self.volume_iops)
        if self.volume_mibps > self.volume_iops * MIBPS_PER_IOPS:
            reason = f"must be at most a quarter of volume_iops ({self.volume_iops})"
            raise RuleError(reason, key="volume_mibps", value=self.volume_mibps)
        return self

    @model_validator(mode="after")
    def _goes_off_before_the_cap(self) -> Self:
        if self.idle_minutes >= self.max_hours * 60:
            reason = f"must be less than max_hours ({self.max_hours} h): the cap would come first"
            raise RuleError(reason, key="idle_minutes", value=self.idle_minutes)
        if self.longest_awake > self.max_hours:
            reason = f"must be at most max_hours ({self.max_hours})"
            raise RuleError(reason, key="keep_awake_hours", value=self.keep_awake_hours)
        return self

    @model_validator(mode="after")
    def _leaves_the_stage_its_tags(self) -> Self:
        if taken := sorted(STAGE_TAGS & set(self.tags)):
            reason = f"must not name {', '.join(taken)}: these tags are the stage's"
            raise RuleError(reason, key="tags", value=dict(self.tags))
        if unfit := sorted(key for key in self.tags if not READABLE_KEY.fullmatch(key)):
            reason = (
                f"must be of letters, digits and + - = . , _ : @ alone in {', '.join(unfit)}: the machine reads them"
            )
            raise RuleError(reason, key="tags", value=dict(self.tags))
        return self
