"""One training on ECS as Step Functions runs it: on Spot, again after an interruption, and at last on demand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

State = Mapping[str, object]

OWN_FAILURE = "EssentialContainerExited"
"""The container ended by itself; whatever else ends a task is the capacity's doing."""
ASKED_TO_END = '*"ExitCode":143*'
"""The container ended as it was told to: an instance that goes takes its containers along before ECS hears of it."""
NO_PLACE = "AmazonECS.Unknown"
"""How Step Functions calls the failures of a RunTask that has started nothing, such as Fargate Spot without capacity.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
"""
GIVEN_UP = "mlstack: no capacity"
"""How the watch begins its reason for giving up a task for which there is no instance."""
PAUSE_SECONDS = 120
"""After a market that had nothing at all, which may have something soon."""
PLACEMENT_SECONDS = 45 * 60
"""How long a task may wait for an instance beyond its hours: ECS gives up after half an hour at most."""
BUSY: Sequence[State] = (
    {
        "ErrorEquals": ["ECS.AmazonECSException", "ECS.ServerException", "ECS.ThrottlingException"],
        "IntervalSeconds": 10,
        "BackoffRate": 2.0,
        "MaxAttempts": 5,
        "MaxDelaySeconds": 120,
        "JitterStrategy": "FULL",
    },
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Market:
    """One way to buy what the task runs on."""

    name: str
    provider: str
    attempts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What the workflow starts, where, and how long an attempt may last."""

    partition: str
    cluster: str
    task_definition: str
    container: str
    markets: Sequence[Market]
    """In the order in which they are tried."""
    subnets: Sequence[str]
    security_group: str
    public_address: bool
    output: str
    checkpoints: str
    """Where runs write, as s3://BUCKET/PREFIX/."""
    max_seconds: int
    platform_version: str | None = None


def definition(parts: Parts) -> dict[str, object]:
    """The state machine; its input: run, model, data and hyperparameters, and market where one begins further on."""
    first, *_ = parts.markets
    return {
        "Comment": "Trains one model in a container on ECS",
        "StartAt": "Remember",
        "TimeoutSeconds": sum(market.attempts for market in parts.markets) * (parts.max_seconds + PLACEMENT_SECONDS),
        "States": {
            "Remember": {
                "Type": "Pass",
                "Parameters": {
                    "asked.$": "$",
                    "attempts": 0,
                    "task": {
                        "run.$": "$.run",
                        "data.$": "States.JsonToString($.data)",
                        "hyperparameters.$": "States.JsonToString($.hyperparameters)",
                        "output.$": f"States.Format('{parts.output}{{}}/', $.run)",
                        "checkpoints.$": f"States.Format('{parts.checkpoints}{{}}/', $.run)",
                    },
                },
                "Next": "WhereToBegin",
            },
            "WhereToBegin": {
                "Type": "Choice",
                "Choices": [
                    {
                        "And": [
                            {"Variable": "$.asked.market", "IsPresent": True},
                            {"Variable": "$.asked.market", "StringEquals": market.name},
                        ],
                        "Next": _try(market),
                    }
                    for market in parts.markets
                ],
                "Default": _try(first),
            },
            **_markets(parts),
            "Done": {
                "Type": "Pass",
                "Parameters": {
                    "run.$": "$.asked.run",
                    "model.$": "$.asked.model",
                    "artifact.$": "States.Format('{}model.tar.gz', $.task.output)",
                    "attempts.$": "$.attempts",
                },
                "End": True,
            },
            "TooLong": {
                "Type": "Fail",
                "Error": "TrainingTooLong",
                "Cause": f"The attempt took longer than its {parts.max_seconds // 3600} hours (max_hours)",
            },
            "TrainingFailed": {
                "Type": "Fail",
                "Error": "TrainingFailed",
                "CausePath": "States.Format('{}; the log of the container, and failure beside the run, say why', "
                "$.ended.StoppedReason)",
            },
            "Stopped": {"Type": "Fail", "Error": "TrainingStopped", "CausePath": "$.ended.StoppedReason"},
            "NotStarted": {"Type": "Fail", "Error": "TrainingNotStarted", "CausePath": "$.failure.Cause"},
            "NoCapacity": {
                "Type": "Fail",
                "Error": "NoCapacity",
                "CausePath": "States.Format('No attempt came to its end; the last: {}', $.ended.StoppedReason)",
            },
        },
    }


def _markets(parts: Parts) -> dict[str, State]:
    """Every market's attempts, each followed by the next market's."""
    states: dict[str, State] = {}
    for market, after in zip(parts.markets, [*parts.markets[1:], None], strict=True):
        states |= _attempts(parts, market, _try(after) if after else "NoCapacity")
    return states


def _attempts(parts: Parts, market: Market, after: str) -> dict[str, State]:
    """Try; look why it ended; try again, or go on to the next market."""
    title = _title(market)
    kept = {"asked.$": "$.asked", "task.$": "$.task", "attempts.$": "States.MathAdd($.attempts, 1)"}
    return {
        _try(market): _task(parts, market),
        f"Count{title}": {"Type": "Pass", "Parameters": kept, "Next": "Done"},
        # States.TaskFailed is the name of an ended task, and catches every refusal as well: the cause tells them apart.
        f"WasThere{title}": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.failure.Cause", "StringMatches": "{*", "Next": f"Why{title}"}],
            "Default": "NotStarted",
        },
        f"Why{title}": {
            "Type": "Pass",
            "Parameters": {
                **kept,
                "cause.$": "$.failure.Cause",
                "ended.$": "States.StringToJson($.failure.Cause)",
            },
            "Next": f"WhatNext{title}",
        },
        f"Refused{title}": {
            "Type": "Pass",
            "Parameters": {
                **kept,
                "cause.$": "$.failure.Cause",
                "ended": {"StopCode": "TaskFailedToStart", "StoppedReason.$": "$.failure.Cause"},
            },
            "Next": f"Pause{title}",
        },
        f"Pause{title}": {"Type": "Wait", "Seconds": PAUSE_SECONDS, "Next": f"WhatNext{title}"},
        f"WhatNext{title}": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [
                        {"Variable": "$.ended.StopCode", "StringEquals": OWN_FAILURE},
                        {"Not": {"Variable": "$.cause", "StringMatches": ASKED_TO_END}},
                    ],
                    "Next": "TrainingFailed",
                },
                {
                    "And": [
                        {"Variable": "$.ended.StopCode", "StringEquals": "UserInitiated"},
                        {"Not": {"Variable": "$.ended.StoppedReason", "StringMatches": f"{GIVEN_UP}*"}},
                    ],
                    "Next": "Stopped",
                },
                {"Variable": "$.attempts", "NumericLessThan": market.attempts, "Next": _try(market)},
            ],
            "Default": after,
        },
    }


def _task(parts: Parts, market: Market) -> State:
    said = {
        "TRAINING_JOB_NAME": "$.task.run",
        "TASK_DATA": "$.task.data",
        "TASK_HYPERPARAMETERS": "$.task.hyperparameters",
        "TASK_OUTPUT": "$.task.output",
        "TASK_CHECKPOINTS": "$.task.checkpoints",
    }
    network = {"Subnets": [*parts.subnets], "SecurityGroups": [parts.security_group]}
    return {
        "Type": "Task",
        "Resource": f"arn:{parts.partition}:states:::ecs:runTask.sync",
        "Parameters": {
            "Cluster": parts.cluster,
            "TaskDefinition": parts.task_definition,
            "CapacityProviderStrategy": [{"CapacityProvider": market.provider, "Weight": 1}],
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {
                    **network,
                    "AssignPublicIp": "ENABLED" if parts.public_address else "DISABLED",
                }
            },
            "Overrides": {
                "ContainerOverrides": [
                    {
                        "Name": parts.container,
                        "Environment": [{"Name": name, "Value.$": path} for name, path in said.items()],
                    }
                ]
            },
            "PropagateTags": "TASK_DEFINITION",
            **({"PlatformVersion": parts.platform_version} if parts.platform_version else {}),
        },
        "TimeoutSeconds": parts.max_seconds + PLACEMENT_SECONDS,
        "ResultPath": None,
        "Retry": [*BUSY],
        "Catch": [
            {"ErrorEquals": [NO_PLACE], "ResultPath": "$.failure", "Next": f"Refused{_title(market)}"},
            {"ErrorEquals": ["States.Timeout"], "ResultPath": "$.failure", "Next": "TooLong"},
            {"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": f"WasThere{_title(market)}"},
        ],
        "Next": f"Count{_title(market)}",
    }


def _title(market: Market) -> str:
    return "".join(part.capitalize() for part in market.name.split("-"))


def _try(market: Market) -> str:
    return f"TrainOn{_title(market)}"
