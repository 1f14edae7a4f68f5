"""The steps of a moderation review, in Step Functions' states; the input is the event "Content Flagged"."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.ai_services.backfill import COME_AGAIN
from stacks.components.lambda_faults import CUT_OFF, PASSING

DECISION = "$.decision.decision"


def chain(scope: Construct, function: lambda_.IFunction, *, wait: cdk.Duration | None) -> sfn.IChainable:
    """Act, and where ``wait`` is given ask and do what was decided; every failure is recorded before it ends a run."""
    return _Steps(scope, function).chain(wait)


class _Steps:
    """The states, made under ``scope``."""

    def __init__(self, scope: Construct, function: lambda_.IFunction) -> None:
        self._scope = scope
        self._function = function
        self._done = sfn.Succeed(scope, "Done")
        failed = sfn.Fail(scope, "Failed", error="ReviewFailed", cause="The results table says why: review#failed")
        self._record = self._step("RecordFailure", "fail", {"error": sfn.JsonPath.object_at("$.error")}, caught=False)
        self._record.next(failed)

    def chain(self, wait: cdk.Duration | None) -> sfn.IChainable:
        """The whole review."""
        act = self._step("Act", "act", {}, result="$.act")
        if wait is None:
            return act.next(self._done)
        asked = sfn.Choice(self._scope, "IsAnybodyAsked")
        act.next(asked)
        asked.when(sfn.Condition.string_equals("$.act.outcome", "ask"), self._ask(wait))
        asked.otherwise(self._done)
        return act

    def _ask(self, wait: cdk.Duration) -> sfn.IChainable:
        expire = self._step("Expire", "expire", {})
        expire.next(self._done)
        ask = tasks.LambdaInvoke(
            self._scope,
            "Ask",
            comment="The function writes the task token down; `mlstack vision review` answers with it",
            integration_pattern=sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
            lambda_function=self._function,
            payload=_payload("ask", {"token": sfn.JsonPath.task_token}),
            result_path="$.decision",
            retry_on_service_exceptions=False,
            task_timeout=sfn.Timeout.duration(wait),
        )
        _retry(ask)
        ask.add_catch(expire, errors=["States.Timeout"], result_path="$.error")
        ask.add_catch(self._record, errors=["States.ALL"], result_path="$.error")
        return ask.next(self._decided())

    def _decided(self) -> sfn.IChainable:
        decision = {"decision": sfn.JsonPath.object_at("$.decision")}
        release, reject = self._step("Release", "release", decision), self._step("Reject", "reject", decision)
        decided = sfn.Choice(self._scope, "WhatWasDecided")
        for word, step in (("approved", release), ("rejected", reject)):
            # Whoever holds the token may answer anything; a choice over a missing path would end the run unrecorded.
            given = sfn.Condition.and_(sfn.Condition.is_present(DECISION), sfn.Condition.string_equals(DECISION, word))
            decided.when(given, step)
            step.next(self._done)
        nonsense = sfn.Pass(
            self._scope,
            "NoDecision",
            result=sfn.Result.from_object({"Error": "NoDecision", "Cause": "the answer is no decision"}),
            result_path="$.error",
        )
        decided.otherwise(nonsense.next(self._record))
        return decided

    def _step(
        self, name: str, action: str, more: Mapping[str, object], *, result: str | None = None, caught: bool = True
    ) -> tasks.LambdaInvoke:
        step = tasks.LambdaInvoke(
            self._scope,
            name,
            lambda_function=self._function,
            payload=_payload(action, more),
            result_selector={"outcome.$": "$.Payload.outcome"} if result else None,
            result_path=result or sfn.JsonPath.DISCARD,
            retry_on_service_exceptions=False,
            task_timeout=sfn.Timeout.duration(cdk.Duration.minutes(16)),
        )
        _retry(step)
        if caught:
            step.add_catch(self._record, errors=["States.ALL"], result_path="$.error")
        return step


def _payload(action: str, more: Mapping[str, object]) -> sfn.TaskInput:
    flagged = sfn.JsonPath.object_at("$.detail")
    execution = sfn.JsonPath.string_at("$$.Execution.Id")
    return sfn.TaskInput.from_object({"action": action, "flagged": flagged, "execution": execution, **more})


def _retry(step: tasks.LambdaInvoke) -> None:
    step.add_retry(
        backoff_rate=2,
        errors=[*PASSING, COME_AGAIN],
        interval=cdk.Duration.seconds(3),
        jitter_strategy=sfn.JitterType.FULL,
        max_attempts=12,
        max_delay=cdk.Duration.minutes(2),
    )
    step.add_retry(errors=[*CUT_OFF], interval=cdk.Duration.seconds(5), max_attempts=2)
