"""What a variant of an endpoint can be: its name, its instances, its weight, its shadow."""

from collections import Counter
from collections.abc import Iterator

from catalogue.closed import ELASTIC_INFERENCE
from stacks.sagemaker_rules.hosting import Configuration, Hosting, containers, instance_types
from stacks.sagemaker_rules.machines import machine
from stacks.sagemaker_rules.properties import Properties
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, api, guide

VARIANT = api("ProductionVariant")
POOLS = guide("realtime-endpoints-heterogeneous")
AMI_ACCELERATORS = {"gpu": "-gpu-", "neuron": "-neuron-"}

DUPLICATE = Rule(
    "variant-duplicate-name",
    "AWS refuses two variants of the name {name}: give each its own.",
    "https://github.com/mlflow/mlflow/pull/6486",
    Evidence.REPORTED,
)
WEIGHTS = Rule(
    "variant-weights-zero",
    "Every InitialVariantWeight is 0, so AWS has no variant to send traffic to: give one a weight.",
    VARIANT,
    Evidence.KNOWN,
)
COUNT = Rule(
    "variant-initial-count",
    "AWS refuses an InitialInstanceCount of {count:g}, also for an endpoint that is to scale to zero: start with 1 "
    "and let scaling take it away.",
    VARIANT,
)
NEEDS_INSTANCES = Rule(
    "variant-needs-instances",
    "AWS refuses a variant with neither a ServerlessConfig nor an InstanceType or InstancePools: say what it runs on.",
    VARIANT,
    Evidence.KNOWN,
)
TYPE_AND_POOLS = Rule(
    "variant-type-and-pools",
    "InstancePools stand instead of InstanceType, and AWS refuses both: keep one.",
    POOLS,
)
POOL_PRIORITY = Rule(
    "variant-pool-priority",
    "AWS cannot order instance pools of the same Priority {priority:g}: give each its own, 1 to 5.",
    POOLS,
    Evidence.KNOWN,
)
RETIRED = Rule(
    "variant-retired-type",
    "AWS launches no {type} any more, though CloudFormation still takes it: {instead}.",
    "https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-regions.html",
)
NOT_HOSTING = Rule(
    "variant-type-use",
    "AWS does not host on {type}: choose a type that CreateEndpointConfig lists.",
    VARIANT,
)
NO_ACCELERATOR = Rule(
    "variant-elastic-inference",
    "AWS ended Elastic Inference on {since} and refuses AcceleratorType: {instead}.",
    ELASTIC_INFERENCE.source,
)
VOLUME = Rule(
    "variant-volume-on-nvme",
    "{type} has disks of its own and AWS refuses VolumeSizeInGB for it: take VolumeSizeInGB away.",
    "https://github.com/autogluon/autogluon-cloud/pull/50",
    Evidence.REPORTED,
)
KEY = Rule(
    "variant-key-on-nvme",
    "{type} encrypts its own disks and AWS refuses KmsKeyId for it: take KmsKeyId away, or choose a type without "
    "disks.",
    api("CreateEndpointConfig"),
)
AMI = Rule(
    "variant-ami-accelerator",
    "The InferenceAmiVersion {ami} carries drivers that {type} has no device for: take it away, or choose a type "
    "that has.",
    VARIANT,
)
SHADOWS = Rule(
    "variant-shadow-pair",
    "AWS takes one production variant with one shadow and refuses {production} with {shadows}: test one at a time.",
    api("CreateEndpointConfig"),
)
SHADOW_MODEL = Rule(
    "variant-shadow-model",
    "AWS refuses a shadow test with {what}: use a single container with a single model on another family.",
    guide("shadow-tests"),
)


def check(hosting: Hosting) -> Iterator[Violation]:
    """What the variants of a template cannot be."""
    for configuration in hosting.configurations:
        yield from _names_and_weights(configuration)
        for variant in configuration.variants:
            yield from _instances(configuration, variant)
            yield from _pools(configuration, variant)
            for text in instance_types(variant):
                yield from _type(configuration, variant, text)
        if configuration.shadows:
            yield from _shadow(hosting, configuration)


def _names_and_weights(configuration: Configuration) -> Iterator[Violation]:
    names = Counter(variant.text("VariantName") for variant in configuration.variants if variant.has("VariantName"))
    for name, count in names.items():
        if count > 1:
            yield DUPLICATE.on(configuration.id, name=name)
    weights = [
        1.0 if variant.lacks("InitialVariantWeight") else variant.number("InitialVariantWeight")
        for variant in configuration.production
    ]
    if weights and all(weight == 0 for weight in weights):
        yield WEIGHTS.on(configuration.id)


def _instances(configuration: Configuration, variant: Properties) -> Iterator[Violation]:
    count = variant.number("InitialInstanceCount")
    if count is not None and count < 1:
        yield COUNT.on(configuration.id, count=count)
    if variant.lacks("ServerlessConfig", "InstanceType", "InstancePools"):
        yield NEEDS_INSTANCES.on(configuration.id)
    if variant.has("AcceleratorType"):
        instead = ELASTIC_INFERENCE.successor
        yield NO_ACCELERATOR.on(configuration.id, since=ELASTIC_INFERENCE.since, instead=instead)


def _pools(configuration: Configuration, variant: Properties) -> Iterator[Violation]:
    if variant.has("InstanceType") and variant.has("InstancePools"):
        yield TYPE_AND_POOLS.on(configuration.id)
    priorities = Counter(pool.number("Priority") for pool in variant.each("InstancePools"))
    for priority, count in priorities.items():
        if priority is not None and count > 1:
            yield POOL_PRIORITY.on(configuration.id, priority=priority)


def _type(configuration: Configuration, variant: Properties, text: str) -> Iterator[Violation]:
    found = machine(text)
    if found is None:
        return
    if found.retired:
        yield RETIRED.on(configuration.id, type=text, instead=found.retired)
    if "hosting" not in found.uses:
        yield NOT_HOSTING.on(configuration.id, type=text)
    if found.local_storage and variant.has("VolumeSizeInGB"):
        yield VOLUME.on(configuration.id, type=text)
    if found.local_storage and configuration.properties.has("KmsKeyId"):
        yield KEY.on(configuration.id, type=text)
    ami = variant.literal("InferenceAmiVersion")
    needed = [device for device, mark in AMI_ACCELERATORS.items() if mark in ami]
    if needed and found.accelerator not in needed:
        yield AMI.on(configuration.id, ami=ami, type=text)


def _shadow(hosting: Hosting, configuration: Configuration) -> Iterator[Violation]:
    production, shadows = len(configuration.production), len(configuration.shadows)
    if (production, shadows) != (1, 1):
        yield SHADOWS.on(configuration.id, production=production, shadows=shadows)
    for model in hosting.models(configuration):
        inside = containers(model)
        if len(inside) > 1:
            yield SHADOW_MODEL.on(configuration.id, what="a model of several containers")
        if any(container.text("Mode") == "MultiModel" for container in inside):
            yield SHADOW_MODEL.on(configuration.id, what="a multi-model container")
    if any(text.startswith("ml.inf1.") for variant in configuration.variants for text in instance_types(variant)):
        yield SHADOW_MODEL.on(configuration.id, what="Inf1 instances")
