"""Log groups carry the tags of those who made them, and of nobody before."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.stacks import Stacks

TAGS = {"owner": "me", "mlstack:stage": "sandbox"}


@pytest.fixture
def group() -> str:
    """A name that no test had before."""
    return f"/aws/sagemaker/Endpoints/test-{uuid4().hex[:8]}"


def arn(aws: LocalAws, name: str) -> str:
    """What the tags of a group are asked for by."""
    [told] = aws.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return str(told["logGroupArn"])


def test_a_group_of_a_stack_has_the_tags_that_its_template_gives_it(
    stacks: Stacks, local_aws: LocalAws, group: str
) -> None:
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    stacks.create({"Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": group, "Tags": tags}}})

    told = local_aws.client("logs").list_tags_for_resource(resourceArn=arn(local_aws, group))

    assert told["tags"] == TAGS


def test_a_group_of_a_name_that_was_there_before_has_no_tags(stacks: Stacks, local_aws: LocalAws, group: str) -> None:
    logs, tags = local_aws.client("logs"), [{"Key": "owner", "Value": "me"}]
    stack = stacks.create(
        {"Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": group, "Tags": tags}}}
    )
    stacks.delete(stack)
    logs.create_log_group(logGroupName=group)

    told = logs.list_tags_for_resource(resourceArn=arn(local_aws, group))

    logs.delete_log_group(logGroupName=group)
    assert told["tags"] == {}


def test_a_group_that_is_not_there_has_no_tags_to_list(local_aws: LocalAws, group: str) -> None:
    logs = local_aws.client("logs")
    logs.create_log_group(logGroupName=group, tags=TAGS)
    named = arn(local_aws, group)
    logs.delete_log_group(logGroupName=group)

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.list_tags_for_resource(resourceArn=named)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.delete_log_group(logGroupName=group)
