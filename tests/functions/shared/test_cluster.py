"""Whatever an ECS cluster has is found, and what went meanwhile is no error."""

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from shared import cluster
from tests.functions.ecs import CLUSTER, ECS
from tests.functions.shared.cloud import Cloud, Fault, refusing

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient


@pytest.fixture(scope="module")
def client() -> "ECSClient":
    return boto3.client("ecs")


@pytest.fixture
def ecs() -> ECS:
    return ECS()


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch, ecs: ECS) -> Cloud:
    """What stands between the client and ECS."""
    made = Cloud(None, lambda _client, operation, asked: ecs.answered(operation, asked))

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return made.call(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return made


@pytest.mark.usefixtures("between")
def test_tasks_of_all_pages_are_listed_by_what_is_wanted_of_them(client: "ECSClient", ecs: ECS) -> None:
    running = [ecs.run().arn for _ in range(201)]
    ended = [ecs.run(wanted="STOPPED").arn for _ in range(101)]

    assert cluster.task_arns(client, CLUSTER, cluster.RUNNING) == running
    assert cluster.task_arns(client, CLUSTER, cluster.STOPPED) == ended


@pytest.mark.usefixtures("between")
def test_container_instances_of_all_pages_are_listed(client: "ECSClient", ecs: ECS) -> None:
    joined = [ecs.join(f"i-{number:017x}").arn for number in range(201)]

    assert cluster.instance_arns(client, CLUSTER) == joined


@pytest.mark.usefixtures("between")
def test_what_has_gone_is_not_described_and_what_is_hidden_is_told(client: "ECSClient", ecs: ECS) -> None:
    task, hidden, gone = ecs.run(), ecs.run(), ecs.run()
    host, lost = ecs.join("i-1"), ecs.join("i-2")
    ecs.hidden |= {hidden.arn: "UNAVAILABLE", lost.arn: "INACTIVE"}
    del ecs.tasks[gone.arn]

    tasks, unseen = cluster.tasks(client, CLUSTER, [task.arn, hidden.arn, gone.arn])
    instances, others = cluster.container_instances(client, CLUSTER, [host.arn, lost.arn])

    assert [one["taskArn"] for one in tasks] == [task.arn]
    assert unseen == [f"{cluster.short(hidden.arn)} (UNAVAILABLE)"]
    assert ([one["containerInstanceArn"] for one in instances], others) == ([host.arn], [])


@pytest.mark.usefixtures("between")
def test_cluster_that_is_gone_has_nothing(client: "ECSClient", ecs: ECS) -> None:
    ecs.gone = True

    assert cluster.task_arns(client, CLUSTER, cluster.RUNNING) == []
    assert cluster.instance_arns(client, CLUSTER) == []
    assert cluster.tasks(client, CLUSTER, ["any"]) == ([], [])
    assert cluster.container_instances(client, CLUSTER, ["any"]) == ([], [])


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidParameterException", "ServerException"])
def test_every_other_refusal_is_raised(client: "ECSClient", between: Cloud, code: str) -> None:
    between.faults = [Fault(answer=refusing(code))]

    for look in (
        lambda: cluster.task_arns(client, CLUSTER, cluster.RUNNING),
        lambda: cluster.instance_arns(client, CLUSTER),
        lambda: cluster.tasks(client, CLUSTER, ["any"]),
        lambda: cluster.container_instances(client, CLUSTER, ["any"]),
    ):
        with pytest.raises(ClientError, match=code):
            look()


@pytest.mark.parametrize(
    ("code", "message", "gone"),
    [
        ("InvalidParameterException", "The referenced task was not found.", True),
        ("ClientException", "Container instance not found", True),
        ("ClusterNotFoundException", "The referenced cluster was inactive.", True),
        ("InvalidParameterException", "Invalid identifier: Unexpected number of separators", False),
        ("ClientException", "", False),
        ("AccessDeniedException", "not found", False),
    ],
)
def test_refusal_says_whether_the_thing_is_gone(code: str, message: str, *, gone: bool) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "StopTask")

    assert cluster.is_gone(error) is gone


@given(count=st.integers(0, 1000), size=st.integers(1, 100))
def test_batches_hold_everything_once_and_none_is_empty_or_too_large(count: int, size: int) -> None:
    names = [str(number) for number in range(count)]

    made = list(cluster.batches(names, size))

    assert [name for batch in made for name in batch] == names
    assert all(0 < len(batch) <= size for batch in made)
