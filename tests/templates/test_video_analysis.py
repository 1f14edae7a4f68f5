"""Videos: two queues, a topic that only Rekognition speaks on, and no permission to spare."""

import json
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Match, Template

from checks import templates
from mlstack.assembly import Assembly
from stacks.ai_services.results_table import ResultsTables, ResultsTablesProps
from stacks.ai_services.video_analysis import VideoAnalysis, VideoAnalysisProps
from stacks.aws_solutions import AwsSolutions
from stacks.components.bucket import PrivateBucket, PrivateBucketProps
from stacks.components.retention import Retention
from tests.templates.synthesis import FLAGS

ROUTES = {"videos/": ("labels", "moderation"), "faces/": ("faces",)}
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "labels": {"min_confidence": 70.0, "max_labels": 25},
    "moderation": {"min_confidence": 50.0, "act_at": 80.0, "action": "tag"},
    "faces": {"attributes": "default"},
    "text": {"min_confidence": 80.0},
}
POLLER = {
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
Statement = Mapping[str, Any]


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """A stack with video analysis, synthesized under the rule packs."""
    folder = tmp_path_factory.mktemp("video")
    app = cdk.App(context=FLAGS, outdir=str(folder))
    stack = cdk.Stack(app, "mlstack-sandbox-Vision", env=cdk.Environment(region="eu-west-1"))
    tables = ResultsTables(stack, "Tables", ResultsTablesProps(retention=Retention.EPHEMERAL, expire=False))
    media, results = (
        PrivateBucket(stack, name, PrivateBucketProps(retention=Retention.EPHEMERAL)).resource
        for name in ("Media", "Results")
    )
    VideoAnalysis(
        stack,
        "Videos",
        VideoAnalysisProps(
            media=media,
            results=results,
            table=tables.results,
            pace=tables.pace,
            log_retention=logs.RetentionDays.ONE_WEEK,
            stage="sandbox",
            results_days=30,
            routes=ROUTES,
            options=OPTIONS,
            jobs=7,
        ),
    )
    cdk.Validations.of(app).add_plugins(AwsSolutions(app))
    app.synth()
    return Assembly.read(folder)


@pytest.fixture(scope="module")
def template(assembly: Assembly) -> Template:
    """The stack's template, ready for assertions."""
    return Template.from_json(assembly.stacks[0].template)


def statements(assembly: Assembly, role: str) -> list[Statement]:
    """What a role may do."""
    policies = assembly.stacks[0].of_type("AWS::IAM::Policy")
    [policy] = [body for name, body in policies.items() if name.startswith(role)]
    found: list[Statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def actions(statement: Statement) -> set[str]:
    """The actions of a statement, which IAM writes as a string where there is one."""
    action = statement["Action"]
    return {action} if isinstance(action, str) else set(action)


def granted(found: list[Statement]) -> set[str]:
    """All actions of some statements."""
    return set().union(*(actions(statement) for statement in found))


def places(found: list[Statement], action: str) -> list[str]:
    """The resources of every statement that allows an action."""
    return [json.dumps(statement["Resource"]) for statement in found if action in actions(statement)]


def told(assembly: Assembly, package: str) -> dict[str, Any]:
    """The environment of a function."""
    functions = assembly.stacks[0].of_type("AWS::Lambda::Function").values()
    [found] = [one["Properties"] for one in functions if one["Properties"]["Handler"] == f"{package}.handler.handle"]
    environment: dict[str, Any] = found["Environment"]["Variables"]
    return environment


def test_the_template_passes_cloudformations_own_schemas(assembly: Assembly) -> None:
    assert templates.check(assembly).findings == ()


def test_uploads_under_every_prefix_go_to_the_start_queue(template: Template) -> None:
    template.has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {
                "detail": {
                    "bucket": {"name": [Match.any_value()]},
                    "object": {"key": [{"prefix": "videos/"}, {"prefix": "faces/"}]},
                },
                "detail-type": ["Object Created"],
                "source": ["aws.s3"],
            }
        },
    )


def test_an_upload_that_the_queue_does_not_take_is_among_the_dead_letters(assembly: Assembly) -> None:
    [stack] = assembly.stacks
    [rule] = [one for one in stack.of_type("AWS::Events::Rule").values() if "EventPattern" in one["Properties"]]
    waiting = [one for one in stack.of_type("AWS::SQS::Queue").values() if "RedrivePolicy" in one["Properties"]]

    [target] = rule["Properties"]["Targets"]

    assert target["DeadLetterConfig"]["Arn"] == waiting[0]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]


def test_messages_may_wait_long_and_end_in_one_queue_of_dead_letters(assembly: Assembly) -> None:
    queues = [queue["Properties"] for queue in assembly.stacks[0].of_type("AWS::SQS::Queue").values()]
    waiting = [queue for queue in queues if "RedrivePolicy" in queue]

    assert len(queues) == 3
    assert {json.dumps(queue["RedrivePolicy"]["deadLetterTargetArn"]) for queue in waiting} == {
        json.dumps(waiting[0]["RedrivePolicy"]["deadLetterTargetArn"])
    }
    assert {queue["RedrivePolicy"]["maxReceiveCount"] for queue in waiting} == {1000}
    assert {queue["MessageRetentionPeriod"] for queue in queues} == {14 * 24 * 3600}
    assert all(queue["SqsManagedSseEnabled"] for queue in queues)


def test_a_message_stays_hidden_for_longer_than_its_function_lives(assembly: Assembly) -> None:
    [stack] = assembly.stacks
    queues, functions = (stack.of_type(f"AWS::{kind}") for kind in ("SQS::Queue", "Lambda::Function"))

    pairs = [
        (
            functions[mapping["Properties"]["FunctionName"]["Ref"]]["Properties"]["Timeout"],
            queues[mapping["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]["VisibilityTimeout"],
        )
        for mapping in stack.of_type("AWS::Lambda::EventSourceMapping").values()
    ]

    assert sorted(pairs) == [(60, 360), (900, 960)]


def test_functions_report_single_messages_and_run_in_bounded_numbers(template: Template) -> None:
    template.resource_count_is("AWS::Lambda::EventSourceMapping", 2)
    template.all_resources_properties(
        "AWS::Lambda::EventSourceMapping",
        {
            "BatchSize": 1,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 5},
        },
    )


def test_rekognitions_words_reach_the_results_queue_as_they_are(template: Template) -> None:
    template.has_resource_properties("AWS::SNS::Subscription", {"Protocol": "sqs", "RawMessageDelivery": True})
    template.has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {
            "PolicyDocument": {
                "Statement": [
                    Match.object_like({"Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Effect": "Deny"})
                ]
            }
        },
    )


def test_only_this_accounts_rekognition_may_tell_and_only_on_that_topic(assembly: Assembly) -> None:
    roles = assembly.stacks[0].of_type("AWS::IAM::Role")
    [teller] = [role["Properties"] for name, role in roles.items() if name.startswith("VideosCompletionsRole")]
    [trust] = teller["AssumeRolePolicyDocument"]["Statement"]
    [topic] = assembly.stacks[0].of_type("AWS::SNS::Topic")
    found = statements(assembly, "VideosCompletionsRole")

    assert trust["Principal"] == {"Service": "rekognition.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert "ManagedPolicyArns" not in teller
    assert granted(found) == {"sns:Publish"}
    assert [statement["Resource"] for statement in found] == [{"Ref": topic}]


def test_the_start_may_do_exactly_what_it_does(assembly: Assembly) -> None:
    found = statements(assembly, "VideosStartRole")

    assert granted(found) - POLLER - LOGS == {
        "dynamodb:GetItem",
        "dynamodb:UpdateItem",
        "events:PutEvents",
        "iam:PassRole",
        "rekognition:StartContentModeration",
        "rekognition:StartFaceDetection",
        "rekognition:StartLabelDetection",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "sqs:SendMessage",
    }
    assert [statement["Action"] for statement in found if statement["Resource"] == "*"] == [
        ["rekognition:StartContentModeration", "rekognition:StartFaceDetection", "rekognition:StartLabelDetection"]
    ]


def test_the_results_may_do_exactly_what_they_do(assembly: Assembly) -> None:
    found = statements(assembly, "VideosResultsRole")

    assert granted(found) - POLLER - LOGS == {
        "dynamodb:BatchWriteItem",
        "dynamodb:GetItem",
        "dynamodb:UpdateItem",
        "events:PutEvents",
        "rekognition:GetContentModeration",
        "rekognition:GetFaceDetection",
        "rekognition:GetLabelDetection",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "sqs:SendMessage",
    }
    assert [place.endswith('"/vision/video/*"]]}') for place in places(found, "s3:PutObject")] == [True]
    assert [place.endswith('"/vision/video/progress/*"]]}') for place in places(found, "s3:DeleteObject")] == [True]


def test_the_start_reads_only_videos_and_hands_only_its_own_role_to_rekognition(assembly: Assembly) -> None:
    found = statements(assembly, "VideosStartRole")
    [read] = places(found, "s3:GetObjectVersion")
    [passed] = [statement for statement in found if actions(statement) == {"iam:PassRole"}]

    assert [resource["Fn::Join"][1][-1] for resource in json.loads(read)] == ["/faces/*", "/videos/*"]
    assert passed["Condition"] == {"StringEqualsIfExists": {"iam:PassedToService": "rekognition.amazonaws.com"}}
    assert passed["Resource"] == told(assembly, "video_start")["ROLE_ARN"]


def test_no_index_of_a_table_is_granted(assembly: Assembly) -> None:
    for role in ("VideosStartRole", "VideosResultsRole"):
        assert "index" not in "".join(places(statements(assembly, role), "dynamodb:UpdateItem"))


def test_both_may_tell_the_bus_only_as_the_pipeline(assembly: Assembly) -> None:
    for role in ("VideosStartRole", "VideosResultsRole"):
        [put] = [one for one in statements(assembly, role) if actions(one) == {"events:PutEvents"}]

        assert put["Condition"] == {"StringEquals": {"events:source": "mlstack.vision"}}


def test_old_jobs_are_asked_after_every_hour(template: Template) -> None:
    template.has_resource_properties(
        "AWS::Events::Rule",
        {
            "ScheduleExpression": "rate(1 hour)",
            "State": "ENABLED",
            "Targets": [Match.object_like({"Input": '{"sweep":true}'})],
        },
    )


def test_the_functions_are_told_what_the_profile_says(assembly: Assembly) -> None:
    start, results = told(assembly, "video_start"), told(assembly, "video_results")
    analyses = json.loads(start["ANALYSES"])

    assert analyses["routes"] == {"videos/": ["labels", "moderation"], "faces/": ["faces"]}
    assert set(analyses["options"]) == {"labels", "moderation", "faces"}
    assert (analyses["per_second"], json.loads(results["ANALYSES"])["per_second"]) == (5.0, 20.0)
    assert (start["JOBS"], start["STAGE"], start["RESULTS_DAYS"]) == ("7", "sandbox", "30")
    assert start["QUEUE_URL"] != results["QUEUE_URL"]
    assert start["DEAD_LETTER_QUEUE_URL"] == results["DEAD_LETTER_QUEUE_URL"]
    assert (start["TABLE_NAME"], start["PACE_TABLE"]) == (results["TABLE_NAME"], results["PACE_TABLE"])


def test_every_variable_that_a_function_reads_is_given(assembly: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    import video_results.settings  # noqa: PLC0415 (a source root of its own)
    import video_start.settings  # noqa: PLC0415

    for package, module in (("video_start", video_start.settings), ("video_results", video_results.settings)):
        for name, value in told(assembly, package).items():
            monkeypatch.setenv(name, value if isinstance(value, str) else json.dumps(value))
        module.settings.cache_clear()

        settings = module.settings()

        module.settings.cache_clear()
        assert settings.keep is not None
        assert settings.keep.days == 30
