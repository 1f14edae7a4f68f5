"""What brings an endpoint back: alarms that watch it, and what an update keeps."""

from collections.abc import Iterator

from stacks.sagemaker_rules.grants import allowed, granted
from stacks.sagemaker_rules.hosting import Endpoint, Hosting, Kind
from stacks.sagemaker_rules.measure import measures
from stacks.sagemaker_rules.properties import Properties, may_be
from stacks.sagemaker_rules.published import NAMESPACES
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, api, guide
from stacks.sagemaker_rules.scalable import Scaling
from stacks.sagemaker_rules.template import Resource

PAGE = guide("deployment-guardrails-configuration")
ALARMS = 10
CAPTURE = "DataCaptureConfig"

NO_ALARMS = Rule(
    "deployment-no-rollback",
    "Without alarms AWS rolls nothing back, whatever the new fleet does: name alarms in AutoRollbackConfiguration.",
    PAGE,
)
TOO_MANY = Rule(
    "deployment-alarm-count",
    "AWS refuses {count} alarms for a rollback: name at most 10.",
    api("AutoRollbackConfig"),
)
ELSEWHERE = Rule(
    "deployment-alarm-elsewhere",
    "The alarm {alarm} does not watch this endpoint, so AWS rolls back for something else or never: give its metric "
    "the dimension EndpointName of this endpoint.",
    PAGE,
)
BREACHING = Rule(
    "deployment-alarm-breaching",
    "The alarm {alarm} takes missing data for a breach, so AWS rolls every deployment back in which nobody calls: "
    "treat it as notBreaching.",
    PAGE,
    Evidence.KNOWN,
)
EXCLUDES_CAPTURE = Rule(
    "deployment-excludes-capture",
    "AWS calls DataCaptureConfig in ExcludeRetainedVariantProperties not supported: leave it out; what is captured is "
    "no property of a variant, and changes with the configuration.",
    api("VariantProperty"),
)
BLIND = Rule(
    "deployment-role-blind",
    "The role of model {model} may not look at the rollback's alarms, so AWS refuses the update or does not watch it: "
    "allow it cloudwatch:DescribeAlarms.",
    PAGE,
)
EXCLUDES_NOTHING = Rule(
    "deployment-excludes-nothing",
    "ExcludeRetainedVariantProperties means something only with RetainAllVariantProperties, and AWS ignores it: set "
    "that too, or take it away.",
    api("UpdateEndpoint"),
)
RESETS_COUNT = Rule(
    "deployment-resets-count",
    "A scalable target moves this endpoint's instances, and AWS resets them to InitialInstanceCount with every update: "
    "set RetainAllVariantProperties.",
    guide("endpoint-scaling-update"),
)
RETAINED = Rule(
    "deployment-retained",
    "RetainDeploymentConfig tells AWS to reuse the last DeploymentConfig, so the one beside it may not be the one that "
    "runs: keep only DeploymentConfig.",
    api("UpdateEndpoint"),
    Evidence.KNOWN,
)
LOST = Rule(
    "deployment-lost",
    "RetainDeploymentConfig is false and no DeploymentConfig is given, so AWS updates without the guardrails that an "
    "earlier deployment set: give DeploymentConfig.",
    api("UpdateEndpoint"),
)


def check(hosting: Hosting, scaling: Scaling) -> Iterator[Violation]:
    """Where an update of an endpoint is not watched, or keeps what it should not."""
    for endpoint in hosting.endpoints:
        properties = endpoint.resource.properties
        if properties.has("DeploymentConfig"):
            yield from _watched(endpoint, properties.at("DeploymentConfig", "AutoRollbackConfiguration"), scaling)
            yield from _looks(endpoint, scaling.hosting)
            if properties.flag("RetainDeploymentConfig"):
                yield RETAINED.on(endpoint.id)
        elif properties.flag("RetainDeploymentConfig") is False:
            yield LOST.on(endpoint.id)
        yield from _retained(endpoint, properties, scaling)


def _watched(endpoint: Endpoint, rollback: Properties, scaling: Scaling) -> Iterator[Violation]:
    named = [alarm.text("AlarmName") for alarm in rollback.each("Alarms")]
    if rollback.lacks("Alarms") or (not named and rollback.value("Alarms") == []):
        yield NO_ALARMS.on(endpoint.id)
    if len(named) > ALARMS:
        yield TOO_MANY.on(endpoint.id, count=len(named))
    for name in named:
        alarm = scaling.hosting.template.find("AWS::CloudWatch::Alarm", name)
        if alarm and not _watches(alarm, endpoint, scaling.hosting):
            yield ELSEWHERE.on(endpoint.id, alarm=alarm.logical_id)
        if alarm and alarm.properties.text("TreatMissingData") == "breaching":
            yield BREACHING.on(endpoint.id, alarm=alarm.logical_id)


def _looks(endpoint: Endpoint, hosting: Hosting) -> Iterator[Violation]:
    """Whether SageMaker may look at the alarms, which it does with the models' roles."""
    for model in hosting.models(endpoint.configuration) if endpoint.configuration else ():
        role = hosting.template.find("AWS::IAM::Role", model.properties.text("ExecutionRoleArn"))
        actions = allowed(hosting.template, role) if role else None
        if actions is not None and not granted("cloudwatch:DescribeAlarms", actions):
            yield BLIND.on(endpoint.id, model=model.logical_id)


def _watches(alarm: Resource, endpoint: Endpoint, hosting: Hosting) -> bool:
    """Whether the alarm looks at the endpoint or at a component on it; a metric of somebody's own is trusted."""
    asked = list(measures(alarm.logical_id, alarm.properties))
    components = [hosting.template.name(component) for component in hosting.components_of(endpoint)]
    names = {"EndpointName": [endpoint.name], "InferenceComponentName": components}
    return not asked or any(
        one.namespace not in NAMESPACES
        or any(may_be(one.dimensions.get(key, ""), name) for key, known in names.items() for name in known)
        for one in asked
    )


def _retained(endpoint: Endpoint, properties: Properties, scaling: Scaling) -> Iterator[Violation]:
    excluded = [one.text("VariantPropertyType") for one in properties.each("ExcludeRetainedVariantProperties")]
    retains = properties.flag("RetainAllVariantProperties")
    if CAPTURE in excluded:
        yield EXCLUDES_CAPTURE.on(endpoint.id)
    if excluded and (retains is False or properties.lacks("RetainAllVariantProperties")):
        yield EXCLUDES_NOTHING.on(endpoint.id)
    moved = endpoint.kind is Kind.CLASSIC and scaling.of_variants(endpoint)
    if moved and (retains is False or properties.lacks("RetainAllVariantProperties")):
        yield RESETS_COUNT.on(endpoint.id)
