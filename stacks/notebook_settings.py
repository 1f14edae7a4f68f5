"""The profile's table for the SageMaker notebook instance."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from stacks import sagemaker_values as values
from stacks.rules import RuleError, Settings
from stacks.values import UNIQUE, KeyArn, ScriptPath, TagKey, TagValue

REACHED = ("sagemaker.api", "monitoring")
"""The endpoints that a notebook without internet needs to switch itself off and to say that it is watched."""

STAGE_TAGS = frozenset({"cost-centre", "expiry", "layer", "owner", "project", "stage"})


class Notebook(Settings):
    """A notebook instance that switches itself off; bills by the hour while it runs."""

    REFUSED: ClassVar = {
        "accelerator_types": "AWS ended Elastic Inference on 2023-04-15; choose a GPU type in instance_type",
        "imds_version": "the instance metadata service is always version 2",
    }

    enabled: bool = False
    """Whether the stage has a notebook instance."""
    name_prefix: values.NamePrefix = "mlstack"
    """The instance is called PREFIX-STAGE; another prefix makes another one and deletes the old one with its disk."""
    instance_type: values.NotebookInstanceType = "ml.t3.medium"
    """The machine; its price an hour is printed at every synth."""
    volume_gb: Annotated[int, Field(ge=5, le=16384)] = 5
    """The disk under /home/ec2-user/SageMaker, in gigabytes; it bills while the notebook is stopped too."""
    platform: values.Platform = values.PLATFORM
    """The operating system and JupyterLab."""
    root_access: bool = False
    """Whether people who use it are root; whoever is can also switch the off-switch off."""
    network: Literal["sagemaker", "stage", "own"] = "sagemaker"
    """sagemaker: a network of SageMaker's; stage: the stage's VPC; own: a subnet that you name."""
    zone: Annotated[int, Field(ge=1, le=3)] = 1
    """Which of the stage's Availability Zones, where network is "stage"."""
    subnet: values.SubnetId | None = None
    """The subnet, where network is "own"."""
    security_groups: Annotated[tuple[values.SecurityGroupId, ...], Field(strict=False, max_length=5), UNIQUE] = ()
    """Security groups of your own, where network is "own"."""
    direct_internet: bool = True
    """Whether it reaches the internet through SageMaker's network; false needs a subnet and interface endpoints."""
    kms_key: KeyArn | None = None
    """A key of your own for the disk; left out, AWS's own key, which costs nothing."""
    role: values.RoleArn | None = None
    """A role of your own; left out, one that may use the stage's buckets and endpoints and nothing else."""
    repositories: Annotated[tuple[values.Repository, ...], Field(strict=False, max_length=4), UNIQUE] = ()
    """Git repositories that are cloned; the first is the one that opens."""
    on_create: ScriptPath | None = None
    """The path of a shell script of yours, from where you deploy, that runs once, as root, before the first start."""
    on_start: ScriptPath | None = None
    """The path of a shell script of yours, from where you deploy, that runs at every start, as root."""
    idle_minutes: Annotated[int, Field(ge=15, le=1440)] = 60
    """After how many minutes without use it stops."""
    max_hours: Annotated[int, Field(ge=1, le=168)] = 12
    """After how many hours it stops in any case."""
    tags: dict[TagKey, TagValue] = Field(default_factory=dict)
    """Tags of your own on the instance."""

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if self.network == "own" and not (self.subnet and self.security_groups):
            key = "security_groups" if self.subnet else "subnet"
            reason = 'must be given while network is "own"'
            raise RuleError(reason, key=key, value=list(self.security_groups) if self.subnet else self.subnet)
        for key in ("subnet", "security_groups"):
            if self.network != "own" and (value := getattr(self, key)):
                reason = f'must be left out while network is "{self.network}": nothing would read it'
                raise RuleError(reason, key=key, value=value)
        return self

    @model_validator(mode="after")
    def _reaches_something(self) -> Self:
        if self.direct_internet:
            return self
        if self.network == "sagemaker":
            reason = 'must be true while network is "sagemaker": without a subnet there is no other way out'
            raise RuleError(reason, key="direct_internet", value=False)
        if any(repository.startswith("https://") for repository in self.repositories) and self.network == "stage":
            reason = "must be left out while direct_internet is false: the stage's network has no way to Git hosts"
            raise RuleError(reason, key="repositories", value=list(self.repositories))
        return self

    @model_validator(mode="after")
    def _leaves_the_stage_its_tags(self) -> Self:
        if taken := sorted(STAGE_TAGS & set(self.tags)):
            reason = f"must not name {', '.join(taken)}: these tags are the stage's"
            raise RuleError(reason, key="tags", value=dict(self.tags))
        return self

    @model_validator(mode="after")
    def _stops_before_the_cap(self) -> Self:
        if self.idle_minutes >= self.max_hours * 60:
            reason = f"must be less than max_hours ({self.max_hours} h): the cap would come first"
            raise RuleError(reason, key="idle_minutes", value=self.idle_minutes)
        return self
