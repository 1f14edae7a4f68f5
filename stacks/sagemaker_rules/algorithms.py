"""Whether a built-in algorithm gets hardware that it can use, where it serves and where it trains."""

from collections.abc import Iterator

from catalogue.algorithms import ALGORITHMS, inference_fault, training_fault
from stacks.sagemaker_rules.container_images import hardware, listed
from stacks.sagemaker_rules.hosting import Configuration, Hosting, containers, instance_types
from stacks.sagemaker_rules.machines import machine
from stacks.sagemaker_rules.properties import Properties
from stacks.sagemaker_rules.rule import Rule, Violation, guide
from stacks.sagemaker_rules.workflows import calls

PAGE = guide("common-info-all-im-models")

SERVING = Rule(
    "algorithm-serving",
    "AWS bills {type} for a built-in algorithm that cannot use it: {fault}.",
    PAGE,
)
TRAINING = Rule(
    "algorithm-training",
    "AWS starts the training job of a built-in algorithm and it fails, or wastes its instances: {fault}.",
    PAGE,
)


def check(hosting: Hosting) -> Iterator[Violation]:
    """Which built-in algorithms get hardware that they cannot use."""
    for configuration in hosting.configurations:
        yield from _served(hosting, configuration)
    for state_machine in hosting.template.of("AWS::StepFunctions::StateMachine"):
        for call in calls(state_machine):
            for key in ("Parameters", "Arguments"):
                fault = _training_fault(call.state.at(key)) if call.action == "createTrainingJob" else None
                if fault:
                    yield TRAINING.on(state_machine.logical_id, fault=fault)


def _served(hosting: Hosting, configuration: Configuration) -> Iterator[Violation]:
    for variant in configuration.variants:
        model = hosting.model(variant.text("ModelName"))
        images = [container.literal("Image") for container in containers(model)] if model else []
        for image in images:
            for found in filter(None, map(machine, instance_types(variant))):
                fault = inference_fault(_algorithm(image), found.name) if _algorithm(image) else None
                # What else may be wrong with the type or the processor has rules of its own
                if fault and found.accelerator != "none" and not found.retired and not hardware(image):
                    yield SERVING.on(configuration.id, type=found.name, fault=fault)


def _training_fault(job: Properties) -> str | None:
    resources = job.at("ResourceConfig")
    name = _algorithm(job.at("AlgorithmSpecification").literal("TrainingImage"))
    found = machine(resources.literal("InstanceType"))
    return training_fault(name, found.name, int(resources.number("InstanceCount") or 1)) if name and found else None


def _algorithm(image: str) -> str:
    """The built-in algorithm that an image of AWS is; empty for any other."""
    published = listed(image)
    return published.name if published and published.name in ALGORITHMS else ""
