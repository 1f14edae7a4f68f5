"""Whether an inference component fits on the instances of its endpoint, and its model into their network."""

from collections.abc import Iterator

from catalogue.instance_types import InstanceType
from stacks.sagemaker_rules.hosting import Configuration, Hosting, instance_types, specifications
from stacks.sagemaker_rules.machines import machine
from stacks.sagemaker_rules.properties import Properties
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, api, guide
from stacks.sagemaker_rules.template import Resource

DEPLOYING = guide("realtime-endpoints-deploy-models")
MIB_PER_GIB = 1024
BATCH = (5, 50)
WITHOUT_ZERO = frozenset({"eu-west-3"})
"""Regions in which AWS refused a MinInstanceCount of 0, in August 2026."""

NO_ACCELERATOR = Rule(
    "component-accelerator-on-cpu",
    "{type} has no accelerator, so AWS never places the component: take NumberOfAcceleratorDevicesRequired away.",
    api("InferenceComponentComputeResourceRequirements"),
)
IDLE_ACCELERATOR = Rule(
    "component-idle-accelerator",
    "AWS gives the component none of the accelerators that {type} is paid for: set NumberOfAcceleratorDevicesRequired, "
    "or choose a CPU type.",
    api("InferenceComponentComputeResourceRequirements"),
)
COMPATIBLE = Rule(
    "component-model-network",
    "AWS wants the same {key} on a component's model as on the endpoint's configuration: set it on both or on neither.",
    DEPLOYING,
)
TOO_LARGE = Rule(
    "component-too-large",
    "A copy wants {wanted} and {type} has {has}, so AWS never places it: ask for less, or choose a larger type.",
    api("InferenceComponentComputeResourceRequirements"),
    Evidence.KNOWN,
)
ZERO_REGION = Rule(
    "component-zero-region",
    "AWS refuses a MinInstanceCount of 0 in {region}: keep 1 there, deploy elsewhere, or use a serverless endpoint.",
    "https://github.com/stdapi-ai/stdapi.ai/issues/43",
    Evidence.REPORTED,
)
BATCH_SIZE = Rule(
    "component-batch-size",
    "AWS updates {least} to {most} % of a component's copies at once, and {given} is not: choose a size within.",
    api("InferenceComponentRollingUpdatePolicy"),
)


def check(hosting: Hosting) -> Iterator[Violation]:
    """Which components AWS cannot place."""
    for configuration in hosting.configurations:
        least = [variant.at("ManagedInstanceScaling").number("MinInstanceCount") for variant in configuration.variants]
        if 0 in least and hosting.template.region in WITHOUT_ZERO:
            yield ZERO_REGION.on(configuration.id, region=hosting.template.region)
    for component in hosting.components:
        yield from _batch(component)
        host = hosting.hosted(component)
        if host and host.configuration:
            yield from _placed(hosting, component, host.configuration)


def _placed(hosting: Hosting, component: Resource, configuration: Configuration) -> Iterator[Violation]:
    variant = configuration.variant(component.properties.text("VariantName"))
    for specification in specifications(component):
        needs = specification.at("ComputeResourceRequirements")
        for found in filter(None, map(machine, instance_types(variant) if variant else ())):
            yield from _fits(component, needs, found)
        model = hosting.model(specification.text("ModelName"))
        if model:
            yield from _same_network(model.properties, configuration, model.logical_id)


def _fits(component: Resource, needs: Properties, found: InstanceType) -> Iterator[Violation]:
    devices = "NumberOfAcceleratorDevicesRequired"
    if found.accelerator == "none" and needs.has(devices):
        yield NO_ACCELERATOR.on(component.logical_id, type=found.name)
    if found.accelerator != "none" and needs.values and needs.lacks(devices):
        yield IDLE_ACCELERATOR.on(component.logical_id, type=found.name)
    memory = None if found.memory_gib is None else found.memory_gib * MIB_PER_GIB
    for key, has, what in (
        ("NumberOfCpuCoresRequired", found.vcpus, "cores"),
        ("MinMemoryRequiredInMb", memory, "MB of memory"),
        (devices, found.gpus or None, "GPUs"),
    ):
        wanted = needs.number(key)
        if wanted is not None and has is not None and wanted > has:
            details = {"wanted": f"{wanted:g} {what}", "has": f"{has:g}"}
            yield TOO_LARGE.on(component.logical_id, type=found.name, **details)


def _same_network(model: Properties, configuration: Configuration, logical_id: str) -> Iterator[Violation]:
    both = (model, configuration.properties)
    if any(one.has("VpcConfig") for one in both) and any(one.lacks("VpcConfig") for one in both):
        yield COMPATIBLE.on(logical_id, key="VpcConfig")
    key = "EnableNetworkIsolation"
    isolated = {False if one.lacks(key) else one.flag(key) for one in both}
    if isolated == {True, False}:
        yield COMPATIBLE.on(logical_id, key=key)


def _batch(component: Resource) -> Iterator[Violation]:
    size = component.properties.at("DeploymentConfig", "RollingUpdatePolicy", "MaximumBatchSize")
    value, copies = size.number("Value"), component.properties.at("RuntimeConfig").number("CopyCount")
    counted = size.text("Type") == "COPY_COUNT"
    if value is None or (counted and not copies):
        return
    share = 100 * value / copies if counted and copies else value
    if not BATCH[0] <= share <= BATCH[1]:
        given = f"{value:g} of {copies:g} copies" if counted else f"{value:g} %"
        yield BATCH_SIZE.on(component.logical_id, least=BATCH[0], most=BATCH[1], given=given)
