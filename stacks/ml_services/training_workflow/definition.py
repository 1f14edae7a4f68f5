"""The whole workflow: plan, learn, judge, register, compile, use; and what is said where a step fails."""

from dataclasses import dataclass

from stacks.ml_services.training_workflow import compiling, judging, learning, registering, serving
from stacks.ml_services.training_workflow.states import EXPLAIN, FUNCTION_RETRIES, Integrations, State, States, fail

PLAN, PREPARE, DONE = "Plan", "Prepare", "Done"
NOTHING: State = {
    "compiled": None,
    "endpoint": None,
    "package": {"arn": None, "version": None},
    "trained": {"artifacts": "", "job": "", "status": ""},
    "transformed": None,
    "verdict": {"metadata": {}, "metric": None, "report": None, "value": None},
}
"""What is done before anything is: every step writes its own part, and the end reads them all."""
RESULT: State = {
    "approval.$": "$.plan.approval",
    "artifacts.$": "$.done.trained.artifacts",
    "compiled.$": "$.done.compiled",
    "endpoint.$": "$.done.endpoint",
    "job.$": "$.plan.job",
    "metric.$": "$.done.verdict.metric",
    "model.$": "$.plan.model",
    "package_arn.$": "$.done.package.arn",
    "path.$": "$.plan.path",
    "report.$": "$.done.verdict.report",
    "transformed.$": "$.done.transformed",
    "value.$": "$.done.verdict.value",
    "version.$": "$.done.package.version",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """The functions and roles of the workflow, by ARN."""

    partition: str
    request_function: str
    verdict_function: str
    failure_function: str
    endpoint_function: str
    job_role: str
    serving_role: str
    longest_seconds: int
    poll_seconds: int = 10
    """Between two looks at what Step Functions cannot wait for: a compilation, an endpoint."""


def definition(parts: Parts) -> State:
    """The state machine; its input is a request, as lambda/training_request describes it."""
    integrations = Integrations(partition=parts.partition)
    return {
        "Comment": "Trains, judges, registers and deploys one model",
        "StartAt": PLAN,
        "TimeoutSeconds": parts.longest_seconds,
        "States": {
            **_beginning(integrations, parts),
            **learning.Learning(
                integrations=integrations,
                job_role=parts.job_role,
                trained=judging.FIRST,
                registered=registering.FIRST,
            ).states(),
            **judging.Judging(
                integrations=integrations,
                job_role=parts.job_role,
                verdict_function=parts.verdict_function,
                good=registering.FIRST,
            ).states(),
            **registering.Registering(integrations=integrations, after=compiling.FIRST).states(),
            **compiling.Compiling(
                integrations=integrations,
                job_role=parts.job_role,
                poll_seconds=parts.poll_seconds,
                after=serving.FIRST,
            ).states(),
            **serving.Serving(
                integrations=integrations,
                serving_role=parts.serving_role,
                endpoint_function=parts.endpoint_function,
                poll_seconds=parts.poll_seconds,
                after=DONE,
            ).states(),
            DONE: {"Type": "Pass", "Parameters": RESULT, "End": True},
            **_failing(integrations, parts),
        },
    }


def _beginning(integrations: Integrations, parts: Parts) -> States:
    plan = integrations.function(
        PLAN,
        parts.request_function,
        {"execution.$": "$$.Execution.Name", "request.$": "$"},
        after=PREPARE,
        ResultSelector={"plan.$": "$.Payload"},
    )
    return {**plan, PREPARE: {"Type": "Pass", "Result": NOTHING, "ResultPath": "$.done", "Next": learning.FIRST}}


def _failing(integrations: Integrations, parts: Parts) -> States:
    """Every caught failure comes here, and leaves with one line that says why."""
    explain = integrations.function(
        EXPLAIN,
        parts.failure_function,
        {"failures.$": "$.failures"},
        after="Failed",
        Retry=[*FUNCTION_RETRIES],
        Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "FailedUnexplained"}],
        ResultSelector={"error.$": "$.Payload.error", "reason.$": "$.Payload.reason"},
        ResultPath="$.failure",
    )
    return {
        **explain,
        "Failed": {"Type": "Fail", "ErrorPath": "$.failure.error", "CausePath": "$.failure.reason"},
        **fail(
            "FailedUnexplained", "WorkflowFailed", cause="A step failed; the execution's history says which and why"
        ),
    }
