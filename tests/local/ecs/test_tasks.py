"""Tasks that run: their containers are processes, and ECS tells of them what is."""

import json
from typing import Any

import pytest

from tests.local.ecs.programs import PING
from tests.local.ecs.shop import Shop
from tests.local.patience import eventually

Json = dict[str, Any]


def _container(task: Json, name: str) -> Json:
    return next(one for one in task["containers"] if one["name"] == name)


def test_task_ends_with_its_essential_container(shop: Shop) -> None:
    task = shop.ended(shop.definition(shop.container("one", "end", "3")))

    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"
    assert _container(task, "one")["exitCode"] == 3
    assert task["startedAt"] <= task["stoppedAt"]


def test_task_logs_to_its_group(shop: Shop) -> None:
    task = shop.ended(shop.definition(shop.container("one", "end", "0")))

    assert shop.lines(task["taskArn"], "one") == ["ends with 0"]


def test_task_runs_until_it_is_stopped(shop: Shop) -> None:
    arn = shop.run(shop.definition(shop.container("one", "gentle")))
    shop.reached(arn, "RUNNING")
    eventually(lambda: shop.lines(arn, "one"))

    shop.ecs.stop_task(cluster=shop.cluster, task=arn, reason="enough")

    task = shop.reached(arn, "STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough")
    assert _container(task, "one")["exitCode"] == 0
    assert shop.lines(arn, "one") == ["waiting", "ending"]


def test_container_that_does_not_end_is_killed(shop: Shop) -> None:
    arn = shop.run(shop.definition(shop.container("one", "stubborn", stopTimeout=1)))
    eventually(lambda: shop.lines(arn, "one"))

    shop.ecs.stop_task(cluster=shop.cluster, task=arn)

    assert _container(shop.reached(arn, "STOPPED"), "one")["exitCode"] == 137


def test_containers_share_a_volume(shop: Shop) -> None:
    mount = {"mountPoints": [{"sourceVolume": "model", "containerPath": "/model"}]}
    definition = shop.definition(
        shop.container("writer", "write", "/model/answer", "42", essential=False, **mount),
        shop.container(
            "reader",
            "read",
            "/model/answer",
            dependsOn=[{"containerName": "writer", "condition": "SUCCESS"}],
            **mount,
        ),
        volumes=[{"name": "model"}],
    )

    task = shop.ended(definition)

    assert _container(task, "reader")["exitCode"] == 0
    assert shop.lines(task["taskArn"], "reader") == ["42"]


def test_server_is_waited_for_until_it_is_healthy(shop: Shop) -> None:
    environment = [{"name": "SM_MODEL_DIR", "value": "/model"}, {"name": "SAGEMAKER_BIND_TO_PORT", "value": "8080"}]
    definition = shop.definition(
        shop.container(
            "server",
            "serve",
            environment=environment,
            portMappings=[{"containerPort": 8080}],
            mountPoints=[{"sourceVolume": "model", "containerPath": "/model", "readOnly": True}],
            healthCheck={"command": ["CMD", "python", "-c", PING]},
        ),
        shop.container(
            "queue",
            "tell",
            "SERVER_PORT",
            environment=[{"name": "SERVER_PORT", "value": "8080"}],
            dependsOn=[{"containerName": "server", "condition": "HEALTHY"}],
        ),
        volumes=[{"name": "model"}],
    )

    arn = shop.run(definition)

    task = shop.reached(arn, "STOPPED")
    assert _container(task, "queue")["exitCode"] == 0
    assert _container(task, "server")["healthStatus"] == "HEALTHY"
    [said] = shop.lines(arn, "queue")
    assert json.loads(said)["SERVER_PORT"] not in {None, "8080"}


def test_missing_log_group_keeps_a_task_from_starting(shop: Shop) -> None:
    container = shop.container("one", "end")
    container["logConfiguration"]["options"]["awslogs-group"] = "/nowhere"

    task = shop.ended(shop.definition(container))

    assert task["stopCode"] == "TaskFailedToStart"
    assert "ResourceInitializationError" in task["stoppedReason"]
    assert "The specified log group does not exist" in task["stoppedReason"]
    assert "exitCode" not in _container(task, "one")


@pytest.mark.parametrize(
    ("replaced", "words"), [((":v1", ":v2"), "not found"), (("123456789012", "999999999999"), "not runnable here")]
)
def test_missing_image_keeps_a_task_from_starting(shop: Shop, replaced: tuple[str, str], words: str) -> None:
    container = shop.container("one", "end", image=shop.image.replace(*replaced))

    task = shop.ended(shop.definition(container))

    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError")
    assert words in task["stoppedReason"]


@pytest.mark.parametrize(
    ("command", "health"),
    [
        (["CMD-SHELL", "python -c 'import programs' || exit 1"], "HEALTHY"),
        (["CMD", "python", "-c", "raise SystemExit(1)"], "UNHEALTHY"),
        (["CMD", "there-is-no-such-program"], "UNHEALTHY"),
    ],
)
def test_health_is_what_the_check_says(shop: Shop, command: list[str], health: str) -> None:
    check = {"command": command, "retries": 1}

    arn = shop.run(shop.definition(shop.container("one", "gentle", healthCheck=check)))

    assert eventually(lambda: shop.task(arn)["healthStatus"] == health)
    assert shop.task(arn)["lastStatus"] == "RUNNING"


def test_check_that_takes_too_long_is_a_failure(shop: Shop) -> None:
    check = {"command": ["CMD-SHELL", "sleep 60"], "retries": 1, "timeout": 2}

    arn = shop.run(shop.definition(shop.container("one", "gentle", healthCheck=check)))

    assert eventually(lambda: shop.task(arn)["healthStatus"] == "UNHEALTHY")


def test_dependency_that_takes_too_long_ends_the_task(shop: Shop) -> None:
    check = {"command": ["CMD-SHELL", "exit 1"], "retries": 10, "startPeriod": 300}
    server = shop.container("server", "gentle", healthCheck=check, startTimeout=2)
    queue = shop.container("queue", "gentle", dependsOn=[{"containerName": "server", "condition": "HEALTHY"}])

    task = shop.ended(shop.definition(server, queue))

    assert task["stopCode"] == "TaskFailedToStart"
    assert "[server]" in _container(task, "queue")["reason"]
    assert _container(task, "server")["exitCode"] == 0


def test_volume_begins_with_what_the_image_has_there(shop: Shop) -> None:
    mount = {"mountPoints": [{"sourceVolume": "code", "containerPath": "/srv/programs"}]}
    definition = shop.definition(
        shop.container("one", "read", "/srv/programs/__init__.py", **mount), volumes=[{"name": "code"}]
    )

    assert _container(shop.ended(definition), "one")["exitCode"] == 0


def test_program_that_is_no_python_does_not_run_here(shop: Shop) -> None:
    task = shop.ended(shop.definition(shop.container("one", "-c", "true", entryPoint=["/bin/sh"])))

    assert task["stopCode"] == "TaskFailedToStart"
    assert "not runnable here: /bin/sh" in task["stoppedReason"]
