"""A training as a state machine runs it: on Spot, again after an interruption, on demand where there is no Spot."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws
from tests.local.capacity.yard import ON_DEMAND, Json, Yard
from tests.local.patience import eventually

ROLE = "arn:aws:iam::123456789012:role/any"


class Training:
    """Two providers, and a state machine that goes from one to the other."""

    def __init__(self, yard: Yard, image: str) -> None:
        self.yard = yard
        policy = yard.policy(yard.template(), "g4dn.xlarge", **ON_DEMAND)
        self.spot_group, self.other_group = yard.group(), yard.group(MixedInstancesPolicy=policy)
        self.spot, self.other = yard.provider(self.spot_group), yard.provider(self.other_group)
        self.definition = yard.definition(image, "gentle")
        self.client: Any = yard.aws.client("stepfunctions")
        read = {"task.$": "States.StringToJson($.error.Cause)"}
        states = {
            "Spot": self._state(self.spot, "Read"),
            "Read": {"Type": "Pass", "Parameters": read, "Next": "Why"},
            "Why": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.task.StopCode", "StringEquals": "SpotInterruption", "Next": "Spot"},
                    {"Variable": "$.task.StoppedReason", "StringMatches": "mlstack: no capacity*", "Next": "OnDemand"},
                ],
                "Default": "Failed",
            },
            "OnDemand": self._state(self.other, "Failed"),
            "Failed": {"Type": "Fail"},
        }
        definition = json.dumps({"StartAt": "Spot", "States": states})
        name = f"training-{uuid4().hex[:8]}"
        made = self.client.create_state_machine(name=name, definition=definition, roleArn=ROLE)
        self.arn = str(made["stateMachineArn"])
        self.execution = str(self.client.start_execution(stateMachineArn=self.arn)["executionArn"])

    def _state(self, provider: str, failed: str, **more: object) -> Json:
        parameters = {
            "Cluster": self.yard.cluster,
            "TaskDefinition": self.definition,
            "CapacityProviderStrategy": [{"CapacityProvider": provider, "Weight": 1}],
        }
        catch = [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": failed}]
        resource = "arn:aws:states:::ecs:runTask.sync"
        return {"Type": "Task", "Resource": resource, "Parameters": parameters, "Catch": catch, "End": True, **more}

    def task(self, status: str, *besides: str) -> str:
        """The one task that is so far, besides some."""

        def look() -> str:
            for arn in self.yard.ecs.list_tasks(cluster=self.yard.cluster)["taskArns"]:
                if arn not in besides and self.yard.task(arn)["lastStatus"] == status:
                    return str(arn)
            return ""

        return eventually(look)

    def status(self) -> str:
        return str(self.client.describe_execution(executionArn=self.execution)["status"])


@pytest.fixture
def training(yard: Yard, image: str, local_aws: LocalAws) -> Iterator[Training]:
    assert local_aws.place.port
    made = Training(yard, image)
    yield made
    made.client.delete_state_machine(stateMachineArn=made.arn)


def test_interrupted_training_runs_again_on_another_instance(training: Training) -> None:
    yard = training.yard
    first = training.task("RUNNING")
    [lost] = yard.instances(training.spot_group)

    yard.set(interrupt=lost)
    yard.aws.pass_time(121)

    second = training.task("RUNNING", first)
    assert yard.task(second)["containerInstanceArn"] != yard.task(first)["containerInstanceArn"]
    assert (yard.task(first)["stopCode"], yard.state(lost)) == ("SpotInterruption", "terminated")
    assert yard.instances(training.other_group) == []
    assert training.status() == "RUNNING"


def test_training_without_spot_capacity_goes_on_demand(yard: Yard, image: str) -> None:
    yard.set(no_spot=["*"])
    training = Training(yard, image)
    waiting = training.task("PROVISIONING")

    yard.ecs.stop_task(cluster=yard.cluster, task=waiting, reason="mlstack: no capacity of Spot for 12 minutes")

    running = training.task("RUNNING", waiting)
    assert yard.task(running)["capacityProviderName"] == training.other
    assert (yard.instances(training.spot_group), len(yard.instances(training.other_group))) == ([], 1)
    assert {one["StatusCode"] for one in yard.activities(training.spot_group)} == {"Failed"}
    training.client.delete_state_machine(stateMachineArn=training.arn)


def test_stopped_training_leaves_no_instance_after_a_quarter_of_an_hour(training: Training) -> None:
    yard = training.yard
    arn = training.task("RUNNING")

    training.client.stop_execution(executionArn=training.execution)

    assert yard.reached(arn, "STOPPED")["stopCode"] == "UserInitiated"
    assert training.status() == "ABORTED"
    yard.aws.pass_time(0)
    yard.aws.pass_time(16 * 60)
    assert yard.instances(training.spot_group) == []
    assert yard.empty()
