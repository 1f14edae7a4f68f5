"""What a durable stage keeps is known before its destroy: nobody shall take it for a leftover."""

from collections.abc import Iterator

import pytest

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import inventory
from tests.local.cloudformation.test_workflow_stack import ANSWERS, function, role
from tests.local.stacks import Stacks, Template
from tests.local.test_event_rules import attribute

KEPT, LEFT, OTHERS = "mlstack-keeps-seeds", "mlstack-keeps-left-the-profile", "mlstack-keeps-b-seeds"


@pytest.fixture
def versions(local_aws: LocalAws) -> Iterator[dict[str, str]]:
    """The one version of each group by the group's name."""
    sagemaker = local_aws.client("sagemaker")
    made = {}
    for name, stage in ((KEPT, "keeps"), (LEFT, "keeps"), (OTHERS, "keeps-b")):
        tags = [{"Key": "mlstack:stage", "Value": stage}]
        sagemaker.create_model_package_group(ModelPackageGroupName=name, Tags=tags)
        made[name] = sagemaker.create_model_package(ModelPackageGroupName=name)["ModelPackageArn"]
    yield made
    for name, arn in made.items():
        sagemaker.delete_model_package(ModelPackageName=arn)
        sagemaker.delete_model_package_group(ModelPackageGroupName=name)


def resources(empty: str) -> dict[str, Template]:
    said = {"ServiceToken": attribute("Custom"), "Stage": "keeps", "Groups": [KEPT], "EmptyGroups": empty}
    return {
        "Role": role("lambda"),
        "Logs": {"Type": "AWS::Logs::LogGroup"},
        "Custom": function(ANSWERS),
        "Trained": {"Type": "Custom::TrainedModels", "Properties": said},
    }


def test_the_groups_that_a_durable_stage_keeps_are_told_with_their_versions(
    stacks: Stacks, local_aws: LocalAws, versions: dict[str, str]
) -> None:
    stacks.create(resources("false"))

    told = local_aws.retained()

    assert told == {
        *(("model package group", name) for name in (KEPT, LEFT)),
        *(("model package", versions[name]) for name in (KEPT, LEFT)),
    }
    assert told <= inventory(local_aws.client)


@pytest.mark.usefixtures("versions")
def test_what_only_has_the_name_of_a_group_is_not_kept(stacks: Stacks, local_aws: LocalAws) -> None:
    stacks.create({**resources("false"), "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": KEPT}}})

    assert {one.kind for one in local_aws.retained()} == {"model package group", "model package"}


@pytest.mark.usefixtures("versions")
def test_an_ephemeral_stage_keeps_none(stacks: Stacks, local_aws: LocalAws) -> None:
    stacks.create(resources("true"))

    assert local_aws.retained() == set()
