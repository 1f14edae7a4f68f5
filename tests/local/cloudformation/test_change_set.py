"""Change sets are found as the CDK CLI asks for them: it gives every stack's change set the same name."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws

NAME = "cdk-deploy-change-set"
GOOD: dict[str, Any] = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "good"}}}
BAD = {
    "Rule": {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {
            "ServiceNamespace": "sagemaker",
            "ResourceId": "endpoint/none/variant/AllTraffic",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "MinCapacity": 1,
            "MaxCapacity": 1,
            "RoleARN": "arn:aws:iam::123456789012:role/any",
        },
    }
}
Deploy = Callable[..., str]


@pytest.fixture
def stack(local_aws: LocalAws) -> Iterator[str]:
    name = f"test-{uuid4().hex[:8]}"
    yield name
    local_aws.client("cloudformation").delete_stack(StackName=name)


@pytest.fixture
def deploy(local_aws: LocalAws, stack: str) -> Deploy:
    """Makes a change set and executes it, as the CDK CLI does; the stack's status."""
    cloudformation = local_aws.client("cloudformation")

    def deployed(resources: dict[str, Any], kind: str) -> str:
        body = json.dumps({"Resources": resources})
        cloudformation.create_change_set(
            StackName=stack, ChangeSetName=NAME, ChangeSetType=kind, TemplateBody=body, Description="any"
        )
        cloudformation.execute_change_set(StackName=stack, ChangeSetName=NAME)
        return str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    return deployed


def test_a_stack_that_failed_and_was_mended_can_be_changed(local_aws: LocalAws, stack: str, deploy: Deploy) -> None:
    cloudformation = local_aws.client("cloudformation")
    failed = deploy(BAD, "CREATE")
    cloudformation.delete_stack(StackName=stack)
    mended = deploy(GOOD, "CREATE")

    cloudformation.delete_change_set(StackName=stack, ChangeSetName=NAME)
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        cloudformation.describe_change_set(StackName=stack, ChangeSetName=NAME)
    changed = deploy({"Topic": {**GOOD["Topic"], "Properties": {"DisplayName": "better"}}}, "UPDATE")

    assert (failed, mended, changed) == ("ROLLBACK_COMPLETE", "CREATE_COMPLETE", "UPDATE_COMPLETE")


def test_the_change_set_of_a_deleted_stack_is_found_by_the_stacks_id(
    local_aws: LocalAws, stack: str, deploy: Deploy
) -> None:
    cloudformation = local_aws.client("cloudformation")
    deploy(GOOD, "CREATE")
    whole = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=stack)

    found = cloudformation.describe_change_set(StackName=whole, ChangeSetName=NAME)

    assert found["StackId"] == whole
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        cloudformation.describe_change_set(StackName=stack, ChangeSetName=NAME)
