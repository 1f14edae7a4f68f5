"""The profile's tables for SageMaker endpoints: four kinds, each with those keys alone that SageMaker heeds."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from catalogue import images, instance_types
from catalogue.algorithms import ALGORITHMS, inference_fault
from stacks import sagemaker_values as values
from stacks.rules import RuleError, Settings
from stacks.values import KeyArn

ELASTIC_INFERENCE = "AWS ended Elastic Inference on 2023-04-15; choose a GPU type or ml.inf2 in instance_type"
PIPELINE = "an endpoint here has one model and one variant, called AllTraffic; name another endpoint for another model"
LARGEST_TARGET = 1_000_000
MIB = 1024**2


class AllAtOnce(Settings):
    """How an endpoint that cannot be split changes to a new model, and when it goes back by itself."""

    REFUSED: ClassVar = dict.fromkeys(
        ("traffic", "step_percent", "wait_minutes"),
        "an asynchronous endpoint has one instance or none, and no parts: it changes all at once",
    )

    keep_minutes: Annotated[int, Field(ge=0, le=60)] = 5
    """How long the old fleet stays after the last step; it bills until then."""
    max_minutes: Annotated[int, Field(ge=10, le=480)] = 60
    """When a deployment that has not ended goes back."""
    errors_a_minute: Annotated[int, Field(ge=1, le=LARGEST_TARGET)] = 5
    """How many failed answers (5xx) in a minute send it back."""
    latency_ms: Annotated[int, Field(ge=1, le=60_000)] | None = None
    """Which mean time of the model sends it back, in milliseconds; left out, none does."""

    @property
    def takes_minutes(self) -> int:
        """How long it lasts at least."""
        return self.keep_minutes

    @model_validator(mode="after")
    def _ends_in_time(self) -> Self:
        if self.takes_minutes >= self.max_minutes:
            reason = f"must be more than the {self.takes_minutes} minutes that all steps and keep_minutes take"
            raise RuleError(reason, key="max_minutes", value=self.max_minutes)
        return self


class Deployment(AllAtOnce):
    """The same for one that can be split, part by part."""

    REFUSED: ClassVar = {}

    traffic: Literal["all_at_once", "canary", "linear", "rolling"] = "canary"
    """canary: a part, then the rest; linear: part by part; all_at_once; rolling: without a second fleet."""
    step_percent: Annotated[int, Field(ge=5, le=50)] = 50
    """How much of the endpoint a canary, or one step, is; in percent of its instances."""
    wait_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    """How long the alarms are watched after each step."""

    @property
    def steps(self) -> int:
        """How many times traffic moves."""
        match self.traffic:
            case "all_at_once":
                return 0
            case "canary":
                return 2
            case _:
                return -(-100 // self.step_percent)

    @property
    def takes_minutes(self) -> int:
        """How long it lasts at least."""
        return self.steps * self.wait_minutes + self.keep_minutes

    @model_validator(mode="after")
    def _linear_steps_are_large_enough(self) -> Self:
        if self.traffic == "linear" and self.step_percent < 10:  # noqa: PLR2004 - SageMaker's smallest step
            reason = 'must be 10 to 50 while traffic is "linear"'
            raise RuleError(reason, key="step_percent", value=self.step_percent)
        return self


class Capture(Settings):
    """Requests and answers kept in S3."""

    percent: Annotated[int, Field(ge=1, le=100)] = 100
    """How many of them, in percent."""
    days: Annotated[int, Field(ge=1, le=365)] = 14
    """When they are deleted, in days."""


class Endpoint(Settings):
    """What every kind of endpoint has."""

    LARGEST_REQUEST: ClassVar[int] = 25 * MIB
    """In bytes, as SageMaker brings it to the container.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deploy-model-options.html
    """

    model: values.Model = "starter"
    """starter: a small one for trying; none: the image brings it; or a model.tar.gz in S3."""
    image: values.Image = "inference"
    """What serves it: inference (containers/inference), a name of `mlstack image uri`, or an image in ECR."""
    environment: dict[values.VariableName, values.VariableValue] = Field(default_factory=dict)
    """Variables for the container; never a secret, everybody who may look at the model reads them."""

    @model_validator(mode="after")
    def _the_starter_is_served_by_ours(self) -> Self:
        if self.model == "starter" and self.image != "inference":
            reason = 'must be "inference" while model is "starter": no other image can serve it'
            raise RuleError(reason, key="image", value=self.image)
        if self.model == "none" and self.image == "inference":
            reason = 'must be "starter" or an s3:// address while image is "inference", which brings no model'
            raise RuleError(reason, key="model", value=self.model)
        return self

    @model_validator(mode="after")
    def _the_image_answers(self) -> Self:
        if self.published and self.published.use == "training":
            reason = f"must be an image that answers requests: {self.image} is made to train"
            raise RuleError(reason, key="image", value=self.image)
        return self

    @model_validator(mode="after")
    def _the_server_knows_its_variables(self) -> Self:
        asked = {name for name in self.environment if name.startswith("INFERENCE_")}
        if self.image in values.OWN_IMAGES and (unknown := sorted(asked - values.INFERENCE_VARIABLES)):
            reason = (
                f"must not name {', '.join(unknown)}: the server knows {', '.join(sorted(values.INFERENCE_VARIABLES))}"
            )
            raise RuleError(reason, key="environment", value=self.environment)
        return self

    @property
    def published(self) -> images.Image | None:
        """The image of AWS that serves it; None where it is another's."""
        known = self.image not in values.OWN_IMAGES and not values.REGISTRY_IMAGE.fullmatch(self.image)
        return images.image(self.image) if known else None

    @property
    def hardware(self) -> Literal["cpu", "gpu", "any"]:
        """What the image is made for, as far as its name tells."""
        if self.image in values.OWN_IMAGES:
            return "cpu"
        return self.published.hardware if self.published else "any"

    @property
    def processor(self) -> str | None:
        """Which processor the image is made for; None where its name does not tell."""
        if self.image in values.OWN_IMAGES:
            return "x86_64"
        return self.published.architecture if self.published else None


class Serverless(Endpoint):
    """Costs nothing between requests; the first request after a while waits for a container."""

    LARGEST_REQUEST: ClassVar = 4 * MIB
    REFUSED: ClassVar = {
        "accelerator_type": ELASTIC_INFERENCE,
        "capture": "SageMaker captures no data of serverless endpoints; endpoints.classic does",
        "containers": PIPELINE,
        "deployment": "a serverless endpoint changes all at once; endpoints.classic has canaries",
        "instance_type": "a serverless endpoint has no instances; choose memory_mb, or another kind for a GPU",
        "kms_key": "a serverless endpoint has no volume to encrypt",
        "max_instances": "a serverless endpoint has no instances; choose max_concurrency",
        "min_instances": "a serverless endpoint has no instances; choose max_concurrency",
        "network_isolation": "SageMaker has no network isolation for serverless endpoints; other kinds have",
        "provisioned_concurrency": "it bills while nobody asks; endpoints.classic is for what must answer at once",
        "variants": PIPELINE,
        "vpc": "SageMaker puts no serverless endpoint into a VPC; other kinds can be",
    }

    memory_mb: Annotated[int, Field(ge=1024, le=6144, multiple_of=1024)] = 2048
    """Memory of one container, in steps of 1024; CPU grows with it."""
    max_concurrency: Annotated[int, Field(ge=1, le=200)] = 5
    """How many requests are answered at a time; an account has 500 to 1,000 for all its endpoints."""

    @model_validator(mode="after")
    def _needs_no_gpu(self) -> Self:
        if self.hardware == "gpu":
            reason = "must be an image for CPU: serverless endpoints have no GPU"
            raise RuleError(reason, key="image", value=self.image)
        return self


class OnInstances(Endpoint):
    """What endpoints on instances have."""

    instance_type: values.HostingInstanceType = "ml.m5.large"
    """The machine; an asynchronous or classic endpoint keeps its own, and another machine needs another name."""
    startup_seconds: Annotated[int, Field(ge=60, le=3600)] = 600
    """How long a container may take until it answers /ping."""
    network_isolation: bool = False
    """Whether the container has no network at all; SageMaker still brings model and requests."""
    vpc: bool = False
    """Whether the container's network is the stage's VPC, which has no way to the internet."""
    kms_key: KeyArn | None = None
    """A key of your own for the instances' volumes; left out, AWS's own key, which costs nothing."""

    @property
    def machine(self) -> instance_types.InstanceType:
        """What is known of the instance type."""
        return instance_types.instance_type(self.instance_type)

    @model_validator(mode="after")
    def _the_machine_fits_the_image(self) -> Self:
        machine = self.machine
        reason = None
        if self.hardware == "gpu" and machine.accelerator != "gpu":
            reason = f"must be a type with a GPU: the image {self.image} needs one"
        elif self.hardware == "cpu" and machine.accelerator != "none":
            reason = f"must be a type without accelerator: the image {self.image} would never use it"
        elif self.processor not in {None, machine.processor}:
            reason = f"must be a type with {self.processor} processors, for which the image {self.image} is made"
        elif self.image in ALGORITHMS and (fault := inference_fault(self.image, self.instance_type)):
            reason = f"must be a type that serves the algorithm: {fault}"
        if reason:
            raise RuleError(reason, key="instance_type", value=self.instance_type)
        return self

    @model_validator(mode="after")
    def _the_key_has_a_volume(self) -> Self:
        if self.kms_key and self.machine.local_storage:
            reason = f"must be left out: SageMaker refuses a key for {self.instance_type}, whose disk is its own"
            raise RuleError(reason, key="kms_key", value=self.kms_key)
        return self

    @model_validator(mode="after")
    def _scales_what_can_be_scaled(self) -> Self:
        if self.machine.burstable:
            reason = "must be a type that is not burstable: SageMaker scales no ml.t2 and ml.t3"
            raise RuleError(reason, key="instance_type", value=self.instance_type)
        return self


class Asynchronous(OnInstances):
    """Takes requests from S3 into a queue; without requests it has no instance."""

    LARGEST_REQUEST: ClassVar = 100 * MIB  # SageMaker would bring a gigabyte, which is no picture
    REFUSED: ClassVar = {
        "accelerator_type": ELASTIC_INFERENCE,
        "capture": "every request and answer of an asynchronous endpoint lies in S3 already; keep_days says how long",
        "containers": PIPELINE,
        "memory_mb": "memory comes with instance_type",
        "min_instances": "an asynchronous endpoint goes down to no instance",
        "variants": PIPELINE,
    }

    max_instances: Annotated[int, Field(ge=1, le=100)] = 1
    """The most instances at a time."""
    backlog_per_instance: Annotated[float, Field(gt=0, le=LARGEST_TARGET, allow_inf_nan=False)] = 5.0
    """How many waiting requests an instance is meant for."""
    concurrency_per_instance: Annotated[int, Field(ge=1, le=1000)] = 4
    """How many requests an instance gets at a time."""
    cooldown_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    """How long it waits after its last change before it gives an instance back."""
    keep_days: Annotated[int, Field(ge=1, le=365)] = 7
    """When requests, answers and failures in S3 are deleted, in days."""
    notify: bool = False
    """Whether an SNS topic is told of every answer and failure."""
    deployment: AllAtOnce = AllAtOnce()


class Realtime(OnInstances):
    """Answers at once from copies of a model; without requests it has no copy and no instance."""

    REFUSED: ClassVar = {
        "accelerator_type": ELASTIC_INFERENCE,
        "capture": "SageMaker captures no data of inference components; endpoints.classic does",
        "containers": PIPELINE,
        "deployment": "copies change one after the other; endpoints.classic has canaries",
        "memory_mb": "a copy's memory is copy_memory_mb, the machine's comes with instance_type",
        "min_instances": "it goes down to no instance; endpoints.classic always has some",
        "variants": PIPELINE,
    }

    max_instances: Annotated[int, Field(ge=1, le=100)] = 1
    """The most instances at a time."""
    max_copies: Annotated[int, Field(ge=1, le=100)] = 1
    """The most copies of the model at a time."""
    copy_cpus: Annotated[float, Field(ge=0.25, le=192, allow_inf_nan=False)] = 1.0
    """How many CPUs a copy is given."""
    copy_memory_mb: Annotated[int, Field(ge=128, le=2_000_000)] = 1024
    """How much memory a copy is given."""
    copy_accelerators: Annotated[int, Field(ge=0, le=16)] = 0
    """How many GPUs, or Inferentia chips, a copy is given."""
    invocations_per_copy: Annotated[float, Field(gt=0, le=LARGEST_TARGET, allow_inf_nan=False)] = 60.0
    """How many requests a minute a copy is meant for."""
    cooldown_minutes: Annotated[int, Field(ge=5, le=1440)] = 10
    """How long it waits after its last change before it gives a copy back; an instance without copies then goes."""
    errors_a_minute: Annotated[int, Field(ge=1, le=LARGEST_TARGET)] = 5
    """How many failed answers (5xx) in a minute send a new model back."""

    @model_validator(mode="after")
    def _a_copy_fits_the_machine(self) -> Self:
        machine = self.machine
        has_accelerator = machine.accelerator != "none"
        if bool(self.copy_accelerators) != has_accelerator:
            need = "at least 1" if has_accelerator else "0"
            reason = f"must be {need} on {self.instance_type}"
            raise RuleError(reason, key="copy_accelerators", value=self.copy_accelerators)
        if machine.vcpus is not None and self.copy_cpus > machine.vcpus:
            reason = f"must be at most the {machine.vcpus} CPUs of {self.instance_type}: no copy would ever start"
            raise RuleError(reason, key="copy_cpus", value=self.copy_cpus)
        if machine.memory_gib is not None and self.copy_memory_mb >= machine.memory_gib * 1024:
            reason = (
                f"must be less than the {machine.memory_gib:g} GiB of {self.instance_type}: no copy would ever start"
            )
            raise RuleError(reason, key="copy_memory_mb", value=self.copy_memory_mb)
        return self

    @model_validator(mode="after")
    def _a_new_copy_fits_beside_the_old(self) -> Self:
        machine = self.machine
        alone = (
            self.copy_accelerators * 2 > machine.gpus > 0
            or (machine.vcpus is not None and self.copy_cpus * 2 > machine.vcpus)
            or (machine.memory_gib is not None and self.copy_memory_mb * 2 > machine.memory_gib * 1024)
        )
        if alone and self.max_instances == 1:
            reason = (
                f"must be at least 2: a copy takes more than half of {self.instance_type}, and a new model starts "
                "beside the old one"
            )
            raise RuleError(reason, key="max_instances", value=self.max_instances)
        return self


class Classic(OnInstances):
    """Always at least two instances over Availability Zones; bills by the hour whether anybody asks or not."""

    REFUSED: ClassVar = {
        "accelerator_type": ELASTIC_INFERENCE,
        "containers": PIPELINE,
        "memory_mb": "memory comes with instance_type",
        "variants": PIPELINE,
    }

    min_instances: Annotated[int, Field(ge=2, le=100)] = 2
    """The fewest instances: two or more, so that a zone may fail."""
    max_instances: Annotated[int, Field(ge=2, le=100)] = 4
    """The most instances at a time."""
    invocations_per_instance: Annotated[float, Field(gt=0, le=LARGEST_TARGET, allow_inf_nan=False)] = 600.0
    """How many requests a minute an instance is meant for."""
    cooldown_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    """How long it waits after its last change before it gives an instance back."""
    deployment: Deployment = Deployment()
    capture: Capture | None = None

    @model_validator(mode="after")
    def _a_step_is_an_instance(self) -> Self:
        least = -(-100 // self.min_instances)
        if self.deployment.traffic != "all_at_once" and self.deployment.step_percent < least:
            reason = (
                f"must be at least {least} with {self.min_instances} instances: no step is smaller than one of them"
            )
            raise RuleError(reason, key="deployment.step_percent", value=self.deployment.step_percent)
        return self

    @model_validator(mode="after")
    def _can_grow(self) -> Self:
        if self.max_instances < self.min_instances:
            reason = f"must be at least min_instances ({self.min_instances})"
            raise RuleError(reason, key="max_instances", value=self.max_instances)
        return self


def _tables(value: object) -> object:
    if isinstance(value, dict) and (bare := sorted(key for key, one in value.items() if not isinstance(one, dict))):
        message = f"must hold a table for each endpoint, such as [endpoints.KIND.NAME]; {bare[0]} belongs into one"
        raise ValueError(message)
    return value


BY_NAME = BeforeValidator(_tables)


class Endpoints(Settings):
    """The stage's SageMaker endpoints, by kind and name."""

    enabled: bool = True
    """Whether the stage has these endpoints."""
    serverless: Annotated[dict[values.EndpointName, Serverless], BY_NAME] = Field(default_factory=dict)
    asynchronous: Annotated[dict[values.EndpointName, Asynchronous], BY_NAME] = Field(default_factory=dict)
    realtime: Annotated[dict[values.EndpointName, Realtime], BY_NAME] = Field(default_factory=dict)
    classic: Annotated[dict[values.EndpointName, Classic], BY_NAME] = Field(default_factory=dict)

    def each(self) -> Iterator[tuple[str, str, Endpoint]]:
        """Every endpoint of the stage with its kind and name."""
        kinds: Mapping[str, Mapping[str, Endpoint]] = {
            "serverless": self.serverless,
            "asynchronous": self.asynchronous,
            "realtime": self.realtime,
            "classic": self.classic,
        }
        for kind, endpoints in kinds.items() if self.enabled else ():
            for name, endpoint in endpoints.items():
                yield kind, name, endpoint

    @model_validator(mode="after")
    def _every_name_is_one_endpoint(self) -> Self:
        seen: dict[str, str] = {}
        for kind, name, _ in self.each():
            letters = name.replace("-", "")
            if letters in seen:
                reason = f"must be named otherwise: {seen[letters]} has the same letters"
                raise RuleError(reason, key=f"{kind}.{name}", value=name)
            seen[letters] = f"{kind}.{name}"
        return self
