"""What Application Auto Scaling can do with SageMaker, and what it is asked."""

from collections.abc import Iterator

from stacks.sagemaker_rules.hosting import Endpoint, Hosting, Kind, instance_types
from stacks.sagemaker_rules.machines import machine
from stacks.sagemaker_rules.properties import known
from stacks.sagemaker_rules.published import PREDEFINED, PUBLISHED
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, guide
from stacks.sagemaker_rules.scalable import COPIES, INSTANCES, PROVISIONED, Scaling, Target

PAGE = guide("endpoint-auto-scaling-policy")
INTEGRATION = "https://docs.aws.amazon.com/autoscaling/application/userguide/services-that-can-integrate-sagemaker.html"
REGISTERING = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"
SUSPENDED = (
    "https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html"
)
PREDEFINED_FOR = {
    INSTANCES: ("SageMakerVariantConcurrentRequestsPerModelHighResolution", "SageMakerVariantInvocationsPerInstance"),
    PROVISIONED: ("SageMakerVariantProvisionedConcurrencyUtilization",),
    COPIES: (
        "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
        "SageMakerInferenceComponentInvocationsPerCopy",
    ),
}

BURSTABLE = Rule(
    "scaling-burstable",
    "SageMaker scales no endpoint on the burstable {type}: choose a type such as ml.m5.large.",
    guide("endpoint-auto-scaling-add-console"),
)
CLASSIC_ZERO = Rule(
    "scaling-classic-zero",
    "AWS takes a variant with a model of its own never below 1 instance: use inference components, an asynchronous "
    "or a serverless endpoint, or MinCapacity 1.",
    guide("endpoint-auto-scaling-zero-instances"),
)
RANGE = Rule(
    "scaling-min-above-max",
    "AWS refuses a MinCapacity of {least:g} above the MaxCapacity of {most:g}: swap them.",
    PAGE,
)
NO_MAXIMUM = Rule(
    "scaling-max-zero",
    "With a MaxCapacity of 0 AWS can never add the first instance or copy: allow at least 1.",
    PAGE,
)
PAIR = Rule(
    "scaling-resource-dimension",
    "AWS refuses the dimension {dimension} for {resource}: endpoint/NAME/variant/NAME goes with the variant's "
    "dimensions, inference-component/NAME with DesiredCopyCount.",
    INTEGRATION,
)
SERVICE = Rule(
    "scaling-service-namespace",
    "AWS refuses the dimension {dimension} in the service namespace {namespace}: the namespace is sagemaker.",
    INTEGRATION,
)
DIMENSION = Rule(
    "scaling-dimension-unknown",
    "SageMaker has no scalable dimension {dimension}: take one of {dimensions}.",
    REGISTERING,
)
PREDEFINED_METRIC = Rule(
    "scaling-predefined-metric",
    "The predefined metric {metric} does not belong to {dimension}, and AWS refuses it: take {right}.",
    REGISTERING,
)
UNPUBLISHED = Rule(
    "scaling-predefined-unpublished",
    "AWS does not publish the metric behind {metric} for {kind} inference, so the policy never acts: {instead}.",
    guide("async-inference-monitor"),
)
SUSPENDED_STATE = Rule(
    "scaling-suspended",
    "SuspendedState switches {what} off, so AWS registers the target and does not scale it: take SuspendedState away.",
    SUSPENDED,
)
NO_POLICY = Rule(
    "scaling-no-policy",
    "No policy and no schedule moves this scalable target, so AWS never scales it: add one.",
    PAGE,
)
NO_VARIANT = Rule(
    "scaling-variant-unknown",
    "The endpoint has no variant {variant}, so AWS refuses to register it: take the name of a variant.",
    INTEGRATION,
    Evidence.KNOWN,
)
TOO_EARLY = Rule(
    "scaling-before-endpoint",
    "Nothing makes CloudFormation create {what} first, and AWS registers only what exists: refer to it, or depend on "
    "it.",
    REGISTERING,
    Evidence.KNOWN,
)
ROLE = Rule(
    "scaling-useless-role",
    "Application Auto Scaling uses its own service-linked role for SageMaker and ignores {role}: name "
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint, or no role.",
    REGISTERING,
)
SERVERLESS = Rule(
    "serverless-no-instance-scaling",
    "A serverless variant has no instances to scale, so AWS refuses the target: take it away.",
    guide("serverless-endpoints"),
)
PROVISIONED_SCALING = Rule(
    "serverless-no-provisioned-scaling",
    "AWS does not support scaling of provisioned concurrency through CloudFormation: set ProvisionedConcurrency, or "
    "register the target by the API after the deployment.",
    guide("serverless-endpoints"),
)


def check(hosting: Hosting, scaling: Scaling) -> Iterator[Violation]:
    """What is asked of Application Auto Scaling in vain."""
    for target in scaling.targets:
        yield from _target(target)
        yield from _policies(target)
        component = hosting.component(target.component)
        if component and not hosting.template.waits_for(target.resource, component):
            yield TOO_EARLY.on(target.id, what="the inference component")
        endpoint = hosting.endpoint(target.variant[0])
        if endpoint:
            if not hosting.template.waits_for(target.resource, endpoint.resource):
                yield TOO_EARLY.on(target.id, what="the endpoint")
            yield from _variant(target, endpoint)


def _target(target: Target) -> Iterator[Violation]:
    properties = target.properties
    least, most = properties.number("MinCapacity"), properties.number("MaxCapacity")
    if least is not None and most is not None and least > most:
        yield RANGE.on(target.id, least=least, most=most)
    if most == 0:
        yield NO_MAXIMUM.on(target.id)
    namespace = properties.literal("ServiceNamespace")
    if namespace not in {"sagemaker", ""}:
        yield SERVICE.on(target.id, dimension=target.dimension, namespace=namespace)
    if target.dimension and target.dimension not in PREDEFINED_FOR:
        yield DIMENSION.on(target.id, dimension=target.dimension, dimensions=", ".join(sorted(PREDEFINED_FOR)))
    elif target.dimension and not _pairs(target):
        yield PAIR.on(target.id, dimension=target.dimension, resource=properties.text("ResourceId"))
    if target.dimension == PROVISIONED:
        yield PROVISIONED_SCALING.on(target.id)
    suspended = properties.at("SuspendedState")
    switched_off = [key for key in suspended.values if suspended.flag(key)]
    if switched_off:
        yield SUSPENDED_STATE.on(target.id, what=", ".join(switched_off))
    role = properties.text("RoleARN")
    if role.startswith("${"):  # a role of this template; the service-linked one is named by its path
        yield ROLE.on(target.id, role=role)


def _pairs(target: Target) -> bool:
    """Whether the resource id is, or may be, of the form that the dimension wants."""
    resource = target.properties.text("ResourceId")
    if resource.startswith("${") or not resource:
        return True
    return bool(target.component) if target.dimension == COPIES else bool(target.variant[1])


def _policies(target: Target) -> Iterator[Violation]:
    if not target.policies and not target.properties.items("ScheduledActions"):
        yield NO_POLICY.on(target.id)
    fitting = PREDEFINED_FOR.get(target.dimension, ())
    for policy in target.policies:
        if policy.predefined and fitting and policy.predefined not in fitting:
            details = {"dimension": target.dimension, "right": " or ".join(fitting)}
            yield PREDEFINED_METRIC.on(policy.resource.logical_id, metric=policy.predefined, **details)


def _variant(target: Target, endpoint: Endpoint) -> Iterator[Violation]:
    variants = endpoint.configuration.production if endpoint.configuration else []
    names = [variant.text("VariantName") for variant in variants]
    wanted = target.variant[1]
    chosen = [variant for variant in variants if variant.text("VariantName") == wanted]
    if variants and not chosen and all(map(known, [wanted, *names])):
        yield NO_VARIANT.on(target.id, variant=wanted)
    if target.dimension != INSTANCES:
        return
    if endpoint.kind is Kind.SERVERLESS:
        yield SERVERLESS.on(target.id)
        return
    if endpoint.kind is Kind.CLASSIC and target.to_zero:
        yield CLASSIC_ZERO.on(target.id)
    for text in [text for variant in chosen for text in instance_types(variant)]:
        found = machine(text)
        if found and found.burstable:
            yield BURSTABLE.on(target.id, type=text)
    for policy in target.policies:
        metric = PREDEFINED.get(policy.predefined)
        rows = [row for row in PUBLISHED if metric in row.metrics]
        if rows and endpoint.kind and not any(endpoint.kind in row.kinds for row in rows):
            details = {"metric": policy.predefined, "kind": endpoint.kind}
            instead = "follow ApproximateBacklogSizePerInstance"
            yield UNPUBLISHED.on(policy.resource.logical_id, instead=instead, **details)
