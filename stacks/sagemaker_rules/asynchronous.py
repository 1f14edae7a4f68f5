"""What an asynchronous endpoint needs to sleep, to wake, and to tell what it did."""

from collections.abc import Iterator

from stacks.sagemaker_rules.hosting import Configuration, Endpoint, Hosting, Kind
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, api, guide
from stacks.sagemaker_rules.scalable import Scaling, Target
from stacks.sagemaker_rules.wake import never_fires

SCALING = guide("async-inference-autoscale")
BACKLOG = "ApproximateBacklogSizePerInstance"
WAITING = "HasBacklogWithoutCapacity"
CONCURRENT = range(1, 1001)

ONE_VARIANT = Rule(
    "async-one-variant",
    "AWS refuses {count} production variants in an asynchronous endpoint: keep one.",
    "https://github.com/aws/aws-cdk-rfcs/pull/433",
    Evidence.REPORTED,
)
NO_SHADOW = Rule(
    "async-no-shadow",
    "AWS refuses shadow variants with asynchronous inference: compare models on a real-time endpoint.",
    guide("shadow-tests"),
)
NEEDS_OUTPUT = Rule(
    "async-needs-output",
    "Without S3OutputPath AWS has no place for the answers of an asynchronous endpoint: name a bucket and a prefix.",
    guide("async-inference-create-endpoint-create-endpoint-config"),
    Evidence.KNOWN,
)
FAILURES_SEEN = Rule(
    "async-failure-unseen",
    "Without S3FailurePath and without an ErrorTopic AWS tells nobody that a request failed and its caller waits for "
    "ever: give one of them.",
    api("AsyncInferenceOutputConfig"),
)
CONCURRENCY = Rule(
    "async-concurrency",
    "AWS refuses {count:g} concurrent invocations an instance: choose 1 to 1000.",
    api("AsyncInferenceClientConfig"),
)
NO_TARGET = Rule(
    "async-no-target",
    "Nothing scales this asynchronous endpoint, so AWS bills its instances for ever: register a scalable target with "
    "MinCapacity 0.",
    SCALING,
    Evidence.OURS,
)
KEEPS_ONE = Rule(
    "async-keeps-one",
    "A MinCapacity of {least:g} keeps instances running with an empty queue, and the CDK's auto_scale_instance_count "
    "silently makes 1 of a 0: use a ScalableTarget with MinCapacity 0.",
    SCALING,
    Evidence.OURS,
)
SLEEPS = Rule(
    "async-never-sleeps",
    "Without target tracking on {metric} with the dimension EndpointName alone, AWS never takes the last instance "
    "away: add that policy.",
    SCALING,
)
WAKES = Rule(
    "async-never-wakes",
    "At 0 instances AWS leaves requests waiting until the backlog exceeds the target: add a step policy that adds 1, "
    "set off by an alarm on {metric} with the dimension EndpointName.",
    SCALING,
)
WAKE_ALARM = Rule(
    "async-wake-alarm",
    "{metric} is 0 or 1, so an alarm of {comparison} {threshold:g} never fires and nothing wakes the endpoint: use "
    "GreaterThanOrEqualToThreshold 1.",
    guide("async-inference-monitor"),
)


def check(hosting: Hosting, scaling: Scaling) -> Iterator[Violation]:
    """What the asynchronous endpoints of a template lack or cannot have."""
    for configuration in hosting.configurations:
        if configuration.properties.has("AsyncInferenceConfig"):
            yield from _configuration(configuration)
    for endpoint in hosting.endpoints:
        if endpoint.kind is Kind.ASYNCHRONOUS:
            targets = scaling.of_variants(endpoint)
            if not targets and not scaling.unclear:
                yield NO_TARGET.on(endpoint.id)
            yield from _scaling(endpoint, targets)


def _configuration(configuration: Configuration) -> Iterator[Violation]:
    if len(configuration.production) > 1:
        yield ONE_VARIANT.on(configuration.id, count=len(configuration.production))
    if configuration.shadows:
        yield NO_SHADOW.on(configuration.id)
    output = configuration.properties.at("AsyncInferenceConfig", "OutputConfig")
    if output.lacks("S3OutputPath"):
        yield NEEDS_OUTPUT.on(configuration.id)
    if output.lacks("S3FailurePath") and output.at("NotificationConfig").lacks("ErrorTopic"):
        yield FAILURES_SEEN.on(configuration.id)
    count = configuration.properties.at("AsyncInferenceConfig", "ClientConfig").number(
        "MaxConcurrentInvocationsPerInstance"
    )
    if count is not None and count not in CONCURRENT:
        yield CONCURRENCY.on(configuration.id, count=count)


def _scaling(endpoint: Endpoint, targets: list[Target]) -> Iterator[Violation]:
    for target in targets:
        least = target.properties.number("MinCapacity")
        if least:
            yield KEEPS_ONE.on(target.id, least=least)
        if target.to_zero:
            yield from _to_zero(endpoint, target)


def _to_zero(endpoint: Endpoint, target: Target) -> Iterator[Violation]:
    if not target.follows(BACKLOG, "EndpointName", endpoint.name):
        yield SLEEPS.on(target.id, metric=BACKLOG)
    alarms = list(target.wakers(WAITING, "EndpointName", endpoint.name))
    if not alarms:
        yield WAKES.on(target.id, metric=WAITING)
    for alarm in alarms:
        comparison, threshold = alarm.properties.text("ComparisonOperator"), alarm.properties.number("Threshold")
        if never_fires(comparison, threshold, most=1):
            yield WAKE_ALARM.on(alarm.logical_id, metric=WAITING, comparison=comparison, threshold=threshold)
