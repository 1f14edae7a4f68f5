"""Who asked to be told is told of each change of an instance, after it; no more and no less."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import boto3
import pytest
from moto import mock_aws
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.responses.instances import InstanceResponse

from mlstack.local.ec2 import launched, power, run
from tests.local.ec2.looking import Client

ACCOUNT = "123456789012"
ASKED = (launched.on_launch, launched.on_start, launched.on_stop, launched.on_terminate)
NAMES = ("launch", "start", "stop", "terminate")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """EC2 in this process, mended for one test."""
    for owner, names in (
        (InstanceBackend, ("run_instances", "start_instances", "stop_instances", "terminate_instances")),
        (InstanceResponse, ("run_instances",)),
    ):
        for name in names:
            monkeypatch.setattr(owner, name, getattr(owner, name))
    for part in (power, run):
        part.mend()
    with mock_aws():
        yield boto3.client("ec2", region_name="eu-west-1")


@pytest.fixture
def told(client: Client) -> Iterator[list[tuple[str, str, str, str]]]:
    """What was told: what happened, where, to what, and the state that EC2 then said."""
    heard: list[tuple[str, str, str, str]] = []

    def listen(what: str, account: str, region: str, instance_id: str) -> None:
        assert account == ACCOUNT
        [reservation] = client.describe_instances(InstanceIds=[instance_id])["Reservations"]
        heard.append((what, region, instance_id, reservation["Instances"][0]["State"]["Name"]))

    with ExitStack() as stack:
        for ask, name in zip(ASKED, NAMES, strict=True):
            stack.callback(ask(partial(listen, name)))
        yield heard


def launch(client: Client, **more: object) -> str:
    said = client.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, **more)
    return str(said["Instances"][0]["InstanceId"])


def test_each_change_is_told_once_and_after_it(client: Client, told: list[tuple[str, str, str, str]]) -> None:
    name = launch(client)
    for call in ("start", "stop", "stop", "start", "start", "terminate", "terminate"):
        getattr(client, f"{call}_instances")(InstanceIds=[name])

    assert told == [
        ("launch", "eu-west-1", name, "running"),
        ("stop", "eu-west-1", name, "stopped"),
        ("start", "eu-west-1", name, "running"),
        ("terminate", "eu-west-1", name, "terminated"),
    ]


@pytest.mark.parametrize(("behaviour", "state"), [("stop", "stopped"), ("terminate", "terminated")])
def test_a_machine_that_switches_itself_off_ends_as_it_was_asked_to(
    client: Client, told: list[tuple[str, str, str, str]], behaviour: str, state: str
) -> None:
    name = launch(client, InstanceInitiatedShutdownBehavior=behaviour)

    power.off(ACCOUNT, "eu-west-1", name)
    power.off(ACCOUNT, "eu-west-1", name)

    said = client.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
    assert [one[0] for one in told] == ["launch", behaviour]
    assert (said["State"]["Name"], said["StateReason"]["Code"]) == (state, "Client.InstanceInitiatedShutdown")


@pytest.mark.usefixtures("client")
def test_a_listener_that_fails_hinders_nobody(client: Client, told: list[tuple[str, str, str, str]]) -> None:
    def fail(_account: str, _region: str, _instance_id: str) -> None:
        raise OSError

    withdraw = launched.on_stop(fail)
    name = launch(client)
    client.stop_instances(InstanceIds=[name])
    withdraw()

    assert [one[0] for one in told] == ["launch", "stop"]


def test_a_machine_that_a_spot_request_launches_anew_is_told_of(
    client: Client, told: list[tuple[str, str, str, str]]
) -> None:
    options = {"SpotInstanceType": "persistent", "InstanceInterruptionBehavior": "stop"}
    name = launch(client, InstanceMarketOptions={"MarketType": "spot", "SpotOptions": options})

    client.terminate_instances(InstanceIds=[name])

    assert [(what, state) for what, _, _, state in told] == [
        ("launch", "running"),
        ("terminate", "terminated"),
        ("launch", "running"),
    ]
    assert told[2][2] != name
