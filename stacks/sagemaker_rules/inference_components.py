"""How inference components must be put together with the endpoint that they run on."""

from collections.abc import Iterator

from stacks.sagemaker_rules.hosting import Configuration, Hosting, Kind, specifications
from stacks.sagemaker_rules.properties import Properties
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, api, guide
from stacks.sagemaker_rules.template import Resource

DEPLOYING = guide("realtime-endpoints-deploy-models")
TERRAFORM_TESTS = "https://github.com/hashicorp/terraform-provider-aws/pull/45926"
MEASURED = "https://github.com/stdapi-ai/stdapi.ai/issues/43"

MODEL_IN_VARIANT = Rule(
    "component-model-in-variant",
    "AWS refuses an inference component on a variant that names a model itself: take ModelName out of the variant.",
    DEPLOYING,
    Evidence.KNOWN,
)
ENDPOINT_KIND = Rule(
    "component-endpoint-kind",
    "AWS hosts no inference component on {kind} endpoints: put it on a variant of instances without a model.",
    DEPLOYING,
    Evidence.KNOWN,
)
VARIANT = Rule(
    "component-variant-unknown",
    "The endpoint has no variant {variant}, so AWS refuses the component: name one of its variants.",
    api("CreateInferenceComponent"),
    Evidence.KNOWN,
)
BEFORE_ENDPOINT = Rule(
    "component-before-endpoint",
    "Nothing makes CloudFormation create the endpoint first, and AWS refuses a component without it: refer to the "
    "endpoint, or depend on it.",
    api("CreateInferenceComponent"),
    Evidence.KNOWN,
)
EXECUTION_ROLE = Rule(
    "component-execution-role",
    "AWS refuses a variant without a model where the configuration has no ExecutionRoleArn: give the role there.",
    MEASURED,
    Evidence.REPORTED,
)
MANAGED_SCALING = Rule(
    "component-managed-scaling-only",
    "AWS refuses ManagedInstanceScaling for a variant with a model of its own: use inference components, or a scalable "
    "target.",
    TERRAFORM_TESTS,
    Evidence.REPORTED,
)
MANAGED_RANGE = Rule(
    "component-managed-range",
    "AWS refuses a MinInstanceCount of {least:g} above the MaxInstanceCount of {most:g}: swap them.",
    api("ProductionVariantManagedInstanceScaling"),
    Evidence.KNOWN,
)
NONE = Rule(
    "component-none",
    "No inference component runs on this endpoint, so AWS bills instances that answer nothing: add a component, or "
    "name a model in the variant.",
    DEPLOYING,
    Evidence.OURS,
)
COPIES_AT_FIRST = Rule(
    "component-copy-count",
    "AWS refuses to create an inference component with 0 copies: start with 1 and let scaling take it away.",
    MEASURED,
    Evidence.REPORTED,
)
ONE_SPECIFICATION = Rule(
    "component-one-specification",
    "AWS takes either Specification or Specifications, never both: keep one.",
    api("CreateInferenceComponent"),
)
NO_CONTENT = Rule(
    "component-no-content",
    "The component names neither a ModelName nor a Container, so AWS has nothing to run: give one.",
    api("InferenceComponentSpecification"),
    Evidence.KNOWN,
)
COMPUTE = Rule(
    "component-compute",
    "AWS asks a component for ComputeResourceRequirements, and an adapter, which has a BaseInferenceComponentName, for "
    "none: {advice}.",
    api("InferenceComponentSpecification"),
)
MEMORY_RANGE = Rule(
    "component-memory-range",
    "AWS refuses a MaxMemoryRequiredInMb of {most:g} below the MinMemoryRequiredInMb of {least:g}: raise it.",
    api("InferenceComponentComputeResourceRequirements"),
    Evidence.KNOWN,
)


def check(hosting: Hosting) -> Iterator[Violation]:
    """Where components, their models and their endpoints do not fit."""
    for configuration in hosting.configurations:
        yield from _configuration(configuration)
    for endpoint in hosting.endpoints:
        unknown = any(hosting.hosted(component) is None for component in hosting.components)
        if endpoint.kind is Kind.COMPONENTS and not hosting.components_of(endpoint) and not unknown:
            yield NONE.on(endpoint.id)
    for component in hosting.components:
        yield from _component(component)
        for specification in specifications(component):
            yield from _specification(component, specification)
        host = hosting.hosted(component)
        if host:
            if not hosting.template.waits_for(component, host.resource):
                yield BEFORE_ENDPOINT.on(component.logical_id)
            if host.configuration:
                yield from _placed(component, host.configuration)


def _configuration(configuration: Configuration) -> Iterator[Violation]:
    if configuration.kind is Kind.COMPONENTS and configuration.properties.lacks("ExecutionRoleArn"):
        yield EXECUTION_ROLE.on(configuration.id)
    for variant in configuration.variants:
        scaling = variant.at("ManagedInstanceScaling")
        if variant.has("ModelName") and scaling.text("Status") == "ENABLED":
            yield MANAGED_SCALING.on(configuration.id)
        least, most = scaling.number("MinInstanceCount"), scaling.number("MaxInstanceCount")
        if least is not None and most is not None and least > most:
            yield MANAGED_RANGE.on(configuration.id, least=least, most=most)


def _component(component: Resource) -> Iterator[Violation]:
    properties = component.properties
    if properties.at("RuntimeConfig").number("CopyCount") == 0:
        yield COPIES_AT_FIRST.on(component.logical_id)
    if properties.has("Specification") and properties.has("Specifications"):
        yield ONE_SPECIFICATION.on(component.logical_id)


def _specification(component: Resource, specification: Properties) -> Iterator[Violation]:
    if specification.lacks("ModelName", "Container"):
        yield NO_CONTENT.on(component.logical_id)
    adapter = specification.has("BaseInferenceComponentName")
    if adapter and specification.has("ComputeResourceRequirements"):
        yield COMPUTE.on(component.logical_id, advice="take ComputeResourceRequirements away")
    if specification.lacks("BaseInferenceComponentName", "ComputeResourceRequirements"):
        yield COMPUTE.on(component.logical_id, advice="say what memory and cores it needs")
    needs = specification.at("ComputeResourceRequirements")
    least, most = needs.number("MinMemoryRequiredInMb"), needs.number("MaxMemoryRequiredInMb")
    if least is not None and most is not None and most < least:
        yield MEMORY_RANGE.on(component.logical_id, least=least, most=most)


def _placed(component: Resource, configuration: Configuration) -> Iterator[Violation]:
    if configuration.kind is Kind.SERVERLESS:
        yield ENDPOINT_KIND.on(component.logical_id, kind=configuration.kind)
    if configuration.kind is Kind.CLASSIC:
        yield MODEL_IN_VARIANT.on(component.logical_id)
    name = component.properties.literal("VariantName")
    names = [one.literal("VariantName") for one in configuration.variants]
    if name and name not in names and all(names):
        yield VARIANT.on(component.logical_id, variant=name)
