"""Whether SageMaker sends the events that a rule waits for."""

from collections.abc import Iterator

from stacks.sagemaker_rules.properties import known
from stacks.sagemaker_rules.rule import Rule, Violation, guide
from stacks.sagemaker_rules.template import Template

PAGE = "https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-sagemaker.html"
SOURCE = "aws.sagemaker"
BY_CLOUDTRAIL = "AWS "  # such as "AWS API Call via CloudTrail"
_TRACKING_SERVER = (
    "Creating",
    "Created",
    "Create Failed",
    "Updating",
    "Updated",
    "Update Failed",
    "Deleting",
    "Deleted",
    "Delete Failed",
    "Starting",
    "Started",
    "Start Failed",
    "Stopping",
    "Stopped",
    "Stop Failed",
    "Maintenance In Progress",
    "Maintenance Complete",
    "Maintenance Failed",
)
_STATE_CHANGES = (
    "Algorithm",
    "Endpoint",
    "Endpoint Config",
    "Endpoint Deployment",
    "Feature Group",
    "Ground Truth Labeling Job",
    "HyperParameter Tuning Job",
    "HyperPod Cluster",
    "Image",
    "Image Version",
    "Model",
    "Model Card",
    "Model Card Export Job",
    "Model Package",
    "Monitoring Schedule",
    "Notebook Instance",
    "Notebook Lifecycle Config",
    "Processing Job",
    "Training Job",
    "Transform Job",
)
_STATUS_CHANGES = (
    "A2I HumanLoop",
    "Evaluation Job",
    "Ground Truth Labeling Job Task",
    "Model Building Pipeline Execution",
    "Model Building Pipeline Execution Step",
)
_OTHERS = (
    "Human Loop Finished",
    "Human Loop Step Execution Finished",
    "Human Task Accepted",
    "Human Task Created",
    "Human Task Declined",
    "Human Task Expired",
    "Human Task Returned",
    "Human Task Submitted",
    "HyperPod Cluster Event",
    "HyperPod Cluster Node Health Event",
    "MLFlow Tracking Server Creating ModelVersion",
    "MLFlow Tracking Server Creating RegisteredModel",
    "MLFlow Tracking Server Creating Run",
    "MLFlow Tracking Server Setting Registered Model Alias",
    "MLFlow Tracking Server Transitioning ModelVersion Stage",
)
SENT = frozenset(
    [
        *(f"SageMaker {name} State Change" for name in _STATE_CHANGES),
        *(f"SageMaker {name} Status Change" for name in _STATUS_CHANGES),
        *(f"SageMaker {name}" for name in _OTHERS),
        *(f"SageMaker Tracking Server {name}" for name in _TRACKING_SERVER),
    ]
)
"""Every detail-type that SageMaker sends to EventBridge itself (November 2026)."""

UNKNOWN = Rule(
    "event-never-sent",
    "SageMaker sends no event {type}, so the rule never fires: {instead}.",
    PAGE,
)
WRONG_SOURCE = Rule(
    "event-source",
    "SageMaker's events come from aws.sagemaker, not from {source}, so the rule never fires: change the source.",
    PAGE,
)
CLOSED = Rule(
    "event-closed-service",
    "{type} comes only from a service that AWS closed to new customers on 2026-07-30, so the rule never fires for one: "
    "take the rule away.",
    guide("model-monitor-availability-change"),
)
CLOSED_WORDS = ("A2I", "Ground Truth", "Human Loop", "Human Task", "Monitoring Schedule")


def check(template: Template) -> Iterator[Violation]:
    """Which rules wait for an event that never comes."""
    for rule in template.of("AWS::Events::Rule"):
        pattern = rule.properties.at("EventPattern")
        sources, types = pattern.texts("source"), pattern.texts("detail-type")
        if sources == [SOURCE]:
            for text in types:
                if known(text) and not text.startswith(BY_CLOUDTRAIL) and text not in SENT:
                    yield UNKNOWN.on(rule.logical_id, type=text, instead=_instead(text))
                if any(words in text for words in CLOSED_WORDS) and text in SENT:
                    yield CLOSED.on(rule.logical_id, type=text)
        elif sources and SOURCE not in sources and all(map(known, sources)) and any(text in SENT for text in types):
            yield WRONG_SOURCE.on(rule.logical_id, source=", ".join(sources))


def _instead(text: str) -> str:
    if "compilation" in text.casefold():
        return "poll DescribeCompilationJob"
    return "take one from AWS's list"
