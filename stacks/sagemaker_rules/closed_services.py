"""Resources of services that AWS has closed: CloudFormation still takes them, and a new customer's deployment fails."""

from collections.abc import Iterator, Mapping

from catalogue.closed import CLOSED, CLOSED_IMAGES, Closed
from stacks.sagemaker_rules.rule import Rule, Violation, guide
from stacks.sagemaker_rules.template import Template

EDGE_MANAGER = Closed(
    "SageMaker Edge Manager",
    "2024-04-26",
    "run the model with ONNX Runtime in an AWS IoT Greengrass component",
    guide("edge-eol"),
)
GROUND_TRUTH = Closed(
    "SageMaker Ground Truth",
    "2026-07-30",
    "label with a tool of your own, such as Label Studio, beside the data in S3",
    guide("sms"),
)
TYPES: Mapping[str, Closed] = {
    "AWS::SageMaker::DataQualityJobDefinition": CLOSED_IMAGES["model_monitor"],
    "AWS::SageMaker::Device": EDGE_MANAGER,
    "AWS::SageMaker::DeviceFleet": EDGE_MANAGER,
    "AWS::SageMaker::HumanTaskUi": CLOSED["a2i"],
    "AWS::SageMaker::ModelBiasJobDefinition": CLOSED_IMAGES["clarify"],
    "AWS::SageMaker::ModelExplainabilityJobDefinition": CLOSED_IMAGES["clarify"],
    "AWS::SageMaker::ModelQualityJobDefinition": CLOSED_IMAGES["model_monitor"],
    "AWS::SageMaker::MonitoringSchedule": CLOSED_IMAGES["model_monitor"],
    "AWS::SageMaker::Workforce": GROUND_TRUTH,
    "AWS::SageMaker::Workteam": GROUND_TRUTH,
}
PAGE = guide("model-monitor-availability-change")

TYPE = Rule(
    "closed-service",
    "{type} belongs to {name}, which AWS closed to new customers on {since}: {successor}.",
    PAGE,
)
EXPLAINER = Rule(
    "closed-explainer",
    "ExplainerConfig belongs to {name}, which AWS closed to new customers on {since}: {successor}.",
    PAGE,
)


def check(template: Template) -> Iterator[Violation]:
    """Which resources nobody can have any more who does not have them already."""
    for resource in template.of(*TYPES):
        yield TYPE.on(resource.logical_id, type=resource.type, **_details(TYPES[resource.type]))
    for configuration in template.of("AWS::SageMaker::EndpointConfig"):
        if configuration.properties.has("ExplainerConfig"):
            yield EXPLAINER.on(configuration.logical_id, **_details(CLOSED_IMAGES["clarify"]))


def _details(closed: Closed) -> dict[str, str]:
    return {"name": closed.name, "since": closed.since, "successor": closed.successor}
