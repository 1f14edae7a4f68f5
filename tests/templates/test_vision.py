"""Vision: an upload becomes one message, one call per analysis and its records, with no permission to spare."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Match

from shared.analyses import ANALYSES
from tests.templates.synthesis import Synthesize, Synthesized

MODEL = "arn:aws:rekognition:us-east-1:111122223333:project/parts/version/first/1700000000000"
POLLER = {
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
}


def statements(profile: Synthesized, role: str = "ImagesFunctionRole") -> list[dict[str, Any]]:
    """What a function may do."""
    policies = profile.stacks["Vision"].of_type("AWS::IAM::Policy")
    [policy] = [body for name, body in policies.items() if name.startswith(role)]
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def actions(statement: dict[str, Any]) -> set[str]:
    """The actions of a statement, which IAM writes as a string where there is one."""
    action = statement["Action"]
    return {action} if isinstance(action, str) else set(action)


def calls(profile: Synthesized) -> dict[str, str]:
    """Each Rekognition API that the image function may call, with the resource that it may call it on."""
    return {
        action: json.dumps(statement["Resource"])
        for statement in statements(profile)
        for action in actions(statement)
        if action.startswith("rekognition:")
    }


def told(profile: Synthesized) -> dict[str, Any]:
    """The environment of the image function."""
    functions = profile.stacks["Vision"].of_type("AWS::Lambda::Function")
    environment: dict[str, Any]
    [environment] = [
        body["Properties"]["Environment"]["Variables"]
        for name, body in functions.items()
        if name.startswith("ImagesFunction")
    ]
    return environment


def images(*analyses: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (keys of the profile)
    """A profile in which the images under one prefix get some analyses."""
    return {"vision": {"images": {"photos/": list(analyses)}} | more}


def test_uploads_under_every_prefix_go_to_the_queue(synthesize: Synthesize) -> None:
    profile = synthesize("sandbox", {"vision": {"images": {"camera/": ["labels"], "badges/": ["text"]}}})

    profile.template("Vision").has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {
                "detail": {
                    "bucket": {"name": [Match.any_value()]},
                    "object": {"key": [{"prefix": "camera/"}, {"prefix": "badges/"}]},
                },
                "detail-type": ["Object Created"],
                "source": ["aws.s3"],
            },
            "State": "ENABLED",
            "Targets": [Match.object_like({"Arn": {"Fn::GetAtt": Match.array_with(["Arn"])}})],
        },
    )


def test_an_upload_that_the_queue_does_not_take_is_among_the_dead_letters(synthesize: Synthesize) -> None:
    stack = synthesize("sandbox", images("labels")).stacks["Vision"]
    [rule], queues = stack.of_type("AWS::Events::Rule").values(), stack.of_type("AWS::SQS::Queue").values()
    [waiting] = [one["Properties"] for one in queues if "RedrivePolicy" in one["Properties"]]

    [target] = rule["Properties"]["Targets"]

    assert target["DeadLetterConfig"]["Arn"] == waiting["RedrivePolicy"]["deadLetterTargetArn"]


def test_a_message_may_wait_for_its_turn_and_is_kept_for_two_weeks(sandbox: Synthesized) -> None:
    sandbox.template("Vision").has_resource_properties(
        "AWS::SQS::Queue",
        {
            "MessageRetentionPeriod": 14 * 24 * 3600,
            "RedrivePolicy": {"deadLetterTargetArn": Match.any_value(), "maxReceiveCount": 1000},
            "VisibilityTimeout": 360,
        },
    )


def test_queues_are_encrypted_and_refuse_plain_http(production: Synthesized) -> None:
    queues = production.stacks["Vision"].of_type("AWS::SQS::Queue")

    production.template("Vision").all_resources_properties("AWS::SQS::Queue", {"SqsManagedSseEnabled": True})
    production.template("Vision").resource_properties_count_is(
        "AWS::SQS::QueuePolicy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [Match.object_like({"Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Effect": "Deny"})]
                )
            }
        },
        len(queues),
    )


def test_the_function_reports_single_messages_and_runs_in_bounded_numbers(sandbox: Synthesized) -> None:
    sandbox.template("Vision").has_resource_properties(
        "AWS::Lambda::EventSourceMapping",
        {
            "BatchSize": 1,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 5},
        },
    )


def test_every_function_is_python_3_13_on_arm64_with_its_own_log_group(production: Synthesized) -> None:
    functions = production.stacks["Vision"].of_type("AWS::Lambda::Function")
    ours = [body["Properties"] for body in functions.values() if body["Properties"]["Runtime"].startswith("python")]

    assert {one["Handler"] for one in ours} == {
        "image_analysis.handler.handle",
        "moderation_review.handler.handle",
        "stop_executions.handler.handle",
        "video_results.handler.handle",
        "video_start.handler.handle",
    }
    for one in ours:
        assert (one["Runtime"], one["Architectures"]) == ("python3.13", ["arm64"])
        assert one["LoggingConfig"]["LogFormat"] == "JSON"
        assert one["LoggingConfig"]["LogGroup"]


def test_the_function_may_do_exactly_what_it_does(synthesize: Synthesize) -> None:
    granted = set().union(*(actions(statement) for statement in statements(synthesize("sandbox", images("labels")))))

    assert granted - POLLER == {
        "dynamodb:BatchWriteItem",
        "dynamodb:UpdateItem",
        "events:PutEvents",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "rekognition:DetectLabels",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:PutObject",
        "sqs:SendMessage",
    }


@pytest.mark.parametrize("name", ANALYSES)
def test_the_function_may_call_exactly_the_api_of_an_enabled_analysis(synthesize: Synthesize, name: str) -> None:
    profile = synthesize("sandbox", images(name, custom_labels={"project_version": MODEL}))

    [(action, resource)] = calls(profile).items()
    assert action == f"rekognition:{ANALYSES[name].operation}"
    if name == "custom_labels":
        assert resource == json.dumps(MODEL)
    elif ANALYSES[name].target:
        assert "FacesArn" in resource or '"Faces", "Arn"' in resource
    else:
        assert resource == '"*"'


def test_the_function_may_call_the_apis_of_all_prefixes_together_and_no_other(production: Synthesized) -> None:
    assert set(calls(production)) == {
        "rekognition:DetectFaces",
        "rekognition:DetectLabels",
        "rekognition:DetectModerationLabels",
        "rekognition:DetectProtectiveEquipment",
        "rekognition:DetectText",
        "rekognition:IndexFaces",
        "rekognition:RecognizeCelebrities",
        "rekognition:SearchFacesByImage",
    }


def test_only_rekognition_is_granted_on_every_resource(sandbox: Synthesized) -> None:
    wide = [statement for statement in statements(sandbox) if statement["Resource"] == "*"]

    assert all(action.startswith("rekognition:Detect") for statement in wide for action in actions(statement))
    assert len(wide) == 1


def test_the_function_reads_only_images_and_writes_only_answers(sandbox: Synthesized) -> None:
    def places(action: str) -> list[str]:
        return [json.dumps(found["Resource"]) for found in statements(sandbox) if action in actions(found)]

    [read_by_version] = places("s3:GetObjectVersion")
    [written] = places("s3:PutObject")
    assert '"/photos/*"' in read_by_version
    assert '"/people/*"' in read_by_version
    assert written.endswith('"/vision/*"]]}')


def test_a_backfill_may_read_the_buckets_that_the_profile_names_and_write_to_none(synthesize: Synthesize) -> None:
    profile = synthesize("sandbox", images("labels", backfill_buckets=["old-holidays"]))

    [read] = [found for found in statements(profile) if "s3:GetObjectVersion" in actions(found)]
    [write] = [found for found in statements(profile) if "s3:PutObject" in actions(found)]
    assert "old-holidays/*" in json.dumps(read["Resource"])
    assert "old-holidays" not in json.dumps(write["Resource"])


def test_events_are_announced_under_the_pipelines_own_name_only(sandbox: Synthesized) -> None:
    [announce] = [found for found in statements(sandbox) if "events:PutEvents" in actions(found)]

    assert announce["Condition"] == {"StringEquals": {"events:source": "mlstack.vision"}}
    assert "event-bus/default" in json.dumps(announce["Resource"])


@pytest.mark.parametrize(
    ("region", "rates"),
    [
        ("us-east-1", {"labels": 50, "faces": 100, "moderation": 50, "text": 50, "enrolment": 50}),
        ("eu-central-1", {"labels": 5, "faces": 25, "moderation": 5, "text": 5, "enrolment": 5}),
    ],
)
def test_apis_are_called_at_the_regions_documented_pace(
    synthesize: Synthesize, region: str, rates: dict[str, float]
) -> None:
    profile = synthesize("sandbox", {"stage": {"region": region}})

    assert analyses(profile)["per_second"] == rates


def analyses(profile: Synthesized) -> dict[str, Any]:
    """What the image function is told of its analyses."""
    text = told(profile)["ANALYSES"]
    if isinstance(text, dict):  # the collection's name is known at the deploy
        text = "".join(part if isinstance(part, str) else "COLLECTION" for part in text["Fn::Join"][1])
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_profiles_own_pace_counts_before_the_documented_one(synthesize: Synthesize) -> None:
    profile = synthesize("sandbox", images("labels", "text", calls_per_second={"labels": 7.5}))

    assert analyses(profile)["per_second"] == {"labels": 7.5, "text": 50}


def test_the_function_is_told_the_places_that_it_may_use(sandbox: Synthesized) -> None:
    environment = told(sandbox)
    tables = sandbox.stacks["Vision"].of_type("AWS::DynamoDB::GlobalTable")

    assert "Results" in str(environment["RESULTS_BUCKET"])
    assert environment["TABLE_NAME"]["Ref"] in {name for name in tables if "Results" in name}
    assert environment["PACE_TABLE"]["Ref"] in {name for name in tables if "Pace" in name}
    assert environment["STAGE"] == "sandbox"
    assert analyses(sandbox)["routes"] == {
        "photos/": ["labels", "faces", "text", "moderation"],
        "people/": ["enrolment"],
    }
    assert analyses(sandbox)["options"]["labels"] == {
        "image_properties": False,
        "max_labels": 25,
        "min_confidence": 70.0,
    }


def test_the_longest_environment_stays_under_lambdas_4_kb(synthesize: Synthesize) -> None:
    routes = {f"{'p' * 60}{number}/": ["labels", "faces"] for number in range(8)}
    profile = synthesize("sandbox", {"vision": {"images": routes}})

    assert len(json.dumps(told(profile))) < 4096


def test_the_table_answers_by_object_and_by_name_with_confidence_and_bills_by_request(sandbox: Synthesized) -> None:
    sandbox.template("Vision").has_resource_properties(
        "AWS::DynamoDB::GlobalTable",
        {
            "BillingMode": "PAY_PER_REQUEST",
            "GlobalSecondaryIndexes": [
                Match.object_like(
                    {
                        "IndexName": "findings",
                        "KeySchema": [
                            {"AttributeName": "finding", "KeyType": "HASH"},
                            {"AttributeName": "rank", "KeyType": "RANGE"},
                        ],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                )
            ],
            "KeySchema": [
                {"AttributeName": "object", "KeyType": "HASH"},
                {"AttributeName": "entry", "KeyType": "RANGE"},
            ],
        },
    )


def test_results_expire_where_the_profile_says_so_and_are_kept_otherwise(
    synthesize: Synthesize, sandbox: Synthesized
) -> None:
    expiring = synthesize("sandbox", {"vision": {"results_days": 30}})
    ttl = {"TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True}}

    expiring.template("Vision").resource_properties_count_is("AWS::DynamoDB::GlobalTable", ttl, 1)
    sandbox.template("Vision").resource_properties_count_is("AWS::DynamoDB::GlobalTable", ttl, 0)
    assert told(expiring)["RESULTS_DAYS"] == "30"


def test_durable_results_stay_and_can_be_restored_to_any_second_while_the_pace_goes(production: Synthesized) -> None:
    def table(policy: str, *, restorable: bool) -> dict[str, Any]:
        recovery = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": restorable}}
        return {"DeletionPolicy": policy, "Properties": {"Replicas": [Match.object_like(recovery)]}}

    production.template("Vision").has_resource("AWS::DynamoDB::GlobalTable", table("Retain", restorable=True))
    production.template("Vision").has_resource("AWS::DynamoDB::GlobalTable", table("Delete", restorable=False))


def test_a_collection_of_faces_is_there_only_for_analyses_that_need_one(synthesize: Synthesize) -> None:
    without, known = synthesize("sandbox", images("labels", "faces")), synthesize("sandbox", images("people"))

    without.template("Vision").resource_count_is("AWS::Rekognition::Collection", 0)
    known.template("Vision").resource_count_is("AWS::Rekognition::Collection", 1)


def test_a_collection_that_was_kept_does_not_stand_in_the_way_of_the_next_stack(production: Synthesized) -> None:
    [collection] = production.stacks["Vision"].of_type("AWS::Rekognition::Collection").values()

    assert "AWS::StackId" in json.dumps(collection["Properties"]["CollectionId"])


def test_faces_go_with_an_ephemeral_stage_and_stay_with_a_durable_one(
    sandbox: Synthesized, production: Synthesized
) -> None:
    sandbox.template("Vision").has_resource("AWS::Rekognition::Collection", {"DeletionPolicy": "Delete"})
    production.template("Vision").has_resource("AWS::Rekognition::Collection", {"DeletionPolicy": "Retain"})


def test_vision_without_storage_brings_its_own_buckets(synthesize: Synthesize) -> None:
    alone = synthesize("sandbox", {"storage": {"enabled": False}, "training": {"enabled": False}})

    alone.template("Vision").resource_count_is("AWS::S3::Bucket", 2)
    alone.template("Vision").resource_properties_count_is(
        "AWS::S3::Bucket",
        {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}},
        1,
    )


def test_the_command_line_finds_everything_in_the_outputs(production: Synthesized) -> None:
    assert set(production.stacks["Vision"].template["Outputs"]) >= {
        "BackfillBuckets",
        "BackfillStateMachineArn",
        "CallsPerSecond",
        "CollectionId",
        "DeadLetterQueueArn",
        "DeadLetterQueueUrl",
        "EnrolmentPrefix",
        "MediaBucketName",
        "QuarantineBucketName",
        "QueueArn",
        "QueueUrl",
        "ResultsBucketName",
        "ResultsTableName",
        "ReviewDeadLetterQueueUrl",
        "ReviewStateMachineArn",
        "Routes",
        "VideoDeadLetterQueueUrl",
        "VideoQueueUrl",
        "VideoResultsQueueUrl",
        "VideoRoutes",
    }
