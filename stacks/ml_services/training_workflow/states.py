"""The kinds of state that the workflow is made of, in Amazon States Language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stacks.components.lambda_faults import CUT_OFF, PASSING

State = dict[str, object]
States = dict[str, State]

EXPLAIN = "Explain"
"""Where every failure goes."""
TAG_ALONG = "$.failures."
"""A failure is kept by the name of its step, so that whoever explains it knows where it was."""
FUNCTION_RETRIES: Sequence[State] = (
    {
        "ErrorEquals": [*PASSING],
        "IntervalSeconds": 2,
        "BackoffRate": 2.0,
        "MaxAttempts": 6,
        "MaxDelaySeconds": 60,
        "JitterStrategy": "FULL",
    },
    {"ErrorEquals": [*CUT_OFF], "IntervalSeconds": 5, "MaxAttempts": 2},
)
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html: too many requests come as the general
# exception of either integration; capacity and limits that another job holds are free again some minutes later.
SAGEMAKER_RETRIES: Sequence[State] = (
    {
        "ErrorEquals": [
            "SageMaker.AmazonSageMakerException",
            "SageMaker.SageMakerException",
            "SageMaker.ThrottlingException",
        ],
        "IntervalSeconds": 5,
        "BackoffRate": 2.0,
        "MaxAttempts": 3,
        "MaxDelaySeconds": 120,
        "JitterStrategy": "FULL",
    },
    {
        "ErrorEquals": ["SageMaker.ResourceLimitExceededException"],
        "IntervalSeconds": 60,
        "BackoffRate": 2.0,
        "MaxAttempts": 2,
        "JitterStrategy": "FULL",
    },
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Integrations:
    """The parts of an ARN that only a stack knows."""

    partition: str

    def function(self, name: str, arn: str, payload: Mapping[str, object], *, after: str, **rest: object) -> States:
        """A step that asks a function."""
        return {
            name: {
                "Type": "Task",
                "Resource": f"arn:{self.partition}:states:::lambda:invoke",
                "Parameters": {"FunctionName": arn, "Payload": dict(payload)},
                "TimeoutSeconds": 330,
                "Retry": [*FUNCTION_RETRIES],
                "Catch": caught(name),
                "Next": after,
                **rest,
            }
        }

    def job(self, name: str, action: str, parameters: Mapping[str, object], *, after: str, **rest: object) -> States:
        """A step that starts a job, waits for its end, and stops it where the execution is stopped."""
        return self._sagemaker(name, f"sagemaker:{action}.sync", parameters, after, rest)

    def call(self, name: str, action: str, parameters: Mapping[str, object], *, after: str, **rest: object) -> States:
        """A step that asks SageMaker something, and does not wait for what comes of it."""
        return self._sagemaker(name, f"aws-sdk:sagemaker:{action}", parameters, after, rest)

    def _sagemaker(
        self, name: str, action: str, parameters: Mapping[str, object], after: str, rest: Mapping[str, object]
    ) -> States:
        return {
            name: {
                "Type": "Task",
                "Resource": f"arn:{self.partition}:states:::{action}",
                "Parameters": dict(parameters),
                "Retry": [*SAGEMAKER_RETRIES],
                "Catch": caught(name),
                "Next": after,
                **rest,
            }
        }


def caught(name: str) -> list[State]:
    """Whatever a step fails with is kept under the step's name and explained."""
    return [{"ErrorEquals": ["States.ALL"], "ResultPath": f"{TAG_ALONG}{name}", "Next": EXPLAIN}]


def choice(name: str, *rules: State, otherwise: str) -> States:
    """A step that decides which one is next."""
    return {name: {"Type": "Choice", "Choices": [*rules], "Default": otherwise}}


def wanted(variable: str, then: str) -> State:
    """The rule for a part of the plan that is null where nobody asked for it."""
    return {"Variable": variable, "IsNull": False, "Next": then}


def is_text(variable: str, text: str, then: str) -> State:
    """The rule for one word."""
    return {"Variable": variable, "StringEquals": text, "Next": then}


def wait(name: str, seconds: int, *, after: str) -> States:
    """A pause."""
    return {name: {"Type": "Wait", "Seconds": seconds, "Next": after}}


def fail(name: str, error: str, *, cause: str | None = None, cause_path: str | None = None) -> States:
    """The end of an execution that did not do what it is for."""
    said = {"CausePath": cause_path} if cause_path else {"Cause": cause}
    return {name: {"Type": "Fail", "Error": error, **said}}
