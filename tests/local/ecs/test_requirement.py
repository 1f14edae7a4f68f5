"""What ECS refuses of a task definition."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.ecs import requirement, size

Json = dict[str, Any]
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/serving:v1"
LOGS = {
    "logDriver": "awslogs",
    "options": {"awslogs-group": "/a", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "ecs"},
}
GOOD: Json = {
    "family": "mlstack-dev-labels",
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "1024",
    "memory": "2048",
    "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
    "volumes": [{"name": "model"}],
    "containerDefinitions": [
        {"name": "model", "image": IMAGE, "essential": False, "logConfiguration": LOGS},
        {
            "name": "server",
            "image": IMAGE,
            "portMappings": [{"containerPort": 8080}],
            "mountPoints": [{"sourceVolume": "model", "containerPath": "/model", "readOnly": True}],
            "dependsOn": [{"containerName": "model", "condition": "SUCCESS"}],
            "healthCheck": {"command": ["CMD", "python", "-c", "pass"]},
        },
        {"name": "queue", "image": IMAGE, "dependsOn": [{"containerName": "server", "condition": "HEALTHY"}]},
    ],
}
Change = Callable[[Json, list[Json]], object]
BROKEN: list[tuple[Change, str]] = [
    (lambda asked, _: asked.update(family="a b"), "Family contains invalid characters"),
    (lambda asked, _: asked.update(cpu="1000"), "No Fargate configuration exists for given values: 1000 CPU, 2048"),
    (lambda asked, _: asked.update(memory="1024"), "No Fargate configuration exists"),
    (lambda asked, _: asked.pop("cpu"), "Fargate requires that 'cpu' be defined at the task level."),
    (lambda asked, _: asked.update(networkMode="bridge"), "Fargate only supports network mode 'awsvpc'"),
    (lambda asked, _: asked.pop("executionRoleArn"), "to support ECR images"),
    (lambda asked, _: asked.update(ephemeralStorage={"sizeInGiB": 10}), "Ephemeral storage"),
    (lambda asked, _: asked.update(volumes=[{"name": "../model"}]), "Volume names"),
    (lambda asked, _: asked.update(volumes=[{"name": "model", "host": {"sourcePath": "/x"}}]), "host's folders"),
    (lambda asked, _: asked.update(containerDefinitions=[]), "Container list cannot be empty"),
    (lambda _, found: found[0].update(name="server"), "is not unique"),
    (lambda _, found: found[0].update(essential=True), "cannot be set on the essential container 'model'"),
    (lambda _, found: [one.update(essential=False) for one in found], "does not have any essential containers"),
    (lambda _, found: found[1].pop("healthCheck"), "has no health check"),
    (lambda _, found: found[1]["healthCheck"].update(interval=1), "interval is between 5 and 300"),
    (lambda _, found: found[1]["healthCheck"].update(command=["python"]), "the command begins with CMD"),
    (lambda _, found: found[1]["mountPoints"][0].update(sourceVolume="data"), "Unknown volume 'data'"),
    (lambda _, found: found[1]["mountPoints"][0].update(containerPath="model"), "absolute path"),
    (lambda _, found: found[1]["portMappings"][0].update(hostPort=80), "must match"),
    (lambda _, found: found[1].update(stopTimeout=121), "stopTimeout is at most 120"),
    (lambda _, found: found[1].update(privileged=True), "do not support privileged"),
    (lambda _, found: found[1].update(linuxParameters={"sharedMemorySize": 64}), "do not support sharedMemorySize"),
    (lambda _, found: found[1].update(resourceRequirements=[{"type": "GPU", "value": "1"}]), "do not support GPUs"),
    (lambda _, found: found[1].update(memory=4096), "adds up to more than the task's"),
    (lambda _, found: found[2]["dependsOn"][0].update(containerName="nobody"), "is not another container of the task"),
    (lambda _, found: found[0].update(dependsOn=[{"containerName": "queue", "condition": "START"}]), "a circle"),
    (
        lambda _, found: found[0]["logConfiguration"]["options"].pop("awslogs-stream-prefix"),
        "requires option awslogs-stream-prefix",
    ),
    (lambda _, found: found[0]["logConfiguration"]["options"].pop("awslogs-group"), "requires options: awslogs-group"),
]


def test_good_definition_is_taken() -> None:
    assert requirement.complaint(GOOD) == ""


@pytest.mark.parametrize(("change", "words"), BROKEN, ids=[words for _, words in BROKEN])
def test_broken_definition_is_refused(change: Change, words: str) -> None:
    asked = copy.deepcopy(GOOD)

    change(asked, asked["containerDefinitions"])

    assert words in requirement.complaint(asked)


def test_gpu_task_of_an_instance_is_taken() -> None:
    container = {"name": "training", "image": IMAGE, "resourceRequirements": [{"type": "GPU", "value": "1"}]}
    asked = {"family": "a", "requiresCompatibilities": ["EC2"], "memory": "14000", "containerDefinitions": [container]}

    assert requirement.complaint(asked) == ""


def test_task_of_an_instance_says_its_memory() -> None:
    asked = {"family": "a", "containerDefinitions": [{"name": "training", "image": IMAGE}]}

    assert "At least one of 'memory' or 'memoryReservation' must be specified." in requirement.complaint(asked)


@pytest.mark.parametrize(
    ("cpu", "memory"), [("1 vCPU", "2 GB"), ("1024", "2GB"), ("0.25 vcpu", "512"), ("16384", "122880")]
)
def test_size_is_read_as_people_write_it(cpu: str, memory: str) -> None:
    assert size.complaint(cpu, memory) == ""


@given(cpu=st.text(max_size=8), memory=st.text(max_size=8))
def test_any_text_is_a_size_or_refused(cpu: str, memory: str) -> None:
    complaint = size.complaint(cpu, memory)

    assert complaint == "" or complaint.startswith("No Fargate configuration exists")
