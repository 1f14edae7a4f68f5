"""Deployments of a service: another version, enough tasks meanwhile, and back where it fails."""

from collections.abc import Callable
from typing import Any

from tests.local.ecs.shop import Shop
from tests.local.patience import eventually

Pace = Callable[..., dict[str, Any]]
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


def _states(shop: Shop, name: str) -> list[tuple[str, str]]:
    return [(one["status"], one["rolloutState"]) for one in shop.described(name)["deployments"]]


def test_new_definition_takes_the_place_of_the_old_one(shop: Shop) -> None:
    name = shop.service(shop.definition(shop.container("one", "gentle")))
    shop.steady(name)
    new = shop.definition(shop.container("one", "gentle", "0.1"))

    shop.ecs.update_service(cluster=shop.cluster, service=name, taskDefinition=new)

    assert shop.steady(name)["taskDefinition"] == new
    [task] = shop.tasks_of(name)
    assert shop.task(task)["taskDefinitionArn"] == new


def test_failing_deployment_goes_back_to_the_one_before(shop: Shop) -> None:
    good = shop.definition(shop.container("one", "gentle"))
    name = shop.service(good, deploymentConfiguration=BREAKER)
    shop.steady(name)
    [task] = shop.tasks_of(name)
    bad = shop.definition(shop.container("one", "gentle", image=shop.image.replace(":v1", ":v2")))

    shop.ecs.update_service(cluster=shop.cluster, service=name, taskDefinition=bad)
    eventually(lambda: any("deployment failed" in one["message"] for one in shop.described(name)["events"]))

    assert shop.steady(name)["taskDefinition"] == good
    assert shop.tasks_of(name) == [task]


def test_first_deployment_that_fails_is_given_up(shop: Shop) -> None:
    bad = shop.definition(shop.container("one", "gentle", image=shop.image.replace(":v1", ":v2")))

    name = shop.service(bad, deploymentConfiguration=BREAKER)

    eventually(lambda: _states(shop, name) == [("PRIMARY", "FAILED")])
    assert shop.described(name)["deployments"][0]["failedTasks"] == 3
    assert shop.tasks_of(name) == []


def test_unhealthy_task_is_replaced(shop: Shop) -> None:
    check = {"command": ["CMD-SHELL", "exit 1"], "interval": 5, "retries": 1}

    name = shop.service(shop.definition(shop.container("one", "gentle", healthCheck=check)))

    def stopped() -> list[str]:
        found = shop.ecs.list_tasks(cluster=shop.cluster, serviceName=name, desiredStatus="STOPPED")["taskArns"]
        return [shop.task(one)["stoppedReason"] for one in found]

    assert "Task failed container health checks" in eventually(stopped)


def test_task_that_ends_right_after_its_start_is_a_failure(shop: Shop, pace: Pace) -> None:
    pace(steady_seconds=30)
    name = shop.service(shop.definition(shop.container("one", "end", "1")), deploymentConfiguration=BREAKER)

    assert eventually(lambda: _states(shop, name) == [("PRIMARY", "FAILED")])


def test_service_without_a_breaker_says_that_its_tasks_fail(shop: Shop, pace: Pace) -> None:
    pace(steady_seconds=30)
    name = shop.service(shop.definition(shop.container("one", "end", "1")))

    said = eventually(
        lambda: [one["message"] for one in shop.described(name)["events"] if "unable to consistently" in one["message"]]
    )

    assert said == [f"(service {name}) is unable to consistently start tasks successfully."]
    assert _states(shop, name) == [("PRIMARY", "IN_PROGRESS")]


def test_enough_tasks_are_well_while_new_ones_come(shop: Shop) -> None:
    name = shop.service(shop.definition(shop.container("one", "gentle")), desiredCount=2)
    shop.steady(name)
    counts: list[int] = []

    shop.ecs.update_service(cluster=shop.cluster, service=name, forceNewDeployment=True)

    def done() -> bool:
        found = shop.described(name)
        counts.append(found["runningCount"])
        return len(found["deployments"]) == 1 and found["deployments"][0]["rolloutState"] == "COMPLETED"

    assert len(shop.described(name)["deployments"]) == 2
    assert eventually(done)
    assert 2 <= min(counts) <= max(counts) <= 4


def test_interrupted_spot_task_of_a_service_is_replaced_without_blame(shop: Shop) -> None:
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    definition = shop.definition(shop.container("one", "gentle"))
    name = shop.service(definition, launchType=None, capacityProviderStrategy=strategy)
    shop.steady(name)
    [first] = shop.tasks_of(name)

    shop.aws.ecs(interrupt=first)

    eventually(lambda: shop.tasks_of(name) and first not in shop.tasks_of(name))
    [deployment] = shop.steady(name)["deployments"]
    assert deployment["failedTasks"] == 0
    assert shop.described(name)["capacityProviderStrategy"][0]["capacityProvider"] == "FARGATE_SPOT"
