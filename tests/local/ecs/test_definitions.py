"""Task definitions: numbered, told as they were said, deregistered, deleted."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws

Refusal = Callable[..., tuple[str, str]]
CONTAINER = {"name": "one", "image": "busybox", "memory": 128}


@pytest.fixture
def ecs(local_aws: LocalAws) -> Any:  # noqa: ANN401 - a client
    return local_aws.client("ecs")


@pytest.fixture
def family(ecs: Any) -> Iterator[str]:  # noqa: ANN401 - a client
    name = f"family-{uuid4().hex[:8]}"
    yield name
    for status in ("ACTIVE", "INACTIVE"):
        for arn in ecs.list_task_definitions(familyPrefix=name, status=status)["taskDefinitionArns"]:
            ecs.deregister_task_definition(taskDefinition=arn)
            ecs.delete_task_definitions(taskDefinitions=[arn])


def _registered(ecs: Any, family: str, **more: object) -> dict[str, Any]:  # noqa: ANN401 - a client
    made: dict[str, Any] = ecs.register_task_definition(family=family, containerDefinitions=[CONTAINER], **more)
    return dict(made["taskDefinition"])


def test_revisions_are_numbered(ecs: Any, family: str) -> None:  # noqa: ANN401 - a client
    made = [_registered(ecs, family) for _ in range(2)]

    assert [one["revision"] for one in made] == [1, 2]
    assert ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]["revision"] == 2


def test_number_of_a_deleted_revision_is_not_given_again(ecs: Any, family: str) -> None:  # noqa: ANN401 - a client
    first = _registered(ecs, family)["taskDefinitionArn"]
    ecs.deregister_task_definition(taskDefinition=first)
    ecs.delete_task_definitions(taskDefinitions=[first])

    assert _registered(ecs, family)["revision"] == 2


def test_family_is_its_newest_active_revision(ecs: Any, family: str) -> None:  # noqa: ANN401 - a client
    made = [_registered(ecs, family)["taskDefinitionArn"] for _ in range(2)]

    ecs.deregister_task_definition(taskDefinition=made[1])

    assert ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]["taskDefinitionArn"] == made[0]
    assert ecs.describe_task_definition(taskDefinition=made[1])["taskDefinition"]["status"] == "INACTIVE"
    assert ecs.list_task_definitions(familyPrefix=family)["taskDefinitionArns"] == [made[0]]


def test_active_revision_is_not_deleted(ecs: Any, family: str) -> None:  # noqa: ANN401 - a client
    arn = _registered(ecs, family)["taskDefinitionArn"]

    said = ecs.delete_task_definitions(taskDefinitions=[arn, "nobody:1"])

    assert said["taskDefinitions"] == []
    assert [one["arn"] for one in said["failures"]] == [arn, "nobody:1"]


def test_inactive_revision_runs_no_new_task(ecs: Any, family: str, shop: Any, refusal: Refusal) -> None:  # noqa: ANN401 - a client
    arn = _registered(ecs, family)["taskDefinitionArn"]
    ecs.deregister_task_definition(taskDefinition=arn)

    said = refusal(ecs.run_task, cluster=shop.cluster, taskDefinition=arn)

    assert said == ("ClientException", "TaskDefinition is inactive")


@pytest.mark.parametrize("reference", ["nobody", "nobody:1", "nobody:x", "arn:aws:ecs:us-east-1:1:task-definition/a:9"])
def test_unknown_definition_is_refused(ecs: Any, refusal: Refusal, reference: str) -> None:  # noqa: ANN401 - a client
    said = refusal(ecs.describe_task_definition, taskDefinition=reference)

    assert said == ("ClientException", "Unable to describe task definition.")


def test_definition_without_containers_is_refused(ecs: Any, refusal: Refusal, family: str) -> None:  # noqa: ANN401 - a client
    said = refusal(ecs.register_task_definition, family=family, containerDefinitions=[])

    assert said == ("ClientException", "Container list cannot be empty.")


def test_tags_of_a_definition_are_changed(ecs: Any, family: str) -> None:  # noqa: ANN401 - a client
    arn = _registered(ecs, family, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])["taskDefinitionArn"]

    ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "3"}])
    ecs.untag_resource(resourceArn=arn, tagKeys=["b"])

    assert ecs.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "3"}]


def test_cluster_is_told_with_what_is_asked_for(ecs: Any) -> None:  # noqa: ANN401 - a client
    name = f"cluster-{uuid4().hex[:8]}"
    made = ecs.create_cluster(clusterName=name, tags=[{"key": "a", "value": "1"}])["cluster"]

    again = ecs.create_cluster(clusterName=name)["cluster"]
    [plain] = ecs.describe_clusters(clusters=[name])["clusters"]
    [tagged] = ecs.describe_clusters(clusters=[name, "nobody"], include=["TAGS"])["clusters"]
    ecs.delete_cluster(cluster=name)

    assert again["clusterArn"] == made["clusterArn"]
    assert (plain["tags"], tagged["tags"]) == ([], [{"key": "a", "value": "1"}])
    assert ecs.describe_clusters(clusters=[name])["clusters"][0]["status"] == "INACTIVE"


def test_nothing_runs_in_a_deleted_cluster(ecs: Any, refusal: Refusal, family: str) -> None:  # noqa: ANN401 - a client
    name, arn = f"cluster-{uuid4().hex[:8]}", _registered(ecs, family)["taskDefinitionArn"]
    ecs.create_cluster(clusterName=name)
    ecs.delete_cluster(cluster=name)

    assert refusal(ecs.run_task, cluster=name, taskDefinition=arn) == (
        "ClusterNotFoundException",
        "The referenced cluster was inactive.",
    )
    assert refusal(ecs.run_task, cluster="nobody", taskDefinition=arn)[1] == "Cluster not found."
