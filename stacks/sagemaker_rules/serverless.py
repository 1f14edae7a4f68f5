"""What a serverless endpoint cannot have."""

from collections.abc import Iterator

from stacks.sagemaker_rules.container_images import hardware
from stacks.sagemaker_rules.hosting import Configuration, Hosting, Kind, containers
from stacks.sagemaker_rules.properties import Properties
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, api, guide
from stacks.sagemaker_rules.template import Resource

PAGE = guide("serverless-endpoints")
MEMORY_STEP = 1024
MEMORY = range(MEMORY_STEP, 6 * MEMORY_STEP + 1, MEMORY_STEP)
CONCURRENCY = range(1, 201)
OF_INSTANCES = (
    "AcceleratorType",
    "CapacityReservationConfig",
    "CoreDumpConfig",
    "EnableSSMAccess",
    "InferenceAmiVersion",
    "InitialInstanceCount",
    "InstancePools",
    "InstanceType",
    "ManagedInstanceScaling",
    "RoutingConfig",
    "VariantInstanceProvisionTimeoutInSeconds",
    "VolumeSizeInGB",
)

NO_VPC = Rule(
    "serverless-no-vpc",
    "AWS refuses a VpcConfig with a serverless endpoint: take it away, or serve on instances.",
    PAGE,
)
NO_ISOLATION = Rule(
    "serverless-no-network-isolation",
    "AWS refuses network isolation with a serverless endpoint: switch EnableNetworkIsolation off, or serve on "
    "instances.",
    PAGE,
)
NO_CAPTURE = Rule(
    "serverless-no-data-capture",
    "AWS does not capture the data of a serverless endpoint: take DataCaptureConfig away, or serve on instances.",
    PAGE,
)
ONE_VARIANT = Rule(
    "serverless-one-variant",
    "AWS refuses {count} production variants where one is serverless: keep a single variant.",
    PAGE,
)
NO_SHADOW = Rule(
    "serverless-no-shadow",
    "AWS refuses shadow variants with serverless inference: compare models on instances.",
    guide("shadow-tests"),
)
NO_PIPELINE = Rule(
    "serverless-no-pipeline",
    "AWS refuses an inference pipeline, a model of {count} containers, on a serverless endpoint: put the steps into "
    "one container.",
    PAGE,
)
NO_MULTI_MODEL = Rule(
    "serverless-no-multi-model",
    "AWS refuses a multi-model container on a serverless endpoint: use Mode SingleModel and an endpoint a model.",
    PAGE,
)
NO_DATA_SOURCE = Rule(
    "serverless-no-model-data-source",
    "AWS takes no ModelDataSource on a serverless endpoint: pack the model into a .tar.gz and name it in ModelDataUrl.",
    api("ContainerDefinition"),
)
NO_PRIVATE_REGISTRY = Rule(
    "serverless-no-private-registry",
    "AWS pulls no image from a private registry for a serverless endpoint: push it to Amazon ECR.",
    PAGE,
)
NO_GPU_IMAGE = Rule(
    "serverless-no-gpu-image",
    "A serverless endpoint has no GPU, so the GPU image {image} is gigabytes for nothing or fails: use the CPU image.",
    PAGE,
)
NO_INSTANCES = Rule(
    "serverless-no-instance-settings",
    "AWS refuses {keys} beside ServerlessConfig, which stands instead of instances: take them away.",
    api("ProductionVariant"),
)
NO_ASYNC = Rule(
    "serverless-no-async",
    "AWS refuses AsyncInferenceConfig with a serverless variant: queue the requests yourself, or serve on instances.",
    guide("async-inference"),
    Evidence.KNOWN,
)
MEMORY_SIZE = Rule(
    "serverless-memory-size",
    "AWS refuses {memory:g} MB for a serverless endpoint: choose 1024, 2048, 3072, 4096, 5120 or 6144.",
    PAGE,
)
MAX_CONCURRENCY = Rule(
    "serverless-max-concurrency",
    "AWS refuses a MaxConcurrency of {count:g} on one serverless endpoint: choose 1 to 200.",
    PAGE,
)
PROVISIONED = Rule(
    "serverless-provisioned-concurrency",
    "AWS refuses a ProvisionedConcurrency of {count:g} where MaxConcurrency is {most:g}: provision 1 to "
    "MaxConcurrency.",
    PAGE,
)


def check(hosting: Hosting) -> Iterator[Violation]:
    """What the serverless endpoints of a template cannot have."""
    for configuration in hosting.configurations:
        if configuration.kind is not Kind.SERVERLESS:
            continue
        yield from _configuration(configuration)
        for variant in configuration.variants:
            yield from _variant(configuration, variant)
        for model in hosting.models(configuration):
            yield from _model(model)


def _configuration(configuration: Configuration) -> Iterator[Violation]:
    properties = configuration.properties
    refused = {"VpcConfig": NO_VPC, "DataCaptureConfig": NO_CAPTURE, "AsyncInferenceConfig": NO_ASYNC}
    for key, rule in refused.items():
        if properties.has(key):
            yield rule.on(configuration.id)
    if properties.flag("EnableNetworkIsolation"):
        yield NO_ISOLATION.on(configuration.id)
    if len(configuration.production) > 1:
        yield ONE_VARIANT.on(configuration.id, count=len(configuration.production))
    if configuration.shadows:
        yield NO_SHADOW.on(configuration.id)


def _variant(configuration: Configuration, variant: Properties) -> Iterator[Violation]:
    if not variant.has("ServerlessConfig"):
        return
    beside = [key for key in OF_INSTANCES if variant.has(key)]
    if beside:
        yield NO_INSTANCES.on(configuration.id, keys=", ".join(beside))
    settings = variant.at("ServerlessConfig")
    memory, most, warm = (
        settings.number(f"{key}") for key in ("MemorySizeInMB", "MaxConcurrency", "ProvisionedConcurrency")
    )
    if memory is not None and memory not in MEMORY:
        yield MEMORY_SIZE.on(configuration.id, memory=memory)
    if most is not None and most not in CONCURRENCY:
        yield MAX_CONCURRENCY.on(configuration.id, count=most)
    if warm is not None and most is not None and not 1 <= warm <= most:
        yield PROVISIONED.on(configuration.id, count=warm, most=most)


def _model(model: Resource) -> Iterator[Violation]:
    if model.properties.has("VpcConfig"):
        yield NO_VPC.on(model.logical_id)
    if model.properties.flag("EnableNetworkIsolation"):
        yield NO_ISOLATION.on(model.logical_id)
    inside = containers(model)
    if len(inside) > 1:
        yield NO_PIPELINE.on(model.logical_id, count=len(inside))
    for container in inside:
        if container.text("Mode") == "MultiModel":
            yield NO_MULTI_MODEL.on(model.logical_id)
        if container.has("ModelDataSource"):
            yield NO_DATA_SOURCE.on(model.logical_id)
        if container.at("ImageConfig").text("RepositoryAccessMode") == "Vpc":
            yield NO_PRIVATE_REGISTRY.on(model.logical_id)
        if hardware(container.text("Image")) == "gpu":
            yield NO_GPU_IMAGE.on(model.logical_id, image=container.text("Image"))
