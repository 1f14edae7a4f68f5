"""Which image a model runs, and whether what it runs on suits it."""

from collections.abc import Iterator

from catalogue.closed import closed_image
from stacks.sagemaker_rules.container_images import accounts, container_image, hardware, listed, processor, publishers
from stacks.sagemaker_rules.hosting import Configuration, Hosting, Kind, containers, instance_types, specifications
from stacks.sagemaker_rules.machines import machine
from stacks.sagemaker_rules.properties import Json, Properties, walk
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, api
from stacks.sagemaker_rules.template import Resource

CONTAINER = api("ContainerDefinition")
REGIONS = "https://aws.github.io/deep-learning-containers/reference/region_availability"

REGION = Rule(
    "image-region",
    "AWS pulls an image only in the region of the endpoint, {here}, and {image} is in {there}: take the address of "
    "{here}.",
    CONTAINER,
)
ACCOUNT = Rule(
    "image-account",
    "AWS publishes {repository} in {region} under the account {right} and refuses {wrong}: take the address from "
    "catalogue.images.",
    REGIONS,
)
NOT_OFFERED = Rule(
    "image-not-offered",
    "AWS does not publish {repository} in {region}: take an image that catalogue.images lists for the region.",
    REGIONS,
)
CDK_MAP = Rule(
    "image-cdk-map",
    "The CDK's DlcRepositoryAccountMap lacks 13 regions, and CloudFormation refuses the template in each of them: take "
    "the address from catalogue.images.",
    REGIONS,
)
CLOSED = Rule(
    "image-closed",
    "{name} ended on {since} and AWS mends nothing in {image}: {instead}.",
    "https://attic.apache.org/projects/mxnet.html",
)
TRAINING = Rule(
    "image-training-only",
    "{image} is made to train and answers no request, so AWS never sees the endpoint healthy: take an image for "
    "inference.",
    CONTAINER,
    Evidence.KNOWN,
)
GPU_ON_CPU = Rule(
    "image-gpu-on-cpu",
    "{image} is built for a GPU and {type} has none, so the container fails or runs slowly: take the CPU image, or a "
    "type with a GPU.",
    CONTAINER,
    Evidence.KNOWN,
)
CPU_ON_GPU = Rule(
    "image-cpu-on-gpu",
    "{image} is built for CPUs, so AWS bills the GPU of {type} for nothing: take the GPU image, or a CPU type.",
    CONTAINER,
    Evidence.KNOWN,
)
NEURON = Rule(
    "image-neuron",
    "{image} and {type} do not belong together: Neuron images run on Inferentia and Trainium, and those run no other.",
    CONTAINER,
    Evidence.KNOWN,
)
PROCESSOR = Rule(
    "image-processor",
    "{image} is built for {built} and {type} is {has}, so AWS cannot start it: take the image or the type of the other "
    "processor.",
    CONTAINER,
    Evidence.KNOWN,
)


def check(hosting: Hosting) -> Iterator[Violation]:
    """Where an image cannot be pulled, or does not suit the instances."""
    for model in hosting.template.of("AWS::SageMaker::Model"):
        yield from _addresses(model, containers(model), hosting.template.region)
    for component in hosting.components:
        yield from _addresses(component, _own(component), hosting.template.region)
    for configuration in hosting.configurations:
        if configuration.kind is not Kind.SERVERLESS:
            yield from _suited(hosting, configuration)
    for component in hosting.components:
        host = hosting.hosted(component)
        if host and host.configuration:
            variant = host.configuration.variant(component.properties.text("VariantName"))
            for container in _own(component) if variant else ():
                yield from _fits(component.logical_id, container.literal("Image"), variant)


def _own(component: Resource) -> list[Properties]:
    """The containers that a component itself names."""
    return [one.at("Container") for one in specifications(component) if one.has("Container")]


def _addresses(resource: Resource, inside: list[Properties], region: str | None) -> Iterator[Violation]:
    if any("DlcRepositoryAccountMap" in texts for texts in _maps(resource.raw.get("Properties"))):
        yield CDK_MAP.on(resource.logical_id)
    for container in inside:
        text = container.literal("Image")
        image = container_image(text)
        if image is None:
            continue
        if region and image.region != region:
            yield REGION.on(resource.logical_id, here=region, there=image.region, image=text)
        right = publishers(image.repository).get(image.region)
        if image.account in accounts() and publishers(image.repository):
            if right is None:
                yield NOT_OFFERED.on(resource.logical_id, repository=image.repository, region=image.region)
            elif right != image.account:
                details = {"repository": image.repository, "region": image.region, "wrong": image.account}
                yield ACCOUNT.on(resource.logical_id, right=right, **details)
        published = listed(text)
        if published and published.use == "training":
            yield TRAINING.on(resource.logical_id, image=text)
        closed = closed_image(image.repository)
        if closed:
            details = {"name": closed.name, "since": closed.since, "instead": closed.successor}
            yield CLOSED.on(resource.logical_id, image=text, **details)


def _maps(raw: Json) -> Iterator[list[str]]:
    """The texts in every look-up in a map."""
    for part in walk(raw):
        if part.has("Fn::FindInMap"):
            yield part.texts("Fn::FindInMap")


def _suited(hosting: Hosting, configuration: Configuration) -> Iterator[Violation]:
    for variant in configuration.variants:
        model = hosting.model(variant.text("ModelName"))
        for container in containers(model) if model else ():
            yield from _fits(configuration.id, container.literal("Image"), variant)


def _fits(logical_id: str, image: str, variant: Properties | None) -> Iterator[Violation]:
    """Whether an image runs on every type of a variant: pools may name models of their own, so only a single type."""
    types = instance_types(variant) if variant and variant.lacks("InstancePools") else []
    for text in types if image else ():
        found, built = machine(text), hardware(image)
        if found is None:
            continue
        if built == "gpu" and found.accelerator == "none":
            yield GPU_ON_CPU.on(logical_id, image=image, type=text)
        if built == "cpu" and found.accelerator == "gpu":
            yield CPU_ON_GPU.on(logical_id, image=image, type=text)
        if built and (built == "neuron") != (found.accelerator == "neuron"):
            yield NEURON.on(logical_id, image=image, type=text)
        wanted = processor(image)
        if wanted and found.processor and wanted != found.processor:
            yield PROCESSOR.on(logical_id, image=image, built=wanted, type=text, has=found.processor)
