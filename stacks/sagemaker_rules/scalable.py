"""What a template scales, by which policies, and which alarms set those off."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from stacks.sagemaker_rules.hosting import Endpoint, Hosting
from stacks.sagemaker_rules.measure import Measure, measures
from stacks.sagemaker_rules.properties import Properties, known, may_be
from stacks.sagemaker_rules.template import REFERENCE, Resource

INSTANCES = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"
COPIES = "sagemaker:inference-component:DesiredCopyCount"


@dataclass(frozen=True, slots=True)
class Policy:
    """One scaling policy of a target."""

    resource: Resource
    alarms: list[Resource]

    @property
    def properties(self) -> Properties:
        """What the policy says."""
        return self.resource.properties

    @property
    def measured(self) -> list[Measure]:
        """The metrics that a target tracking policy follows."""
        tracking = self.properties.at("TargetTrackingScalingPolicyConfiguration", "CustomizedMetricSpecification")
        return list(measures(self.resource.logical_id, tracking))

    @property
    def predefined(self) -> str:
        """The predefined metric that a target tracking policy follows."""
        tracking = self.properties.at("TargetTrackingScalingPolicyConfiguration", "PredefinedMetricSpecification")
        return tracking.literal("PredefinedMetricType")

    @property
    def steps_up(self) -> bool:
        """Whether the policy adds capacity in steps."""
        steps = self.properties.at("StepScalingPolicyConfiguration").each("StepAdjustments")
        return any((step.number("ScalingAdjustment") or 0) > 0 for step in steps)


@dataclass(frozen=True, slots=True)
class Target:
    """One scalable target of SageMaker."""

    resource: Resource
    policies: list[Policy]

    @property
    def id(self) -> str:
        """The logical id to name in a violation."""
        return self.resource.logical_id

    @property
    def properties(self) -> Properties:
        """What may be scaled, and how far."""
        return self.resource.properties

    @property
    def dimension(self) -> str:
        """What is counted."""
        return self.properties.literal("ScalableDimension")

    @property
    def path(self) -> list[str]:
        """The parts of its resource id."""
        return self.properties.text("ResourceId").split("/")

    @property
    def variant(self) -> tuple[str, str]:
        """The endpoint's and the variant's name; two empty texts where no variant is scaled."""
        match self.path:
            case ["endpoint", endpoint, "variant", variant]:
                return endpoint, variant
            case _:
                return "", ""

    @property
    def component(self) -> str:
        """The name of the inference component that is scaled; else empty."""
        match self.path:
            case ["inference-component", name]:
                return name
            case _:
                return ""

    @property
    def to_zero(self) -> bool:
        """Whether it may go down to nothing."""
        return self.properties.number("MinCapacity") == 0

    def follows(self, metric: str, dimension: str, name: str) -> bool:
        """Whether a target tracking policy follows a metric by one dimension of that name."""
        return any(_is(one, metric, dimension, name) for policy in self.policies for one in policy.measured)

    def wakers(self, metric: str, dimension: str, name: str) -> Iterator[Resource]:
        """The alarms on a metric of one dimension that set off a step upwards."""
        for policy in self.policies:
            for alarm in policy.alarms if policy.steps_up else ():
                if any(_is(one, metric, dimension, name) for one in measures(alarm.logical_id, alarm.properties)):
                    yield alarm


def _is(measure: Measure, metric: str, dimension: str, name: str) -> bool:
    """Whether the metric is asked for by just that dimension of that name."""
    return (
        measure.name == metric
        and set(measure.dimensions) == {dimension}
        and may_be(measure.dimensions[dimension], name)
    )


class Scaling:
    """Every scalable target of SageMaker in a template."""

    def __init__(self, hosting: Hosting) -> None:
        self.hosting = hosting
        self._template = hosting.template

    @cached_property
    def targets(self) -> list[Target]:
        """Every target, with its policies."""
        return [
            Target(resource, self._policies(resource))
            for resource in self._template.of("AWS::ApplicationAutoScaling::ScalableTarget")
            if resource.properties.text("ServiceNamespace") == "sagemaker"
            or resource.properties.text("ScalableDimension").startswith("sagemaker:")
        ]

    @cached_property
    def alarms(self) -> list[Resource]:
        """Every alarm on a metric."""
        return self._template.of("AWS::CloudWatch::Alarm")

    def of_variants(self, endpoint: Endpoint) -> list[Target]:
        """The targets that scale an endpoint's instances."""
        return [
            target
            for target in self.targets
            if target.dimension == INSTANCES
            and (scaled := self.hosting.endpoint(target.variant[0]))
            and scaled.id == endpoint.id
        ]

    @property
    def unclear(self) -> bool:
        """Whether a target scales something that only the deployment knows."""
        return any(
            not known(target.properties.text("ResourceId")) and not self._scaled(target) for target in self.targets
        )

    def _scaled(self, target: Target) -> bool:
        named = self.hosting.endpoint(target.variant[0]) or self.hosting.component(target.component)
        return named is not None

    def of_component(self, component: Resource) -> list[Target]:
        """The targets that scale a component's copies."""
        return [
            target
            for target in self.targets
            if (scaled := self.hosting.component(target.component)) and scaled.logical_id == component.logical_id
        ]

    def _policies(self, target: Resource) -> list[Policy]:
        return [
            Policy(resource, [alarm for alarm in self.alarms if _sets_off(alarm, resource)])
            for resource in self._template.of("AWS::ApplicationAutoScaling::ScalingPolicy")
            if _belongs(resource, target)
        ]


def _belongs(policy: Resource, target: Resource) -> bool:
    """Whether the policy names the target, by reference or by what it scales."""
    reference = REFERENCE.fullmatch(policy.properties.text("ScalingTargetId"))
    if reference:
        return reference[1] == target.logical_id
    keys = ("ResourceId", "ScalableDimension")
    return all(policy.properties.text(key) == target.properties.text(key) != "" for key in keys)


def _sets_off(alarm: Resource, policy: Resource) -> bool:
    """Whether the alarm's action is the policy, and is not switched off."""
    actions = [match[1] for text in alarm.properties.texts("AlarmActions") if (match := REFERENCE.fullmatch(text))]
    return policy.logical_id in actions and alarm.properties.flag("ActionsEnabled") is not False
