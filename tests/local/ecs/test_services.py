"""Services: so many tasks as are wanted, until nobody wants them."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.local.ecs.shop import Shop
from tests.local.patience import eventually

Refusal = Callable[..., tuple[str, str]]


def test_service_without_tasks_is_stable_at_once(shop: Shop) -> None:
    name = shop.service(shop.definition(shop.container("one", "gentle")), desiredCount=0)

    found = shop.steady(name)

    assert (found["runningCount"], found["pendingCount"]) == (0, 0)
    assert "has reached a steady state." in found["events"][0]["message"]


def test_service_runs_as_many_tasks_as_wanted(shop: Shop) -> None:
    name = shop.service(shop.definition(shop.container("one", "gentle")))
    shop.steady(name)

    shop.ecs.update_service(cluster=shop.cluster, service=name, desiredCount=3)
    more = shop.steady(name)["runningCount"]
    shop.ecs.update_service(cluster=shop.cluster, service=name, desiredCount=0)
    none = shop.steady(name)["runningCount"]

    assert (more, none) == (3, 0)


def test_service_replaces_a_task_that_ends(shop: Shop) -> None:
    name = shop.service(shop.definition(shop.container("one", "gentle")))
    shop.steady(name)
    [first] = shop.tasks_of(name)

    shop.ecs.stop_task(cluster=shop.cluster, task=first)

    assert eventually(lambda: [one for one in shop.tasks_of(name) if one != first])
    assert shop.task(first)["stopCode"] == "UserInitiated"


def test_scaled_service_is_deleted_only_by_force(shop: Shop, refusal: Refusal) -> None:
    name = shop.service(shop.definition(shop.container("one", "gentle", "0.3")))
    shop.steady(name)

    refused = refusal(shop.ecs.delete_service, cluster=shop.cluster, service=name)
    draining = shop.ecs.delete_service(cluster=shop.cluster, service=name, force=True)["service"]["status"]

    assert refused == ("InvalidParameterException", "The service cannot be stopped while it is scaled above 0.")
    assert draining == "DRAINING"
    assert eventually(lambda: shop.described(name)["status"] == "INACTIVE")
    assert shop.ecs.list_services(cluster=shop.cluster)["serviceArns"] == []


def test_cluster_is_deleted_only_when_nothing_is_in_it(shop: Shop, refusal: Refusal) -> None:
    name = shop.service(shop.definition(shop.container("one", "gentle", "0.3")))
    shop.steady(name)

    with_service, _ = refusal(shop.ecs.delete_cluster, cluster=shop.cluster)
    shop.ecs.delete_service(cluster=shop.cluster, service=name, force=True)
    with_task, _ = refusal(shop.ecs.delete_cluster, cluster=shop.cluster)

    assert with_service == "ClusterContainsServicesException"
    assert with_task == "ClusterContainsTasksException"


def test_service_is_scaled_though_its_definition_was_deregistered(shop: Shop) -> None:
    definition = shop.definition(shop.container("one", "gentle"))
    name = shop.service(definition)
    shop.steady(name)
    shop.ecs.deregister_task_definition(taskDefinition=definition)

    shop.ecs.update_service(cluster=shop.cluster, service=name, desiredCount=2, taskDefinition=definition)

    assert shop.steady(name)["runningCount"] == 2


def test_tags_of_a_service_reach_its_tasks(shop: Shop) -> None:
    name = shop.service(
        shop.definition(shop.container("one", "gentle")),
        tags=[{"key": "stage", "value": "dev"}],
        propagateTags="SERVICE",
        enableECSManagedTags=True,
    )
    shop.steady(name)
    [arn] = shop.tasks_of(name)

    [task] = shop.ecs.describe_tasks(cluster=shop.cluster, tasks=[arn], include=["TAGS"])["tasks"]

    assert {one["key"]: one["value"] for one in task["tags"]} == {
        "stage": "dev",
        "aws:ecs:clusterName": shop.cluster,
        "aws:ecs:serviceName": name,
    }


def test_same_name_is_taken_until_the_service_is_gone(shop: Shop, refusal: Refusal) -> None:
    definition = shop.definition(shop.container("one", "gentle", "0.3"))
    name = shop.service(definition)
    shop.steady(name)
    wanted: dict[str, Any] = {
        "cluster": shop.cluster,
        "serviceName": name,
        "taskDefinition": definition,
        "launchType": "FARGATE",
        "networkConfiguration": shop.network,
    }

    active = refusal(shop.ecs.create_service, **wanted)
    shop.ecs.delete_service(cluster=shop.cluster, service=name, force=True)
    draining = refusal(shop.ecs.create_service, **wanted)
    changed = refusal(shop.ecs.update_service, cluster=shop.cluster, service=name, desiredCount=1)
    eventually(lambda: shop.described(name)["status"] == "INACTIVE")
    again = shop.ecs.create_service(**wanted)["service"]["status"]

    assert active[1] == "Creation of service was not idempotent."
    assert draining[1] == "Unable to Start a service that is still Draining."
    assert changed == ("ServiceNotActiveException", "Service was not ACTIVE.")
    assert again == "ACTIVE"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100}}, "no deployment could"),
        ({"deploymentConfiguration": {"minimumHealthyPercent": 150}}, "between 0 and 100"),
        ({"schedulingStrategy": "DAEMON"}, "the local AWS lacks the scheduling strategy DAEMON"),
        ({"deploymentController": {"type": "CODE_DEPLOY"}}, "the local AWS lacks the deployment controller"),
        ({"desiredCount": -1}, "must not be negative"),
        ({"taskDefinition": "nobody"}, "TaskDefinition not found."),
        ({"serviceName": "a b"}, "Invalid service name."),
        ({"loadBalancers": [{"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a/1"}]}, "Unable"),
    ],
)
def test_service_that_cannot_be_is_refused(
    shop: Shop, refusal: Refusal, changed: dict[str, object], words: str
) -> None:
    definition = shop.definition(shop.container("one", "gentle"))
    wanted = {"cluster": shop.cluster, "serviceName": "one", "taskDefinition": definition, "launchType": "FARGATE"}

    _, message = refusal(shop.ecs.create_service, **{**wanted, "networkConfiguration": shop.network, **changed})

    assert words in message


def test_unknown_service_is_told_as_missing(shop: Shop, refusal: Refusal) -> None:
    found = shop.ecs.describe_services(cluster=shop.cluster, services=["nobody"])

    assert [one["reason"] for one in found["failures"]] == ["MISSING"]
    assert refusal(shop.ecs.delete_service, cluster=shop.cluster, service="nobody") == (
        "ServiceNotFoundException",
        "Service not found.",
    )
