"""The profile: what a stage is made of, read from TOML and validated once, before any construct exists."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from catalogue import images, prices
from stacks import values
from stacks.components.retention import Retention
from stacks.ecs_settings import Ecs, Images
from stacks.endpoint_settings import Endpoints, OnInstances
from stacks.explanation import explained
from stacks.notebook_settings import REACHED, Notebook
from stacks.rules import RuleError, Settings
from stacks.sagemaker_values import OWN_IMAGES, REGISTRY_IMAGE
from stacks.training_settings import LONGEST_STAGE, Training
from stacks.vision_settings import Vision
from stacks.workstation_settings import NEEDED_ENDPOINTS, Workstation, WorkstationName

CONFIG_ROOT = Path(__file__).resolve().parents[1] / "config"
DEFAULT_PROFILE = "sandbox"


class ProfileError(Exception):
    """A profile that cannot be used; each line of the message names file, key, value and what is allowed."""


class Stage(Settings):
    """Whose stage this is, where it lives and how long."""

    name: values.StageName
    """Names the stage's stacks: mlstack-NAME-Vision and so on."""
    region: values.Region
    """The AWS region."""
    account: values.AccountId | None = None
    """The only AWS account that this profile may be deployed to; left out, it is the account of the credentials."""
    owner: values.TagValue
    """Tag `owner` on everything: who answers for the stage."""
    cost_centre: values.TagValue
    """Tag `cost-centre` on everything: who pays."""
    retention: Annotated[Retention, Field(strict=False)] = Retention.EPHEMERAL
    """ephemeral: everything goes with the stage. durable: data stays, with its earlier versions."""
    expiry: values.Expiry
    """Tag `expiry` on everything: days after the deploy ("14d"), a date, or "never" for a durable stage."""
    log_days: values.LogDays = 14
    """How long CloudWatch keeps logs, in days."""

    @model_validator(mode="after")
    def _ephemeral_stages_expire(self) -> Self:
        if self.expiry == "never" and not self.retention.keeps_data:
            reason = 'must be days or a date for an ephemeral stage; "never" needs retention = "durable"'
            raise RuleError(reason, key="expiry", value=self.expiry)
        return self


class Network(Settings):
    """A VPC without NAT gateway; costs nothing unless interface endpoints or flow logs are on."""

    enabled: bool = True
    """Whether the stage has a network."""
    cidr: values.Cidr = "10.0.0.0/16"
    """The VPC's private address range."""
    availability_zones: Annotated[int, Field(ge=2, le=3)] = 2
    """How many Availability Zones the subnets span."""
    interface_endpoints: Annotated[tuple[values.InterfaceEndpoint, ...], Field(strict=False), values.UNIQUE] = ()
    """Services reached without internet, such as "ssm"; each bills by the hour in each zone."""
    flow_logs: bool = False
    """Whether the VPC's traffic is logged to CloudWatch; bills by the gigabyte."""


class Storage(Settings):
    """Buckets for datasets, models, media and results."""

    enabled: bool = True
    """Whether the stage has these buckets."""
    incomplete_upload_days: Annotated[int, Field(ge=1, le=365)] = 1
    """When an upload that never finished is thrown away, in days."""
    old_version_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """How long a durable stage keeps overwritten and deleted objects, in days."""
    scratch_prefixes: Annotated[
        tuple[values.ScratchPrefix, ...], Field(strict=False, max_length=100), values.UNIQUE
    ] = ("tmp/", "checkpoints/")
    """Prefixes whose objects nobody misses."""
    scratch_days: Annotated[int, Field(ge=1, le=365)] = 7
    """When an object under a scratch prefix is deleted, in days."""


class Profile(Settings):
    """Everything that a person decides about one stage."""

    stage: Stage
    network: Network = Network()
    storage: Storage = Storage()
    vision: Vision = Vision()
    notebook: Notebook = Notebook()
    endpoints: Endpoints = Endpoints()
    training: Training = Training()
    workstations: dict[WorkstationName, Workstation] = Field(default_factory=dict)
    ecs: Ecs = Ecs()
    images: Images = Images()

    @property
    def tables(self) -> dict[str, bool]:
        """The tables that can be switched on, and whether they are."""
        return {
            "network": self.network.enabled,
            "storage": self.storage.enabled,
            "vision": self.vision.enabled,
            "notebook": self.notebook.enabled,
            "endpoints": any(self.endpoints.each()),
            "training": self.training.enabled,
            "workstations": bool(self.workstations),
            "ecs": self.ecs.enabled,
        }

    @model_validator(mode="after")
    def _rekognition_is_near(self) -> Self:
        if self.vision.enabled and self.stage.region not in values.REKOGNITION_REGIONS:
            known = ", ".join(sorted(values.REKOGNITION_REGIONS))
            reason = f"must be a region with Rekognition while vision.enabled is true, or say that it is false: {known}"
            raise RuleError(reason, key="stage.region", value=self.stage.region)
        return self

    @model_validator(mode="after")
    def _custom_labels_are_near(self) -> Self:
        asked = self.vision.enabled and "custom_labels" in self.vision.analyses
        if asked and self.stage.region not in values.CUSTOM_LABELS_REGIONS:
            known = ", ".join(sorted(values.CUSTOM_LABELS_REGIONS))
            reason = f"must be a region with Rekognition Custom Labels while vision.images asks for them: {known}"
            raise RuleError(reason, key="stage.region", value=self.stage.region)
        return self

    @model_validator(mode="after")
    def _the_notebook_has_a_network(self) -> Self:
        notebook, network = self.notebook, self.network
        if not notebook.enabled or notebook.network != "stage":
            return self
        self._stands_in_the_network("notebook", notebook.zone, 'notebook.network is "stage"')
        missing = [name for name in REACHED if name not in network.interface_endpoints]
        if missing and not notebook.direct_internet:
            reason = (
                f"must have {' and '.join(missing)} while notebook.direct_internet is false: without internet and "
                f"without them the notebook could not switch itself off; {self._price_of_endpoints(missing)}"
            )
            raise RuleError(reason, key="network.interface_endpoints", value=list(network.interface_endpoints))
        return self

    @model_validator(mode="after")
    def _every_endpoint_has_its_image(self) -> Self:
        region = self.stage.region
        for kind, name, endpoint in self.endpoints.each():
            key = f"endpoints.{kind}.{name}"
            if match := REGISTRY_IMAGE.fullmatch(endpoint.image):
                if match["region"] != region:
                    reason = f"must lie in {region}, the stage's region: SageMaker pulls from no other"
                    raise RuleError(reason, key=f"{key}.image", value=endpoint.image)
            elif endpoint.image not in OWN_IMAGES:
                try:
                    images.uri(endpoint.image, region)
                except images.ImageError as error:
                    reason = f"must be an image that AWS has in {region}: {error}"
                    raise RuleError(reason, key=f"{key}.image", value=endpoint.image) from error
            if isinstance(endpoint, OnInstances) and endpoint.vpc and not self.network.enabled:
                reason = f"must be true while {key}.vpc is true"
                raise RuleError(reason, key="network.enabled", value=False)
        return self

    @model_validator(mode="after")
    def _training_has_what_it_needs(self) -> Self:
        training, stage = self.training, self.stage
        if not training.enabled:
            return self
        if not self.storage.enabled:
            reason = "must be true while training.enabled is true: data and models lie in the stage's buckets"
            raise RuleError(reason, key="storage.enabled", value=False)
        if len(stage.name) > LONGEST_STAGE:
            reason = (
                f"must have at most {LONGEST_STAGE} letters while training.enabled is true: jobs are named after it"
            )
            raise RuleError(reason, key="stage.name", value=stage.name)
        for algorithm in training.algorithms:
            try:
                images.uri(algorithm, stage.region)
            except images.ImageError as error:
                reason = f"must be algorithms that AWS has in {stage.region}: {error}"
                raise RuleError(reason, key="training.algorithms", value=list(training.algorithms)) from error
        return self

    @model_validator(mode="after")
    def _every_workstation_has_a_network(self) -> Self:
        network = self.network
        for name, workstation in self.workstations.items():
            key = f"workstations.{name}"
            self._stands_in_the_network(key, workstation.zone, f"there is {key}")
            if workstation.kms_key and f":kms:{self.stage.region}:" not in workstation.kms_key:
                reason = f"must be a key in {self.stage.region}, the stage's region"
                raise RuleError(reason, key=f"{key}.kms_key", value=workstation.kms_key)
            missing = [one for one in NEEDED_ENDPOINTS if one not in network.interface_endpoints]
            if missing and not workstation.internet:
                reason = (
                    f"must have {' and '.join(missing)} while {key}.internet is false: without internet they "
                    f"are its only way out; {self._price_of_endpoints(missing)}"
                )
                raise RuleError(reason, key="network.interface_endpoints", value=list(network.interface_endpoints))
        return self

    @model_validator(mode="after")
    def _ecs_has_what_it_needs(self) -> Self:
        ecs, network, region = self.ecs, self.network, self.stage.region
        if not ecs.enabled:
            return self
        if not network.enabled:
            reason = "must be true while something runs on ECS"
            raise RuleError(reason, key="network.enabled", value=False)
        if ecs.training.enabled and not self.storage.enabled:
            reason = "must be true while ecs.training.enabled is true: data and models lie in the stage's buckets"
            raise RuleError(reason, key="storage.enabled", value=False)
        missing = [one for one in ecs.needed_endpoints if one not in network.interface_endpoints]
        if missing and not ecs.internet:
            reason = (
                f"must have {' and '.join(missing)} while ecs.internet is false: without internet they are the only "
                f"way out; {self._price_of_endpoints(missing)}"
            )
            raise RuleError(reason, key="network.interface_endpoints", value=list(network.interface_endpoints))
        for name, service in ecs.services.items():
            for key in ("certificate", "trust_store"):
                arn = getattr(service.load_balancer, key, None)
                if arn and arn.split(":")[3] != region:
                    reason = f"must be in {region}, the stage's region"
                    raise RuleError(reason, key=f"ecs.services.{name}.load_balancer.{key}", value=arn)
        return self

    def _stands_in_the_network(self, key: str, zone: int, why: str) -> None:
        network = self.network
        if not network.enabled:
            reason = f"must be true while {why}"
            raise RuleError(reason, key="network.enabled", value=False)
        if zone > network.availability_zones:
            reason = f"must be at most network.availability_zones ({network.availability_zones})"
            raise RuleError(reason, key=f"{key}.zone", value=zone)

    def _price_of_endpoints(self, missing: list[str]) -> str:
        hour = prices.usd("interface_endpoint_hour", self.stage.region)
        count = self.network.availability_zones * len(missing)
        monthly = f"${prices.monthly(hour.usd) * count:.2f}" if hour else "unknown"
        return f"price {monthly} a month in this region"

    @model_validator(mode="after")
    def _something_is_deployed(self) -> Self:
        if not any(self.tables.values()):
            reason = f"must be true for at least one of {', '.join(self.tables)}"
            raise RuleError(reason, key="network.enabled", value=self.network.enabled)
        return self


def load(choice: str | None = None) -> Profile:
    """Read the profile named ``choice``: a name in config/, or the path of a TOML file.

    Raises:
        ProfileError: with one line per problem.
    """
    path = _path(choice or DEFAULT_PROFILE)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror})"
        raise ProfileError(message) from error
    except ValueError as error:
        message = f"{path}: is not valid TOML ({error})"
        raise ProfileError(message) from error
    return parse(document, source=_shown(path))


def parse(document: dict[str, Any], *, source: str) -> Profile:
    """Validate a profile's document; ``source`` is the file that errors name.

    Raises:
        ProfileError: with one line per problem.
    """
    try:
        return Profile.model_validate(document)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        no_tables = {problem["loc"] for problem in problems if problem["type"] == "model_type"}
        # What is no table at all has no name that could be wrong.
        told = [one for one in problems if not (one["loc"][-1:] == ("[key]",) and one["loc"][:-1] in no_tables)]
        lines = [f"{source}: {explained(problem, Profile)}" for problem in told]
        raise ProfileError("\n".join(lines)) from error


def schema() -> dict[str, Any]:
    """The profile's JSON schema, for editors; config/schema.json holds it."""
    return Profile.model_json_schema() | {"$schema": "https://json-schema.org/draft/2020-12/schema"}


def _path(choice: str) -> Path:
    if choice.endswith(".toml"):
        path = Path(choice)
        if not path.is_file():
            message = f"{choice}: no such profile file"
            raise ProfileError(message)
        return path
    path = CONFIG_ROOT / f"{choice}.toml"
    names = sorted(file.stem for file in CONFIG_ROOT.glob("*.toml"))
    if choice not in names:
        message = f"profile = {choice!r}: must be one of {', '.join(names)}, or the path of a .toml file"
        raise ProfileError(message)
    return path


def _shown(path: Path) -> str:
    root = CONFIG_ROOT.parent
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
