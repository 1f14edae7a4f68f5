"""What a SageMaker pipeline may consist of."""

import json
from collections import Counter
from collections.abc import Iterator

from stacks.sagemaker_rules.properties import Json, Properties, known
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, guide
from stacks.sagemaker_rules.template import Resource, Template

PAGE = guide("build-and-manage-steps-types")
RESOURCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-pipeline.html"
VERSION = "2020-12-01"
STEPS = frozenset(
    {
        "Athena",
        "AutoML",
        "BedrockCustomModel",
        "BedrockCustomModelDeployment",
        "BedrockModelImport",
        "BedrockProvisionedModelThroughput",
        "Callback",
        "ClarifyCheck",
        "Cleanup",
        "Condition",
        "EMR",
        "EMRServerless",
        "Endpoint",
        "EndpointConfig",
        "Fail",
        "ForEach",
        "HubContent",
        "InferenceComponent",
        "Job",
        "Lambda",
        "Lineage",
        "Model",
        "Processing",
        "QualityCheck",
        "RegisterModel",
        "Training",
        "Transform",
        "Tuning",
    }
)
"""The types of sagemaker-mlops 1.27, and those that botocore 1.44 reports of an execution."""
CLOSED_STEPS = {"ClarifyCheck": "SageMaker Clarify", "QualityCheck": "SageMaker Model Monitor"}

NO_DEFINITION = Rule(
    "pipeline-no-definition",
    "AWS refuses a pipeline without a definition: give PipelineDefinitionBody or PipelineDefinitionS3Location.",
    RESOURCE,
)
TWO_DEFINITIONS = Rule(
    "pipeline-two-definitions",
    "AWS refuses PipelineDefinitionBody with PipelineDefinitionS3Location: keep one.",
    RESOURCE,
)
NOT_JSON = Rule(
    "pipeline-not-json",
    "AWS refuses a definition that is no JSON object: write it with json.dumps.",
    RESOURCE,
    Evidence.KNOWN,
)
UNKNOWN_VERSION = Rule(
    "pipeline-version",
    "AWS knows no pipeline definition of the version {version}: write 2020-12-01.",
    "https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/",
    Evidence.KNOWN,
)
UNKNOWN_STEP = Rule(
    "pipeline-step-unknown",
    "SageMaker Pipelines have no step of the type {type} and AWS refuses it: {instead}.",
    PAGE,
)
DUPLICATE = Rule(
    "pipeline-step-duplicate",
    "AWS refuses two steps of the name {name}: give each its own.",
    PAGE,
    Evidence.KNOWN,
)
CLOSED_STEP = Rule(
    "pipeline-step-closed",
    "{name}, which a step of the type {type} runs, is closed to new customers since 2026-07-30: compare in a "
    "Processing step of your own.",
    guide("model-monitor-availability-change"),
)


def check(template: Template) -> Iterator[Violation]:
    """Which pipelines AWS refuses."""
    for pipeline in template.of("AWS::SageMaker::Pipeline"):
        definition = pipeline.properties.at("PipelineDefinition")
        body, elsewhere = "PipelineDefinitionBody", "PipelineDefinitionS3Location"
        if pipeline.properties.lacks("PipelineDefinition") or (definition.values and definition.lacks(body, elsewhere)):
            yield NO_DEFINITION.on(pipeline.logical_id)
        if definition.has(body) and definition.has(elsewhere):
            yield TWO_DEFINITIONS.on(pipeline.logical_id)
        if definition.has(body):
            yield from _body(pipeline, definition.value(body))


def _body(pipeline: Resource, body: Json) -> Iterator[Violation]:
    try:
        parsed: Json = json.loads(body) if isinstance(body, str) else body
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        if not isinstance(body, str) or known(body):
            yield NOT_JSON.on(pipeline.logical_id)
        return
    definition = Properties(parsed)
    version = definition.literal("Version")
    if version not in {VERSION, ""}:
        yield UNKNOWN_VERSION.on(pipeline.logical_id, version=version)
    steps = list(_steps(definition))
    for kind in sorted({step.literal("Type") for step in steps} - {""}):
        if kind not in STEPS:
            yield UNKNOWN_STEP.on(pipeline.logical_id, type=kind, instead=_instead(kind))
        if kind in CLOSED_STEPS:
            yield CLOSED_STEP.on(pipeline.logical_id, type=kind, name=CLOSED_STEPS[kind])
    for name, count in Counter(step.literal("Name") for step in steps).items():
        if name and count > 1:
            yield DUPLICATE.on(pipeline.logical_id, name=name)


def _steps(holder: Properties) -> Iterator[Properties]:
    """Every step, those in the branches of a condition and in a loop too."""
    for key in ("Steps", "IfSteps", "ElseSteps"):
        for step in holder.each(key):
            yield step
            yield from _steps(step.at("Arguments"))


def _instead(kind: str) -> str:
    if "compil" in kind.casefold() or "neo" in kind.casefold():
        return "call CreateCompilationJob from a Lambda or Callback step"
    if "label" in kind.casefold():
        return "label outside of the pipeline, and wait in a Callback step"
    return "take a type that AWS lists"
