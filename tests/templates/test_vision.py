"""Vision: an upload becomes one message, one call and one record, with no permission to spare."""

import json
from typing import Any

from aws_cdk.assertions import Match

from tests.templates.synthesis import Synthesize, Synthesized


def statements(profile: Synthesized) -> list[dict[str, Any]]:
    """What the labelling function may do."""
    policies = profile.stacks["Vision"].of_type("AWS::IAM::Policy")
    [policy] = [body for name, body in policies.items() if name.startswith("LabelsFunctionRole")]
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def actions(statement: dict[str, Any]) -> set[str]:
    """The actions of a statement, which IAM writes as a string where there is one."""
    action = statement["Action"]
    return {action} if isinstance(action, str) else set(action)


def test_uploads_under_the_prefix_go_to_the_queue(synthesize: Synthesize) -> None:
    profile = synthesize("sandbox", {"vision": {"prefix": "camera/"}})

    profile.template("Vision").has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {
                "detail": {"bucket": {"name": [Match.any_value()]}, "object": {"key": [{"prefix": "camera/"}]}},
                "detail-type": ["Object Created"],
                "source": ["aws.s3"],
            },
            "State": "ENABLED",
            "Targets": [Match.object_like({"Arn": {"Fn::GetAtt": Match.array_with(["Arn"])}})],
        },
    )


def test_a_message_that_keeps_failing_ends_in_the_dead_letters(sandbox: Synthesized) -> None:
    sandbox.template("Vision").has_resource_properties(
        "AWS::SQS::Queue",
        {"RedrivePolicy": {"deadLetterTargetArn": Match.any_value(), "maxReceiveCount": 5}, "VisibilityTimeout": 360},
    )
    sandbox.template("Vision").has_resource_properties("AWS::SQS::Queue", {"MessageRetentionPeriod": 14 * 24 * 3600})


def test_queues_are_encrypted_and_refuse_plain_http(sandbox: Synthesized) -> None:
    sandbox.template("Vision").all_resources_properties("AWS::SQS::Queue", {"SqsManagedSseEnabled": True})
    sandbox.template("Vision").resource_properties_count_is(
        "AWS::SQS::QueuePolicy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [Match.object_like({"Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Effect": "Deny"})]
                )
            }
        },
        2,
    )


def test_the_function_reports_single_messages_and_runs_in_bounded_numbers(sandbox: Synthesized) -> None:
    sandbox.template("Vision").has_resource_properties(
        "AWS::Lambda::EventSourceMapping",
        {
            "BatchSize": 10,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 5},
        },
    )


def test_the_function_is_python_3_13_on_arm64_with_its_own_log_group(sandbox: Synthesized) -> None:
    sandbox.template("Vision").has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Architectures": ["arm64"],
            "Handler": "image_labels.handler.handle",
            "LoggingConfig": {"LogFormat": "JSON", "LogGroup": Match.any_value()},
            "MemorySize": 256,
            "Runtime": "python3.13",
            "Timeout": 60,
        },
    )


def test_the_function_may_do_exactly_what_it_does(sandbox: Synthesized) -> None:
    granted = set().union(*(actions(statement) for statement in statements(sandbox)))

    poller = {
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
    }
    assert granted - poller == {
        "dynamodb:PutItem",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "rekognition:DetectLabels",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:PutObject",
        "sqs:SendMessage",
    }


def test_only_rekognition_is_granted_on_every_resource(sandbox: Synthesized) -> None:
    wide = [statement for statement in statements(sandbox) if statement["Resource"] == "*"]

    assert [actions(statement) for statement in wide] == [{"rekognition:DetectLabels"}]


def test_the_function_reads_only_images_and_writes_only_labels(sandbox: Synthesized) -> None:
    def places(action: str) -> list[str]:
        return [json.dumps(found["Resource"]) for found in statements(sandbox) if action in actions(found)]

    assert [place.endswith('"/photos/*"]]}') for place in places("s3:GetObject")] == [True]
    assert [place.endswith('"/labels/*"]]}') for place in places("s3:PutObject")] == [True]


def test_the_function_is_told_the_places_that_it_may_use(sandbox: Synthesized) -> None:
    functions = sandbox.stacks["Vision"].of_type("AWS::Lambda::Function").values()
    [told] = [function["Properties"]["Environment"]["Variables"] for function in functions]
    [write] = [found for found in statements(sandbox) if actions(found) == {"s3:PutObject"}]
    [send] = [found for found in statements(sandbox) if actions(found) == {"sqs:SendMessage"}]

    assert "Results" in str(told["RESULTS_BUCKET"])
    assert "Results" in str(write["Resource"])
    assert str(write["Resource"]).endswith(f"/{told['RESULTS_PREFIX']}*']]}}")
    assert told["DEAD_LETTER_QUEUE_URL"] == {"Ref": send["Resource"]["Fn::GetAtt"][0]}
    assert told["TABLE_NAME"] == {"Ref": next(iter(sandbox.stacks["Vision"].of_type("AWS::DynamoDB::GlobalTable")))}
    assert (told["MAX_LABELS"], told["MIN_CONFIDENCE"]) == ("25", "70.0")


def test_the_table_keeps_one_item_per_object_version_and_bills_by_request(sandbox: Synthesized) -> None:
    sandbox.template("Vision").has_resource_properties(
        "AWS::DynamoDB::GlobalTable",
        {
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [
                {"AttributeName": "object", "KeyType": "HASH"},
                {"AttributeName": "version", "KeyType": "RANGE"},
            ],
        },
    )


def test_a_durable_table_stays_and_can_be_restored_to_any_second(production: Synthesized) -> None:
    production.template("Vision").has_resource(
        "AWS::DynamoDB::GlobalTable",
        {
            "DeletionPolicy": "Retain",
            "Properties": {
                "Replicas": [
                    Match.object_like({"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}})
                ]
            },
        },
    )


def test_vision_without_storage_brings_its_own_buckets(synthesize: Synthesize) -> None:
    alone = synthesize("sandbox", {"storage": {"enabled": False}})

    alone.template("Vision").resource_count_is("AWS::S3::Bucket", 2)
    alone.template("Vision").resource_properties_count_is(
        "AWS::S3::Bucket",
        {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}},
        1,
    )


def test_the_command_line_finds_everything_in_the_outputs(sandbox: Synthesized) -> None:
    assert set(sandbox.stacks["Vision"].template["Outputs"]) >= {
        "DeadLetterQueueArn",
        "LabelsTableName",
        "MediaBucketName",
        "MediaPrefix",
        "QueueArn",
        "ResultsBucketName",
    }
