"""What ECS tells of tasks: one, many, by what they are, with their tags and interfaces."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.ecs.shop import Shop

Refusal = Callable[..., tuple[str, str]]


@pytest.fixture
def definition(shop: Shop) -> str:
    return shop.definition(shop.container("one", "end"))


def test_task_has_an_interface_as_long_as_it_lives(local_aws: LocalAws, shop: Shop) -> None:
    ec2 = local_aws.client("ec2")
    arn = shop.run(shop.definition(shop.container("one", "gentle")))
    [attachment] = shop.reached(arn, "RUNNING")["attachments"]
    details = {one["name"]: one["value"] for one in attachment["details"]}

    [there] = ec2.describe_network_interfaces(NetworkInterfaceIds=[details["networkInterfaceId"]])["NetworkInterfaces"]
    shop.ecs.stop_task(cluster=shop.cluster, task=arn)
    shop.reached(arn, "STOPPED")

    assert there["PrivateIpAddress"] == details["privateIPv4Address"]
    with pytest.raises(ClientError, match="NotFound"):
        ec2.describe_network_interfaces(NetworkInterfaceIds=[details["networkInterfaceId"]])


def test_tasks_are_listed_by_what_they_are(shop: Shop, definition: str) -> None:
    waiting = shop.definition(shop.container("one", "gentle"))
    first = shop.run(waiting, startedBy="me", group="mine")
    second = shop.run(waiting)
    ended = shop.ended(definition)["taskArn"]
    family = waiting.rpartition("/")[2].partition(":")[0]

    def listed(**asked: object) -> set[str]:
        return set(shop.ecs.list_tasks(cluster=shop.cluster, **asked)["taskArns"])

    assert listed() == {first, second}
    assert listed(startedBy="me") == {first}
    assert listed(family=family) == {first, second}
    assert listed(desiredStatus="STOPPED") == {ended}
    assert listed(launchType="EC2") == set()
    assert shop.task(first)["group"] == "mine"


def test_long_lists_come_in_pages(shop: Shop) -> None:
    waiting = shop.definition(shop.container("one", "gentle"))
    made = {shop.run(waiting) for _ in range(3)}

    wanted = {"cluster": shop.cluster, "PaginationConfig": {"PageSize": 2}}
    pages = list(shop.ecs.get_paginator("list_tasks").paginate(**wanted))

    assert [len(page["taskArns"]) for page in pages] == [2, 1]
    assert {arn for page in pages for arn in page["taskArns"]} == made


def test_unknown_task_is_told_as_missing(shop: Shop, refusal: Refusal) -> None:
    found = shop.ecs.describe_tasks(cluster=shop.cluster, tasks=["0" * 32])

    assert [one["reason"] for one in found["failures"]] == ["MISSING"]
    assert refusal(shop.ecs.stop_task, cluster=shop.cluster, task="0" * 32) == (
        "InvalidParameterException",
        "The referenced task was not found.",
    )


def test_tags_reach_the_task(shop: Shop) -> None:
    mine, others = {"key": "whose", "value": "mine"}, {"key": "stage", "value": "dev"}
    definition = shop.definition(shop.container("one", "gentle"), tags=[others])

    arn = shop.run(definition, tags=[mine], propagateTags="TASK_DEFINITION", enableECSManagedTags=True)

    tags = {one["key"]: one["value"] for one in shop.ecs.list_tags_for_resource(resourceArn=arn)["tags"]}
    assert tags == {"whose": "mine", "stage": "dev", "aws:ecs:clusterName": shop.cluster}
