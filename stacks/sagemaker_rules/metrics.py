"""Whether AWS publishes what an alarm or a policy looks at: an alarm on nothing is silent for ever."""

from collections.abc import Iterator

from stacks.sagemaker_rules.hosting import Endpoint, Hosting, Kind, instance_types
from stacks.sagemaker_rules.machines import accelerator
from stacks.sagemaker_rules.measure import Measure, measures
from stacks.sagemaker_rules.properties import known
from stacks.sagemaker_rules.published import FINER, GENERAL, NAMESPACES, OF_LABELLING, PUBLISHED, SUMS, Published
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation
from stacks.sagemaker_rules.scalable import Scaling

UNKNOWN = Rule(
    "metric-unknown",
    "AWS publishes no metric {metric} in {namespace}, so nothing ever arrives: take one that it lists.",
    GENERAL,
)
NAMESPACE = Rule(
    "metric-namespace",
    "AWS publishes {metric} in {right}, not in {namespace}, so nothing ever arrives: change the namespace.",
    GENERAL,
)
DIMENSIONS = Rule(
    "metric-dimensions",
    "AWS publishes {metric} only by {right}, not by {dimensions}, so nothing ever arrives: give exactly those "
    "dimensions.",
    GENERAL,
)
KIND = Rule(
    "metric-kind",
    "AWS does not publish {metric} for an endpoint with {kind} inference, so nothing ever arrives: take one that it "
    "lists for that kind.",
    GENERAL,
)
VARIANT = Rule(
    "metric-variant-unknown",
    "The endpoint has no variant {variant}, so AWS publishes nothing under that name: take the name of a variant.",
    GENERAL,
    Evidence.KNOWN,
)
GPU = Rule(
    "metric-gpu-on-cpu",
    "{types} have no GPU, so AWS publishes no {metric}: watch CPUUtilization.",
    GENERAL,
    Evidence.KNOWN,
)
STATISTIC = Rule(
    "metric-statistic",
    "Of {metric} AWS lists only Sum as valid, and {statistic} of it does not tell how many: use Sum.",
    GENERAL,
)


def check(hosting: Hosting, scaling: Scaling) -> Iterator[Violation]:
    """What is looked at and never published."""
    asked = [one for alarm in scaling.alarms for one in measures(alarm.logical_id, alarm.properties)]
    for policy in {
        policy.resource.logical_id: policy for target in scaling.targets for policy in target.policies
    }.values():
        asked += policy.measured
    for measure in asked:
        if measure.namespace.casefold() in {namespace.casefold() for namespace in NAMESPACES}:
            yield from _measure(hosting, measure)


def _measure(hosting: Hosting, measure: Measure) -> Iterator[Violation]:
    named = [row for row in PUBLISHED if measure.name in row.metrics]
    here = [row for row in named if row.namespace == measure.namespace]
    details = {"metric": measure.name, "namespace": measure.namespace}
    if not known(measure.name) or measure.name in OF_LABELLING:
        return
    if not named:
        yield UNKNOWN.on(measure.logical_id, **details)
    elif not here:
        yield NAMESPACE.on(measure.logical_id, right=_listed({row.namespace for row in named}), **details)
    else:
        yield from _dimensions(hosting, measure, here)
    if measure.name in SUMS and measure.statistic not in {"Sum", ""} and known(measure.statistic):
        yield STATISTIC.on(measure.logical_id, statistic=measure.statistic, metric=measure.name)


def _dimensions(hosting: Hosting, measure: Measure, rows: list[Published]) -> Iterator[Violation]:
    given = frozenset(measure.dimensions) - FINER
    alike = [row for row in rows if row.dimensions == given]
    if not alike:
        right = " or ".join(sorted({" and ".join(sorted(row.dimensions)) for row in rows}))
        asked = _listed(set(measure.dimensions)) or "none"
        yield DIMENSIONS.on(measure.logical_id, metric=measure.name, right=right, dimensions=asked)
        return
    endpoint = hosting.endpoint(measure.dimensions.get("EndpointName", ""))
    if endpoint:
        yield from _endpoint(measure, alike, endpoint)


def _endpoint(measure: Measure, rows: list[Published], endpoint: Endpoint) -> Iterator[Violation]:
    kind = endpoint.kind
    if kind and not any(kind in row.kinds for row in rows):
        yield KIND.on(measure.logical_id, metric=measure.name, kind=kind)
    variants = endpoint.configuration.variants if endpoint.configuration else []
    asked = measure.dimensions.get("VariantName", "")
    chosen = [variant for variant in variants if variant.text("VariantName") == asked]
    names = [variant.text("VariantName") for variant in variants]
    if asked and known(asked) and names and all(map(known, names)) and not chosen:
        yield VARIANT.on(measure.logical_id, variant=asked)
    types = [text for variant in chosen for text in instance_types(variant)]
    plain = types and all(accelerator(text) == "none" for text in types)
    if plain and measure.name.startswith("GPU") and kind is not Kind.SERVERLESS:
        yield GPU.on(measure.logical_id, types=_listed(set(types)), metric=measure.name)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
