"""How an endpoint goes over to a new configuration: shifting, sizes, waits, names."""

import math
from collections.abc import Iterator

from stacks.sagemaker_rules.hosting import Endpoint, Hosting, Kind, instance_types
from stacks.sagemaker_rules.properties import Properties
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, api, guide

EXCLUSIONS = guide("deployment-guardrails-exclusions")
CANARY_PAGE = guide("deployment-guardrails-blue-green-canary")
LINEAR_PAGE = guide("deployment-guardrails-blue-green-linear")
ROLLING_PAGE = guide("deployment-guardrails-rolling")
STABLE_NAME = "AllTraffic"
SIZES = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}
SHARES = {"CANARY": (0, 50), "LINEAR": (10, 50), "ROLLING": (5, 50)}
"""The least and the most per cent of the fleet that may go at once."""

ONE_POLICY = Rule(
    "deployment-one-policy",
    "AWS takes one update policy and refuses BlueGreenUpdatePolicy with RollingUpdatePolicy: keep one.",
    api("DeploymentConfig"),
)
VARIANT_NAME = Rule(
    "deployment-variant-name",
    "AWS shifts traffic only between variants of the same name, and {name} may change some day: call it AllTraffic.",
    EXCLUSIONS,
    Evidence.OURS,
)
CONFIG_NAME = Rule(
    "deployment-config-name",
    "Every property of an endpoint configuration is fixed, so CloudFormation makes a new one for each change and "
    "collides with the old one's name {name}: leave EndpointConfigName out.",
    "https://github.com/hashicorp/terraform-provider-aws/pull/48993",
    Evidence.REPORTED,
)
MODEL_NAME = Rule(
    "deployment-model-name",
    "Every property of a model is fixed, so CloudFormation makes a new one for each change and collides with the old "
    "one's name {name}: leave ModelName out.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-model.html",
)
SIZE = Rule(
    "deployment-size",
    "AWS wants {least} to {most} % of the fleet at once for {type} shifting, and {given} is not: choose a size within.",
    CANARY_PAGE,
)
SIZE_MISSING = Rule(
    "deployment-size-missing",
    "AWS refuses {type} shifting without {key}: say how much of the fleet goes at once.",
    CANARY_PAGE,
    Evidence.KNOWN,
)
SIZE_UNUSED = Rule(
    "deployment-size-unused",
    "{key} belongs to another way of shifting than {type}, and AWS refuses or ignores it: take it away.",
    api("TrafficRoutingConfig"),
    Evidence.KNOWN,
)
COUNT_SERVERLESS = Rule(
    "deployment-serverless-count",
    "A serverless endpoint has no instances that AWS could count: give the size as CAPACITY_PERCENT.",
    api("CapacitySize"),
    Evidence.KNOWN,
)
NO_WAIT = Rule(
    "deployment-no-wait",
    "Without WaitIntervalInSeconds AWS shifts all traffic at once after the first part, before an alarm can see it: "
    "wait some minutes.",
    CANARY_PAGE,
)
NO_BAKE = Rule(
    "deployment-no-bake",
    "Without TerminationWaitInSeconds AWS ends the old fleet as soon as all traffic is on the new one, and no alarm "
    "can bring it back: wait some minutes.",
    guide("deployment-guardrails-blue-green-all-at-once"),
)
ROLLING = Rule(
    "deployment-rolling-excluded",
    "AWS rolls no endpoint with {what} and shifts all at once instead: use BlueGreenUpdatePolicy.",
    EXCLUSIONS,
)
INF1 = Rule(
    "deployment-inf1",
    "On Inf1 AWS ignores deployment guardrails and shifts all at once without a bake: use ml.inf2, or take "
    "DeploymentConfig away.",
    EXCLUSIONS,
)
TIMEOUT = Rule(
    "deployment-timeout",
    "The waits alone last {waits:g} s and AWS ends the deployment after {timeout:g} s: raise "
    "MaximumExecutionTimeoutInSeconds.",
    api("BlueGreenUpdatePolicy"),
)


def check(hosting: Hosting) -> Iterator[Violation]:
    """Where an endpoint cannot go over to a new configuration as it is told."""
    for configuration in hosting.configurations:
        if configuration.properties.has("EndpointConfigName"):
            yield CONFIG_NAME.on(configuration.id, name=configuration.properties.text("EndpointConfigName"))
    for model in hosting.template.of("AWS::SageMaker::Model"):
        if model.properties.has("ModelName"):
            yield MODEL_NAME.on(model.logical_id, name=model.properties.text("ModelName"))
    for endpoint in hosting.endpoints:
        deployment = endpoint.resource.properties.at("DeploymentConfig")
        blue_green, rolling = deployment.at("BlueGreenUpdatePolicy"), deployment.at("RollingUpdatePolicy")
        if blue_green.values and rolling.values:
            yield ONE_POLICY.on(endpoint.id)
        if deployment.values:
            yield from _excluded(endpoint, rolling)
        if blue_green.values:
            yield from _blue_green(endpoint, blue_green)
        if rolling.values:
            yield from _rolling(endpoint, rolling)


def _excluded(endpoint: Endpoint, rolling: Properties) -> Iterator[Violation]:
    if endpoint.configuration is None:
        return
    production = endpoint.configuration.production
    for variant in production:
        name = variant.text("VariantName")
        if len(production) == 1 and name not in {STABLE_NAME, ""}:
            yield VARIANT_NAME.on(endpoint.configuration.id, name=name)
        if any(text.startswith("ml.inf1.") for text in instance_types(variant)):
            yield INF1.on(endpoint.id)
    if rolling.values and endpoint.kind is Kind.SERVERLESS:
        yield ROLLING.on(endpoint.id, what="serverless inference")
    if rolling.values and len(production) > 1:
        yield ROLLING.on(endpoint.id, what="several variants")


def _blue_green(endpoint: Endpoint, policy: Properties) -> Iterator[Violation]:
    routing = policy.at("TrafficRoutingConfiguration")
    shifting = routing.literal("Type")
    for other, key in SIZES.items():
        if shifting and other != shifting and routing.has(key):
            yield SIZE_UNUSED.on(endpoint.id, key=key, type=shifting)
    wait, bake = routing.number("WaitIntervalInSeconds"), policy.number("TerminationWaitInSeconds")
    steps = 1.0
    if shifting in SIZES:
        if routing.lacks(SIZES[shifting]):
            yield SIZE_MISSING.on(endpoint.id, type=shifting, key=SIZES[shifting])
        yield from _size(endpoint, routing.at(SIZES[shifting]), shifting)
        if routing.lacks("WaitIntervalInSeconds") or wait == 0:
            yield NO_WAIT.on(endpoint.id)
        steps = _steps(endpoint, routing.at(SIZES[shifting])) - 1 if shifting == "LINEAR" else 1
    watched = endpoint.resource.properties.at("DeploymentConfig", "AutoRollbackConfiguration").items("Alarms")
    if watched and (policy.lacks("TerminationWaitInSeconds") or bake == 0):
        yield NO_BAKE.on(endpoint.id)
    waits = (wait or 0) * (steps if shifting in SIZES else 0) + (bake or 0)
    timeout = policy.number("MaximumExecutionTimeoutInSeconds")
    if timeout is not None and waits >= timeout:
        yield TIMEOUT.on(endpoint.id, waits=waits, timeout=timeout)


def _rolling(endpoint: Endpoint, policy: Properties) -> Iterator[Violation]:
    size = policy.at("MaximumBatchSize")
    yield from _size(endpoint, size, "ROLLING")
    if policy.lacks("WaitIntervalInSeconds") or policy.number("WaitIntervalInSeconds") == 0:
        yield NO_WAIT.on(endpoint.id)
    waits = (policy.number("WaitIntervalInSeconds") or 0) * _steps(endpoint, size)
    timeout = policy.number("MaximumExecutionTimeoutInSeconds")
    if timeout is not None and waits >= timeout:
        yield TIMEOUT.on(endpoint.id, waits=waits, timeout=timeout)


def _size(endpoint: Endpoint, size: Properties, shifting: str) -> Iterator[Violation]:
    counted = size.text("Type") == "INSTANCE_COUNT"
    if counted and endpoint.kind is Kind.SERVERLESS:
        yield COUNT_SERVERLESS.on(endpoint.id)
        return
    share, value = _share(endpoint, size), size.number("Value")
    least, most = SHARES[shifting]
    if share is not None and value is not None and not least <= share <= most:
        given = f"{value:g} of the fleet's instances" if counted else f"{value:g} %"
        yield SIZE.on(endpoint.id, least=least, most=most, type=shifting, given=given)


def _share(endpoint: Endpoint, size: Properties) -> float | None:
    """The per cent of the fleet that goes at once; None where the fleet's size is unknown."""
    value = size.number("Value")
    if value is None or size.text("Type") != "INSTANCE_COUNT":
        return value
    production = endpoint.configuration.production if endpoint.configuration else []
    counts = [variant.number("InitialInstanceCount") for variant in production]
    fleet = min((count for count in counts if count), default=None)
    return None if fleet is None else 100 * value / fleet


def _steps(endpoint: Endpoint, size: Properties) -> float:
    """How many steps a whole fleet takes; 1 where that is unknown."""
    share = _share(endpoint, size)
    return float(math.ceil(100 / share)) if share and share > 0 else 1.0
