"""What CodeBuild is asked for is exactly what was synthesized."""

from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from mlstack.account import Account
from mlstack.assembly import Assembly, Stack
from mlstack.errors import UserError
from mlstack.image.builds.order import deployed_names, orders, place_of
from mlstack.image.builds.wanted import images_of
from mlstack.target import Target
from tests.mlstack.image.builds.conftest import ACCOUNT, KEY, NAMES, PLACE, TAG, URI, template, write
from tests.mlstack.wire import client

HERE = Target(Account(shown="the lab", is_local=False, client=client), "sandbox")


def test_a_request_builds_exactly_what_was_synthesized(stack: Stack) -> None:
    (order,) = orders(stack, images_of(stack), PLACE, NAMES)

    assert (order.project, order.repository, order.tag) == ("project-1", "repository-1", TAG)
    assert order.uri == f"{URI}:{TAG}"
    assert order.request == {
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": f"cdk-hnb659fds-assets-{ACCOUNT}-us-east-1/project-1/{KEY}.zip",
        "buildspecOverride": '{"version": "0.2"}',
        "environmentVariablesOverride": [
            {"name": "IMAGE_REPOSITORY_URI", "value": URI, "type": "PLAINTEXT"},
            {"name": "IMAGE_TAG", "value": TAG, "type": "PLAINTEXT"},
        ],
        "privilegedModeOverride": True,
        "environmentTypeOverride": "LINUX_CONTAINER",
        "imageOverride": "aws/codebuild/amazonlinux-x86_64-standard:6.0",
        "computeTypeOverride": "BUILD_GENERAL1_SMALL",
    }


def test_the_request_is_one_that_codebuild_knows(stack: Stack) -> None:
    (order,) = orders(stack, images_of(stack), PLACE, NAMES)
    shape = client("codebuild").meta.service_model.operation_model("StartBuild").input_shape

    assert order.request.keys() <= shape.members.keys()


@pytest.mark.parametrize("part", ["Environment", "Source"])
def test_a_template_without_a_part_is_refused(tmp_path: Path, part: str) -> None:
    body: dict[str, Any] = template()
    del body["Resources"]["Project"]["Properties"][part]
    stack = Assembly.read(write(tmp_path / "cdk.out", body=body)).stacks[0]

    with pytest.raises(UserError, match="is not what the CDK writes of inference-arm64"):
        list(orders(stack, images_of(stack), PLACE, NAMES))


@mock_aws
def test_a_place_is_where_the_credentials_are(stack: Stack) -> None:
    assert place_of(HERE, stack) == PLACE


@mock_aws
@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        (
            "aws://123456789012/eu-west-3",
            "region eu-west-3, and the lab is us-east-1; say --aws --region eu-west-3",
        ),
        ("aws://210987654321/us-east-1", "for account 210987654321, and the lab is 123456789012; use that account's"),
    ],
)
def test_an_assembly_for_elsewhere_is_refused(tmp_path: Path, environment: str, reason: str) -> None:
    stack = Assembly.read(write(tmp_path / "cdk.out", environment=environment)).stacks[0]

    with pytest.raises(UserError, match=reason):
        place_of(HERE, stack)


@mock_aws
def test_deployed_resources_are_known_by_their_real_names(stack: Stack) -> None:
    body = '{"Resources": {"Repository": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": "real"}}}}'
    client("cloudformation").create_stack(StackName=stack.name, TemplateBody=body)

    assert deployed_names(client("cloudformation"), stack) == {"Repository": "real"}
