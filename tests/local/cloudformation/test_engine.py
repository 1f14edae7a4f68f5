"""Stacks are made, changed and deleted as CloudFormation does it."""

import json

from mlstack.local.aws import LocalAws
from tests.local.stacks import Stacks, Template

QUEUE: Template = {"Type": "AWS::SQS::Queue"}
UNKNOWN: Template = {"Type": "AWS::Budgets::Budget", "Properties": {"Budget": {}}}


def test_a_skipped_type_is_reported_until_its_stack_is_gone(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create({"Money": UNKNOWN, "Queue": QUEUE, "Metadata": {"Type": "AWS::CDK::Metadata"}})
    during = [gap for gap in local_aws.gaps() if gap["stack"] == name]
    stacks.delete(name)
    after = [gap for gap in local_aws.gaps() if gap["stack"] == name]

    assert [(gap["logical_id"], gap["type"]) for gap in during] == [("Money", "AWS::Budgets::Budget")]
    assert after == []


def test_a_type_that_moto_only_pretends_to_have_is_reported(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create({"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}})

    assert [gap["type"] for gap in local_aws.gaps() if gap["stack"] == name] == [
        "AWS::CloudFormation::WaitConditionHandle"
    ]


def test_an_attribute_of_a_skipped_resource_fails_the_stack(stacks: Stacks) -> None:
    name = stacks.create({"Money": UNKNOWN}, Outputs={"Arn": {"Value": {"Fn::GetAtt": ["Money", "Arn"]}}})

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "Money (AWS::Budgets::Budget) is skipped by the local AWS" in stacks.reasons(name)


def test_a_failed_creation_is_rolled_back(stacks: Stacks, local_aws: LocalAws) -> None:
    broken: Template = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Queue"}}}

    name = stacks.create({"Queue": {**QUEUE, "Properties": {"QueueName": "rolled-back"}}, "Policy": broken})

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "rolled-back" not in str(local_aws.client("sqs").list_queues())


def test_retained_resources_outlive_their_stack(stacks: Stacks, local_aws: LocalAws) -> None:
    kept: Template = {**QUEUE, "DeletionPolicy": "Retain", "Properties": {"QueueName": "kept"}}
    kept_once_made: Template = {
        **QUEUE,
        "DeletionPolicy": "RetainExceptOnCreate",
        "Properties": {"QueueName": "kept-once-made"},
    }
    name = stacks.create({"Kept": kept, "KeptOnceMade": kept_once_made, "Gone": QUEUE})
    gone = stacks.physical_id(name, "Gone")
    told = {one.name.rsplit("/", 1)[-1] for one in local_aws.retained()}

    stacks.delete(name)

    sqs = local_aws.client("sqs")
    left = {url.rsplit("/", 1)[-1]: url for url in sqs.list_queues()["QueueUrls"]}
    assert {"kept", "kept-once-made"} <= left.keys()
    assert gone.rsplit("/", 1)[-1] not in left
    assert told == {"kept", "kept-once-made"}
    for queue in ("kept", "kept-once-made"):
        sqs.delete_queue(QueueUrl=left[queue])


def test_a_resource_kept_except_on_create_goes_when_the_creation_fails(stacks: Stacks, local_aws: LocalAws) -> None:
    kept: Template = {
        **QUEUE,
        "DeletionPolicy": "RetainExceptOnCreate",
        "Properties": {"QueueName": "never-kept"},
    }
    broken: Template = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Kept"}}}

    name = stacks.create({"Kept": kept, "Policy": broken})

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "never-kept" not in str(local_aws.client("sqs").list_queues())


def test_a_failed_update_brings_back_what_was(stacks: Stacks, local_aws: LocalAws) -> None:
    def topic(**properties: object) -> Template:
        return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "before", **properties}}

    broken: Template = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Changed"}}}
    prompt, delayed = ({**QUEUE, "Properties": {"DelaySeconds": seconds}} for seconds in (5, 9))
    resources = {"Changed": prompt, "Replaced": topic(), "Removed": QUEUE}
    name = stacks.create(resources, Outputs={"Out": {"Value": "old"}})
    before = {part: stacks.physical_id(name, part) for part in ("Changed", "Replaced", "Removed")}

    stacks.update(
        name,
        {"Changed": delayed, "Replaced": topic(TopicName="after"), "Added": QUEUE, "Policy": broken},
        Outputs={"Out": {"Value": "new"}},
    )

    after = {part: stacks.physical_id(name, part) for part in before}
    attributes = local_aws.client("sqs").get_queue_attributes(QueueUrl=before["Changed"], AttributeNames=["All"])
    topics = [one["TopicArn"] for one in local_aws.client("sns").list_topics()["Topics"]]
    assert stacks.status(name) == "UPDATE_ROLLBACK_COMPLETE", stacks.reasons(name)
    assert after == before
    assert attributes["Attributes"]["DelaySeconds"] == "5"
    assert topics == [before["Replaced"]]
    assert stacks.outputs(name) == {"Out": "old"}


def test_resources_that_leave_the_template_are_deleted(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create({"One": QUEUE, "Two": {**QUEUE, "Properties": {"QueueName": "second"}}})

    stacks.update(name, {"One": QUEUE})

    assert stacks.status(name) == "UPDATE_COMPLETE"
    assert "second" not in str(local_aws.client("sqs").list_queues())


def test_an_update_reaches_the_queue(stacks: Stacks, local_aws: LocalAws) -> None:
    dead: Template = {"Type": "AWS::SQS::Queue"}
    name = stacks.create({"Dead": dead, "Queue": QUEUE})
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 4}

    stacks.update(name, {"Dead": dead, "Queue": {**QUEUE, "Properties": {"RedrivePolicy": redrive}}})

    url = stacks.physical_id(name, "Queue")
    attributes = local_aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 4


def test_an_update_that_moto_cannot_make_is_reported_and_nothing_is_lost(stacks: Stacks, local_aws: LocalAws) -> None:
    def group(days: int) -> Template:
        return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "changing", "RetentionInDays": days}}

    name = stacks.create({"Group": group(7)})
    stacks.update(name, {"Group": group(14)})
    gaps = [gap["type"] for gap in local_aws.report()["unapplied"] if gap["stack"] == name]
    stacks.delete(name)

    assert gaps == ["AWS::Logs::LogGroup"]
    assert local_aws.client("logs").describe_log_groups(logGroupNamePrefix="changing")["logGroups"] == []


def test_a_weak_reference_reads_another_stacks_output(stacks: Stacks) -> None:
    producer = stacks.create({"Queue": QUEUE}, Outputs={"Name": {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}})
    read = {"Fn::GetStackOutput": {"StackName": producer, "OutputName": "Name"}}

    consumer = stacks.create({"Queue": QUEUE}, Outputs={"Read": {"Value": read}})

    assert stacks.outputs(consumer)["Read"] == stacks.outputs(producer)["Name"]


def test_a_weak_reference_to_nothing_fails_the_stack(stacks: Stacks) -> None:
    read = {"Fn::GetStackOutput": {"StackName": "nobody", "OutputName": "Name"}}

    name = stacks.create({"Queue": QUEUE}, Outputs={"Read": {"Value": read}})

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "stack nobody has no output Name" in stacks.reasons(name)


def test_an_unknown_intrinsic_function_fails_the_stack(stacks: Stacks) -> None:
    name = stacks.create({"Queue": {**QUEUE, "Properties": {"QueueName": {"Fn::Unheard": ["x"]}}}})

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "does not know the intrinsic function Fn::Unheard" in stacks.reasons(name)


def test_a_stack_that_was_deleted_is_not_made_again_by_looking_at_it(stacks: Stacks, local_aws: LocalAws) -> None:
    cloudformation = local_aws.client("cloudformation")
    name = stacks.create({"Queue": {**QUEUE, "Properties": {"QueueName": "ghost"}}})
    stack_id = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    stacks.delete(name)

    cloudformation.describe_stack_resources(StackName=stack_id)

    assert "ghost" not in str(local_aws.client("sqs").list_queues())


def test_the_parts_of_a_network_go_with_their_stack(stacks: Stacks, local_aws: LocalAws) -> None:
    before = local_aws.leftovers().resources
    ref = {"Ref": "Vpc"}
    name = stacks.create(
        {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}},
            "Gateway": {"Type": "AWS::EC2::InternetGateway"},
            "Attachment": {
                "Type": "AWS::EC2::VPCGatewayAttachment",
                "Properties": {"VpcId": ref, "InternetGatewayId": {"Ref": "Gateway"}},
            },
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": ref, "CidrBlock": "10.1.1.0/24"}},
            "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ref}},
            "Association": {
                "Type": "AWS::EC2::SubnetRouteTableAssociation",
                "Properties": {"SubnetId": {"Ref": "Subnet"}, "RouteTableId": {"Ref": "Table"}},
            },
            "Route": {
                "Type": "AWS::EC2::Route",
                "DependsOn": "Attachment",
                "Properties": {
                    "RouteTableId": {"Ref": "Table"},
                    "DestinationCidrBlock": "0.0.0.0/0",
                    "GatewayId": {"Ref": "Gateway"},
                },
            },
            "Endpoint": {
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {
                    "VpcId": ref,
                    "ServiceName": "com.amazonaws.us-east-1.s3",
                    "VpcEndpointType": "Gateway",
                    "RouteTableIds": [{"Ref": "Table"}],
                },
            },
        }
    )
    during = local_aws.leftovers().resources

    stacks.delete(name)

    assert len(during) >= len(before) + 4
    assert stacks.status(name) == "DELETED", stacks.reasons(name)
    assert local_aws.leftovers().resources == before
