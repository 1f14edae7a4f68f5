"""How an endpoint of inference components comes down to no instance, and up again."""

from collections.abc import Iterator

from stacks.sagemaker_rules.hosting import Endpoint, Hosting, Kind
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, guide
from stacks.sagemaker_rules.scalable import Scaling, Target
from stacks.sagemaker_rules.template import Resource
from stacks.sagemaker_rules.wake import never_fires

PAGE = guide("endpoint-auto-scaling-zero-instances")
REFUSED = "NoCapacityInvocationFailures"

INSTANCES_STAY = Rule(
    "component-instances-stay",
    "Copies may go to 0, yet AWS keeps instances: enable ManagedInstanceScaling with MinInstanceCount 0 in the "
    "variant.",
    PAGE,
)
COPIES_STAY = Rule(
    "component-copies-stay",
    "MinInstanceCount is 0, yet the copies of this component stay and AWS keeps their instances: register it as a "
    "scalable target with MinCapacity 0.",
    PAGE,
)
SLEEPS = Rule(
    "component-never-sleeps",
    "MinCapacity is 0, yet no target tracking policy ever takes a copy away: track invocations or concurrent requests "
    "per copy.",
    PAGE,
)
WAKES = Rule(
    "component-never-wakes",
    "At 0 copies AWS fails every request until something scales out: add a step policy that adds 1, set off by an "
    "alarm on {metric} with the dimension InferenceComponentName.",
    PAGE,
)
WAKE_ALARM = Rule(
    "component-wake-alarm",
    "{comparison} {threshold:g} on {metric} needs more than one refused request in a period, so AWS leaves a caller "
    "who asks once waiting for ever: use GreaterThanOrEqualToThreshold 1.",
    PAGE,
    Evidence.KNOWN,
)
VARIANT_SCALED = Rule(
    "component-variant-scaled",
    "ManagedInstanceScaling counts the instances of this variant already, and a scalable target on the same number "
    "works against it: scale copies of the components instead.",
    PAGE,
    Evidence.KNOWN,
)


def check(hosting: Hosting, scaling: Scaling) -> Iterator[Violation]:
    """Where an endpoint of components cannot sleep, or cannot wake."""
    for endpoint in hosting.endpoints:
        if endpoint.kind is Kind.COMPONENTS:
            yield from _variants(endpoint, scaling)
            for component in hosting.components_of(endpoint):
                targets = scaling.of_component(component)
                if targets or not scaling.unclear:
                    yield from _component(endpoint, component, targets)
    for target in scaling.targets:
        if target.component and target.to_zero:
            yield from _to_zero(target)


def _variants(endpoint: Endpoint, scaling: Scaling) -> Iterator[Violation]:
    for target in scaling.of_variants(endpoint):
        variant = endpoint.configuration.variant(target.variant[1]) if endpoint.configuration else None
        if variant and variant.at("ManagedInstanceScaling").text("Status") == "ENABLED":
            yield VARIANT_SCALED.on(target.id)


def _component(endpoint: Endpoint, component: Resource, targets: list[Target]) -> Iterator[Violation]:
    name = component.properties.text("VariantName")
    variant = endpoint.configuration.variant(name) if endpoint.configuration else None
    if variant is None or component.properties.at("Specification").has("BaseInferenceComponentName"):
        return
    managed = variant.at("ManagedInstanceScaling")
    least = managed.number("MinInstanceCount") if managed.text("Status") == "ENABLED" else 1
    to_zero = [target for target in targets if target.to_zero]
    if least == 0 and not to_zero:
        yield COPIES_STAY.on(component.logical_id)
    if to_zero and (least is None or least > 0) and not (managed.values and least is None):
        yield INSTANCES_STAY.on(endpoint.configuration.id if endpoint.configuration else endpoint.id)


def _to_zero(target: Target) -> Iterator[Violation]:
    if not any(policy.predefined or policy.measured for policy in target.policies):
        yield SLEEPS.on(target.id)
    alarms = list(target.wakers(REFUSED, "InferenceComponentName", target.component))
    if not alarms:
        yield WAKES.on(target.id, metric=REFUSED)
    for alarm in alarms:
        comparison, threshold = alarm.properties.text("ComparisonOperator"), alarm.properties.number("Threshold")
        if never_fires(comparison, threshold, most=1):
            yield WAKE_ALARM.on(alarm.logical_id, metric=REFUSED, comparison=comparison, threshold=threshold)
