"""Which of SageMaker's operations Step Functions knows, which it can wait for, and what its role needs for that."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from stacks.sagemaker_rules.closed_services import GROUND_TRUTH
from stacks.sagemaker_rules.grants import allowed, granted
from stacks.sagemaker_rules.properties import Json, Properties, walk
from stacks.sagemaker_rules.rule import Rule, Violation
from stacks.sagemaker_rules.template import REFERENCE, Resource, Template

PAGE = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html"
SDK_PAGE = "https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html"
CALL = re.compile(
    r"arn:(?:\$\{[^}]+\}|[^:]+):states:::(?P<sdk>aws-sdk:)?sagemaker:(?P<action>\w+)(?:\.(?P<pattern>.+))?"
)
JOBS = {
    "createHyperParameterTuningJob": "HyperParameterTuningJob",
    "createLabelingJob": "LabelingJob",
    "createProcessingJob": "ProcessingJob",
    "createTrainingJob": "TrainingJob",
    "createTransformJob": "TransformJob",
}
"""What Step Functions can wait for, and the name in SageMaker's operations."""
ACTIONS = frozenset({"createEndpoint", "createEndpointConfig", "createModel", "updateEndpoint", *JOBS})
WITHOUT_ROLE = frozenset({"createTransformJob"})
WATCHING = ("events:DescribeRule", "events:PutRule", "events:PutTargets")

UNKNOWN = Rule(
    "workflow-action-unknown",
    "Step Functions refuses sagemaker:{action}, which is none of its own integrations: use aws-sdk:sagemaker:{action}.",
    PAGE,
)
CALLBACK = Rule(
    "workflow-callback",
    "Step Functions refuses .waitForTaskToken for SageMaker: use .sync, or poll in a loop.",
    PAGE,
)
SYNC = Rule(
    "workflow-sync",
    "Step Functions cannot wait for {action} and refuses .sync: call it without, then poll its Describe operation.",
    PAGE,
)
SDK_SYNC = Rule(
    "workflow-sdk-pattern",
    "Step Functions refuses .{pattern} on aws-sdk:sagemaker:{action}, as SDK integrations only call: poll the job's "
    "Describe operation in a loop.",
    SDK_PAGE,
)
PERMISSIONS = Rule(
    "workflow-sync-permissions",
    "To wait for {action} the state machine's role also needs {missing}, or AWS fails the execution: grant them, as "
    "CustomState grants nothing.",
    PAGE,
)
LABELLING = Rule(
    "workflow-labelling-closed",
    "{name}, which createLabelingJob starts, is closed to new customers since {since}: {successor}.",
    GROUND_TRUTH.source,
)


def check(template: Template) -> Iterator[Violation]:
    """Which tasks of a state machine Step Functions refuses, or lets fail."""
    for machine in template.of("AWS::StepFunctions::StateMachine"):
        for call in calls(machine):
            action, pattern = call.action, call.pattern
            waits = pattern == "sync" or pattern.startswith("sync:")
            if action == "createLabelingJob":
                details = {"name": GROUND_TRUTH.name, "since": GROUND_TRUTH.since, "successor": GROUND_TRUTH.successor}
                yield LABELLING.on(machine.logical_id, **details)
            if call.by_sdk and pattern:
                yield SDK_SYNC.on(machine.logical_id, action=action, pattern=pattern)
            elif not call.by_sdk and action not in ACTIONS:
                yield UNKNOWN.on(machine.logical_id, action=action)
            elif pattern == "waitForTaskToken":
                yield CALLBACK.on(machine.logical_id)
            elif waits and action not in JOBS:
                yield SYNC.on(machine.logical_id, action=action)
            elif waits:
                yield from _permissions(template, machine, action)


@dataclass(frozen=True, slots=True)
class Call:
    """A task that calls SageMaker."""

    state: Properties
    action: str
    pattern: str
    """How it waits, such as sync; empty where it does not."""
    by_sdk: bool
    """Whether through the SDK integration, instead of Step Functions' own."""


def calls(machine: Resource) -> Iterator[Call]:
    """Every task that calls SageMaker."""
    for key in ("DefinitionString", "Definition"):
        for state in walk(_definition(machine.properties.value(key))):
            match = CALL.fullmatch(state.text("Resource"))
            if match:
                yield Call(state, match["action"], match["pattern"] or "", bool(match["sdk"]))


def _definition(value: Json) -> Json:
    """The definition as an object, also where the template holds it as text; None where it is no JSON."""
    if not isinstance(value, str):
        return value
    try:
        parsed: Json = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return parsed


def _permissions(template: Template, machine: Resource, action: str) -> Iterator[Violation]:
    reference = REFERENCE.fullmatch(machine.properties.text("RoleArn"))
    role = next((one for one in template.of("AWS::IAM::Role") if reference and one.logical_id == reference[1]), None)
    actions = allowed(template, role) if role else None
    if actions is None:
        return
    job = JOBS[action]
    needed = [f"sagemaker:{verb}{job}" for verb in ("Create", "Describe", "Stop")]
    needed += [] if action in WITHOUT_ROLE else ["iam:PassRole"]
    missing = [one for one in (*needed, *WATCHING) if not granted(one, actions)]
    if missing:
        yield PERMISSIONS.on(machine.logical_id, action=action, missing=", ".join(missing))
