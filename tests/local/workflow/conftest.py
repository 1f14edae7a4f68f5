"""State machines of a test, gone with it."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws
from tests.local.ecs.conftest import image, pace, role, shop
from tests.local.patience import eventually

__all__ = ["image", "pace", "role", "shop"]

Json = dict[str, Any]
ROLE = "arn:aws:iam::123456789012:role/any"


class Machine:
    """One state machine and its executions."""

    def __init__(self, client: Any, states: Json, **more: object) -> None:  # noqa: ANN401 - a client
        self.client = client
        definition = {"StartAt": next(iter(states)), "States": states, **more}
        name = f"machine-{uuid4().hex[:8]}"
        created = client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)
        self.arn = str(created["stateMachineArn"])

    def start(self, given: object = None) -> str:
        """Start an execution; its ARN."""
        started = self.client.start_execution(stateMachineArn=self.arn, input=json.dumps(given or {}))
        return str(started["executionArn"])

    def told(self, execution: str) -> Json:
        """An execution as DescribeExecution tells it."""
        said: Json = self.client.describe_execution(executionArn=execution)
        return said

    def ended(self, execution: str) -> Json:
        """An execution when it has ended."""
        eventually(lambda: self.told(execution)["status"] != "RUNNING")
        return self.told(execution)

    def run(self, given: object = None) -> Json:
        """Start an execution and wait for its end."""
        return self.ended(self.start(given))

    def counts(self, execution: str) -> Json:
        """The items of the one map run of an execution, and its status."""
        [run] = self.client.list_map_runs(executionArn=execution)["mapRuns"]

        def agreed() -> Json | None:
            """Both counts, which move one after the other, once they are the same."""
            said: Json = self.client.describe_map_run(mapRunArn=run["mapRunArn"])
            return said if said["itemCounts"] == said["executionCounts"] else None

        said = eventually(agreed) or {}
        return {**said["itemCounts"], "status": said["status"]}


@pytest.fixture
def machine(local_aws: LocalAws) -> Iterator[Callable[..., Machine]]:
    client = local_aws.client("stepfunctions")
    made: list[Machine] = []

    def make(states: Json, **more: object) -> Machine:
        made.append(Machine(client, states, **more))
        return made[-1]

    yield make
    for one in made:
        client.delete_state_machine(stateMachineArn=one.arn)
