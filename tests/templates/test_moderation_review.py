"""A review: a flagged object in, one execution, and no permission to spare."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_logs as logs

from checks import service_calls, state_machines, templates
from mlstack.assembly import Assembly
from stacks.ai_services.moderation_review import ModerationReview, ModerationReviewProps
from stacks.aws_solutions import AwsSolutions
from stacks.components.bucket import PrivateBucket, PrivateBucketProps
from stacks.components.retention import Retention
from stacks.retention_rule import RetentionRule
from tests.templates.synthesis import FLAGS

Synthesize = Callable[..., Assembly]
State = dict[str, Any]


@pytest.fixture(scope="module")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Synthesizes a stack with a review under the rule packs, once for equal choices."""
    done: dict[str, Assembly] = {}

    def synthesized(
        *,
        action: Literal["quarantine", "tag"] = "quarantine",
        review: bool = True,
        prefixes: tuple[str, ...] = ("photos/", "photos/more/", "videos/"),
        retention: Retention = Retention.EPHEMERAL,
    ) -> Assembly:
        chosen = f"{action} {review} {prefixes} {retention}"
        if chosen not in done:
            folder = tmp_path_factory.mktemp("review")
            app = cdk.App(context=FLAGS, outdir=str(folder))
            stack = cdk.Stack(app, "mlstack-sandbox-Vision", env=cdk.Environment(region="eu-west-1"))
            media = PrivateBucket(stack, "Media", PrivateBucketProps(retention=retention)).resource
            key = dynamodb.Attribute(name="object", type=dynamodb.AttributeType.STRING)
            point_in_time = dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)
            table = dynamodb.TableV2(
                stack,
                "Table",
                partition_key=key,
                point_in_time_recovery_specification=point_in_time,
                removal_policy=retention.removal_policy,
            )
            ModerationReview(
                stack,
                "Review",
                ModerationReviewProps(
                    media=media,
                    media_prefixes=prefixes,
                    table=table,
                    retention=retention,
                    log_retention=logs.RetentionDays.ONE_WEEK,
                    stage="sandbox",
                    results_days=0,
                    action=action,
                    review=review,
                    review_days=14,
                ),
            )
            cdk.Validations.of(app).add_plugins(AwsSolutions(app), RetentionRule(retention))
            app.synth()
            done[chosen] = Assembly.read(folder)
        return done[chosen]

    return synthesized


def states(assembly: Assembly) -> dict[str, State]:
    """The state machine's states, with every value known."""
    [definition] = state_machines.definitions(assembly)
    found: Any = definition.body["States"]
    return dict(found)


def statements(assembly: Assembly, role: str) -> Iterator[tuple[set[str], str]]:
    """What a role may do, and on what."""
    [stack] = assembly.stacks
    for name, policy in stack.of_type("AWS::IAM::Policy").items():
        if name.startswith(role):
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                action = statement["Action"]
                yield ({action} if isinstance(action, str) else set(action)), json.dumps(statement["Resource"])


@pytest.mark.parametrize(("action", "review"), [("quarantine", True), ("tag", False)])
def test_every_choice_passes_every_gate(
    synthesize: Synthesize, action: Literal["quarantine", "tag"], *, review: bool
) -> None:
    assembly = synthesize(action=action, review=review)

    found = [
        finding for gate in (templates, state_machines, service_calls) for finding in gate.check(assembly).findings
    ]

    assert found == []


def test_content_of_this_stage_flagged_under_the_prefixes_starts_a_run(synthesize: Synthesize) -> None:
    [stack] = synthesize().stacks

    [rule] = stack.of_type("AWS::Events::Rule").values()

    pattern = rule["Properties"]["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["mlstack.vision"], ["Content Flagged"])
    assert pattern["detail"]["stage"] == ["sandbox"]
    assert "Media" in str(pattern["detail"]["bucket"])
    assert pattern["detail"]["key"] == [{"prefix": "photos/"}, {"prefix": "videos/"}]
    [target] = rule["Properties"]["Targets"]
    assert set(target) == {"Arn", "DeadLetterConfig", "Id", "RoleArn"}


def test_a_review_of_the_whole_bucket_asks_for_no_key(synthesize: Synthesize) -> None:
    assembly = synthesize(prefixes=("", "photos/"), retention=Retention.DURABLE)
    [stack] = assembly.stacks

    [rule] = stack.of_type("AWS::Events::Rule").values()

    assert set(rule["Properties"]["EventPattern"]["detail"]) == {"stage", "bucket"}


def test_a_decision_is_waited_for_as_long_as_the_profile_says_and_then_expires(synthesize: Synthesize) -> None:
    ask = states(synthesize())["Ask"]

    assert ask["Resource"].endswith(":states:::lambda:invoke.waitForTaskToken")
    assert ask["Parameters"]["Payload"]["token.$"] == "$$.Task.Token"
    assert ask["TimeoutSeconds"] == 14 * 24 * 3600
    assert [(one["ErrorEquals"], one["Next"]) for one in ask["Catch"]] == [
        (["States.Timeout"], "Expire"),
        (["States.ALL"], "RecordFailure"),
    ]


def test_only_the_word_approved_releases_and_nonsense_is_recorded(synthesize: Synthesize) -> None:
    decided = states(synthesize())["WhatWasDecided"]

    assert {choice["And"][1]["StringEquals"]: choice["Next"] for choice in decided["Choices"]} == {
        "approved": "Release",
        "rejected": "Reject",
    }
    assert all(choice["And"][0]["IsPresent"] for choice in decided["Choices"])
    assert decided["Default"] == "NoDecision"
    assert states(synthesize())["NoDecision"]["Next"] == "RecordFailure"


def test_nobody_is_asked_where_the_profile_wants_no_review(synthesize: Synthesize) -> None:
    found = states(synthesize(action="tag", review=False))

    assert set(found) == {"Act", "Done", "RecordFailure", "Failed"}
    assert found["Act"]["Next"] == "Done"


def test_every_step_is_tried_again_and_every_failure_is_recorded(synthesize: Synthesize) -> None:
    steps = {name: state for name, state in states(synthesize()).items() if state["Type"] == "Task"}

    assert set(steps) == {"Act", "Ask", "Release", "Reject", "Expire", "RecordFailure"}
    for name, step in steps.items():
        passing, cut_off = step["Retry"]
        assert {"ComeAgainError", "Lambda.TooManyRequestsException"} <= set(passing["ErrorEquals"])
        assert (passing["BackoffRate"], passing["JitterStrategy"], passing["MaxDelaySeconds"]) == (2, "FULL", 120)
        assert cut_off["MaxAttempts"] == 2
        assert (step["Catch"][-1]["Next"] if "Catch" in step else None) == (
            None if name == "RecordFailure" else "RecordFailure"
        )
    assert states(synthesize())["Failed"]["Type"] == "Fail"


def test_steps_that_could_wait_for_ever_end(synthesize: Synthesize) -> None:
    assert [
        state for state in states(synthesize()).values() if state["Type"] == "Task" and "TimeoutSeconds" not in state
    ] == []


def test_the_function_may_do_exactly_what_quarantine_takes(synthesize: Synthesize) -> None:
    granted = list(statements(synthesize(), "ReviewFunction"))

    here = {action for actions, place in granted for action in actions if "Media" in place}
    held = {action for actions, place in granted for action in actions if "Held" in place}
    read = {"s3:GetObject", "s3:GetObjectTagging", "s3:ListBucket"}
    move = {"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject", "s3:PutObjectTagging"}
    assert here == read | move | {
        "s3:GetObjectVersion",
        "s3:GetObjectVersionTagging",
        "s3:PutObjectVersionTagging",
    }
    assert held == read | move
    assert {action for actions, place in granted for action in actions if "Table" in place} == {
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    }
    assert [place for _, place in granted if place == '"*"'] == []


def test_the_function_touches_objects_under_the_prefixes_alone(synthesize: Synthesize) -> None:
    [places] = [
        json.loads(place)
        for actions, place in statements(synthesize(), "ReviewFunction")
        if "s3:DeleteObject" in actions and "Media" in place
    ]

    assert [place["Fn::Join"][1][1] for place in places] == ["/photos/*", "/videos/*"]


def test_a_stage_that_only_tags_has_no_quarantine_and_cannot_delete(synthesize: Synthesize) -> None:
    assembly = synthesize(action="tag", review=False)
    [stack] = assembly.stacks
    granted = {action for actions, _ in statements(assembly, "ReviewFunction") for action in actions}
    [function] = [
        one
        for one in stack.of_type("AWS::Lambda::Function").values()
        if one["Properties"]["Handler"] == "moderation_review.handler.handle"
    ]

    assert len(stack.of_type("AWS::S3::Bucket")) == 1
    assert not granted & {"s3:DeleteObject", "s3:PutObject"}
    assert function["Properties"]["Environment"]["Variables"]["QUARANTINE_BUCKET"] == ""


def test_quarantine_of_a_durable_stage_stays_with_its_versions(synthesize: Synthesize) -> None:
    [stack] = synthesize(prefixes=("", "photos/"), retention=Retention.DURABLE).stacks

    [held] = [bucket for name, bucket in stack.of_type("AWS::S3::Bucket").items() if name.startswith("ReviewHeld")]

    assert held["DeletionPolicy"] == "Retain"
    assert held["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}


def test_errors_are_logged_without_data_to_groups_that_go_with_the_stack(synthesize: Synthesize) -> None:
    [stack] = synthesize().stacks

    [machine] = stack.of_type("AWS::StepFunctions::StateMachine").values()
    groups = stack.of_type("AWS::Logs::LogGroup").values()

    assert machine["Properties"]["LoggingConfiguration"]["Level"] == "ERROR"
    assert machine["Properties"]["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert {(group["DeletionPolicy"], group["Properties"]["RetentionInDays"]) for group in groups} == {("Delete", 7)}
    assert {group["Properties"]["LogGroupName"] for group in groups if "LogGroupName" in group["Properties"]} == {
        "/aws/vendedlogs/states/mlstack-sandbox-Vision-Review"
    }


def test_an_event_that_starts_no_review_is_kept_and_only_the_rule_may_put_it_there(synthesize: Synthesize) -> None:
    [stack] = synthesize().stacks

    [(rule_id, rule)] = stack.of_type("AWS::Events::Rule").items()
    [(queue_id, queue)] = stack.of_type("AWS::SQS::Queue").items()
    [policy] = stack.of_type("AWS::SQS::QueuePolicy").values()

    [target] = rule["Properties"]["Targets"]
    plain, allowed = policy["Properties"]["PolicyDocument"]["Statement"]
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [queue_id, "Arn"]}}
    assert queue["Properties"]["SqsManagedSseEnabled"] is True
    assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert (plain["Effect"], plain["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert (allowed["Action"], allowed["Principal"]) == ("sqs:SendMessage", {"Service": "events.amazonaws.com"})
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [rule_id, "Arn"]}}}
