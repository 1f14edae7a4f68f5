"""What a template says about hosting: configurations by kind, endpoints, their models and inference components."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from stacks.sagemaker_rules.properties import Properties
from stacks.sagemaker_rules.template import Resource, Template


class Kind(StrEnum):
    """How an endpoint serves."""

    SERVERLESS = "serverless"
    ASYNCHRONOUS = "asynchronous"
    COMPONENTS = "inference components"
    CLASSIC = "real-time"


@dataclass(frozen=True, slots=True)
class Configuration:
    """One endpoint configuration."""

    resource: Resource

    @property
    def id(self) -> str:
        """The logical id to name in a violation."""
        return self.resource.logical_id

    @property
    def properties(self) -> Properties:
        """What it is configured with."""
        return self.resource.properties

    @property
    def production(self) -> list[Properties]:
        """The variants that answer."""
        return self.properties.each("ProductionVariants")

    @property
    def shadows(self) -> list[Properties]:
        """The variants that only see a copy of the traffic."""
        return self.properties.each("ShadowProductionVariants")

    @property
    def variants(self) -> list[Properties]:
        """All variants."""
        return self.production + self.shadows

    @property
    def kind(self) -> Kind | None:
        """How an endpoint of this configuration serves; None where its variants are unknown."""
        if any(variant.has("ServerlessConfig") for variant in self.variants):
            return Kind.SERVERLESS
        if self.properties.has("AsyncInferenceConfig"):
            return Kind.ASYNCHRONOUS
        if self.production and all(variant.lacks("ModelName") for variant in self.production):
            return Kind.COMPONENTS
        if any(variant.has("ModelName") for variant in self.production):
            return Kind.CLASSIC
        return None

    @property
    def on_instances(self) -> bool:
        """Whether instances serve, which cost while nobody asks."""
        return self.kind not in (None, Kind.SERVERLESS)

    def variant(self, name: str) -> Properties | None:
        """The variant of that name."""
        return next((variant for variant in self.variants if variant.text("VariantName") == name), None)


def instance_types(variant: Properties) -> list[str]:
    """The instance types that a variant may run on, as far as they are known."""
    pools = [pool.literal("InstanceType") for pool in variant.each("InstancePools")]
    return [text for text in (variant.literal("InstanceType"), *pools) if text]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint, with its configuration where this template holds it."""

    resource: Resource
    name: str
    configuration: Configuration | None

    @property
    def id(self) -> str:
        """The logical id to name in a violation."""
        return self.resource.logical_id

    @property
    def kind(self) -> Kind | None:
        """How it serves; None where that is unknown."""
        return self.configuration.kind if self.configuration else None


class Hosting:
    """Everything in a template that has to do with hosting, each part linked to its others."""

    def __init__(self, template: Template) -> None:
        self.template = template

    @cached_property
    def configurations(self) -> list[Configuration]:
        """Every endpoint configuration."""
        return [Configuration(resource) for resource in self.template.of("AWS::SageMaker::EndpointConfig")]

    @cached_property
    def endpoints(self) -> list[Endpoint]:
        """Every endpoint."""
        return [self._endpoint(resource) for resource in self.template.of("AWS::SageMaker::Endpoint")]

    @cached_property
    def components(self) -> list[Resource]:
        """Every inference component."""
        return self.template.of("AWS::SageMaker::InferenceComponent")

    def endpoint(self, name: str) -> Endpoint | None:
        """The endpoint that a name or a reference speaks of."""
        resource = self.template.find("AWS::SageMaker::Endpoint", name)
        return next((endpoint for endpoint in self.endpoints if resource and endpoint.id == resource.logical_id), None)

    def component(self, name: str) -> Resource | None:
        """The inference component that a name or a reference speaks of."""
        return self.template.find("AWS::SageMaker::InferenceComponent", name)

    def hosted(self, component: Resource) -> Endpoint | None:
        """The endpoint that a component runs on."""
        return self.endpoint(component.properties.text("EndpointName"))

    def components_of(self, endpoint: Endpoint) -> list[Resource]:
        """The components that run on an endpoint."""
        return [one for one in self.components if (host := self.hosted(one)) and host.id == endpoint.id]

    def models(self, configuration: Configuration) -> list[Resource]:
        """The models that a configuration's variants serve."""
        names = [
            part.text(key)
            for variant in configuration.variants
            for part, key in (
                (variant, "ModelName"),
                *((pool, "ModelNameOverride") for pool in variant.each("InstancePools")),
            )
        ]
        found = (self.model(name) for name in names)
        return list({model.logical_id: model for model in found if model}.values())

    def model(self, name: str) -> Resource | None:
        """The model that a name or a reference speaks of."""
        return self.template.find("AWS::SageMaker::Model", name)

    def _endpoint(self, resource: Resource) -> Endpoint:
        name = resource.properties.text("EndpointConfigName")
        found = self.template.find("AWS::SageMaker::EndpointConfig", name)
        return Endpoint(resource, self.template.name(resource), Configuration(found) if found else None)


def containers(model: Resource) -> list[Properties]:
    """The containers of a model."""
    primary = model.properties.at("PrimaryContainer")
    return ([primary] if primary.values else []) + model.properties.each("Containers")


def specifications(component: Resource) -> list[Properties]:
    """What a component runs: one specification, or one for each instance type."""
    one = component.properties.at("Specification")
    return ([one] if one.values else []) + component.properties.each("Specifications")
