"""The four ways to host, and which one an endpoint's configuration asks for."""

from collections.abc import Iterator
from enum import StrEnum

from mlstack.local.json_service import Json

MEMORY_STEP = 1024


class Hosting(StrEnum):
    """How an endpoint answers."""

    ASYNCHRONOUS = "asynchronous"
    CLASSIC = "classic"
    """Instances that answer at once for the models of their variants."""
    COMPONENTS = "realtime"
    """Instances that carry inference components."""
    SERVERLESS = "serverless"


def hosting(config: Json) -> Hosting:
    """The way that a configuration asks for."""
    if config.get("AsyncInferenceConfig"):
        return Hosting.ASYNCHRONOUS
    if any(variant.get("ServerlessConfig") for variant in config["ProductionVariants"]):
        return Hosting.SERVERLESS
    if any(not variant.get("ModelName") for variant in config["ProductionVariants"]):
        return Hosting.COMPONENTS
    return Hosting.CLASSIC


def faults(config: Json, isolated: frozenset[str], in_network: frozenset[str]) -> Iterator[str]:
    """What SageMaker refuses of a configuration beyond its shapes.

    ``isolated`` and ``in_network`` name the models with network isolation and with a VPC.
    """
    variants, way = config["ProductionVariants"], hosting(config)
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) < len(names):
        yield "Each production variant needs a name of its own."
    if way is Hosting.SERVERLESS:
        yield from _serverless(config, isolated, in_network)
    for variant in variants:
        yield from _variant(variant, way)
    if way is Hosting.COMPONENTS:
        if any(variant.get("ModelName") for variant in variants):
            yield "A variant with a model and one for inference components cannot be in one configuration."
        if not config.get("ExecutionRoleArn"):
            yield "ExecutionRoleArn is needed in a configuration for inference components."
    if way is Hosting.ASYNCHRONOUS:
        yield from _asynchronous(config)


def _variant(variant: Json, way: Hosting) -> Iterator[str]:
    scaling = variant.get("ManagedInstanceScaling") or {}
    if variant.get("ServerlessConfig"):
        memory = variant["ServerlessConfig"]["MemorySizeInMB"]
        if memory % MEMORY_STEP:
            yield f"MemorySizeInMB {memory} is none of 1024, 2048, 3072, 4096, 5120, 6144."
        if variant.get("InstanceType") or variant.get("InitialInstanceCount"):
            yield "A serverless variant has neither InstanceType nor InitialInstanceCount."
        if variant["ServerlessConfig"].get("ProvisionedConcurrency", 0) > variant["ServerlessConfig"]["MaxConcurrency"]:
            yield "ProvisionedConcurrency cannot be above MaxConcurrency."
    elif not variant.get("InstanceType") and not variant.get("InstancePools"):
        yield f"InstanceType is needed for variant {variant['VariantName']}."
    elif way is not Hosting.COMPONENTS and not variant.get("InitialInstanceCount"):
        yield f"InitialInstanceCount is needed for variant {variant['VariantName']}."
    if scaling.get("Status") == "ENABLED":
        if way is not Hosting.COMPONENTS:
            yield "ManagedInstanceScaling is only supported for inference component endpoints."
        if scaling.get("MinInstanceCount", 1) > scaling.get("MaxInstanceCount", 1):
            yield "MinInstanceCount cannot be above MaxInstanceCount."


def _serverless(config: Json, isolated: frozenset[str], in_network: frozenset[str]) -> Iterator[str]:
    models = {variant.get("ModelName") for variant in config["ProductionVariants"]}
    refused = {
        "Data capture": (config.get("DataCaptureConfig") or {}).get(
            "EnableCapture", bool(config.get("DataCaptureConfig"))
        ),
        "VPC config": config.get("VpcConfig") or models & in_network,
        "Network isolation": config.get("EnableNetworkIsolation") or models & isolated,
        "More than one variant": len(config["ProductionVariants"]) > 1,
        "A shadow variant": config.get("ShadowProductionVariants"),
        "A variant without a model": None in models,
    }
    for what, there in refused.items():
        if there:
            yield f"{what} is not supported for serverless endpoints."


def _asynchronous(config: Json) -> Iterator[str]:
    if any(variant.get("ServerlessConfig") for variant in config["ProductionVariants"]):
        yield "Async inference is not supported for serverless endpoints."
    if any(not variant.get("ModelName") for variant in config["ProductionVariants"]):
        yield "Async inference is not supported for inference components."
    if len(config["ProductionVariants"]) > 1:
        yield "More than one variant is not supported for async endpoints."
