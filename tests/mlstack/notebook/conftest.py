"""A stage with a notebook, in moto where moto knows it, on the wire where it does not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from mlstack import account, command, deployment
from mlstack.account import Account
from mlstack.notebook.command import notebook
from tests.mlstack.wire import Clock, Wire, client, wired

NAME = "mlstack-sandbox"
OUTPUTS = {
    "NotebookName": NAME,
    "RunningPrice": "$0.05 an hour",
    "StoppedPrice": "$0.70 a month",
    "IdleMinutes": "60",
    "MaxHours": "12",
}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """No test waits."""
    return Clock(monkeypatch)


def _aim(monkeypatch: pytest.MonkeyPatch, found: Account) -> None:
    monkeypatch.setitem(command.mlstack.commands, "notebook", notebook)
    monkeypatch.setattr(account, "choose", lambda *_: found)
    monkeypatch.setattr(deployment, "outputs", lambda *_: OUTPUTS)


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """A notebook that runs, in moto."""
    with mock_aws():
        client("sagemaker").create_notebook_instance(
            NotebookInstanceName=NAME, InstanceType="ml.t3.medium", RoleArn="arn:aws:iam::123456789012:role/r"
        )
        found = Account(shown="the lab", is_local=True, client=client)
        _aim(monkeypatch, found)
        yield found


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """A notebook whose answers the test writes."""
    wire = Wire()
    for found in wired(wire, ("sagemaker", "cloudwatch")):
        _aim(monkeypatch, found)
        yield wire


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, wire: Wire) -> Wire:
    """The same, which is not on this machine."""
    found = account.choose(None)
    monkeypatch.setattr(account, "choose", lambda *_: replace(found, is_local=False))
    return wire
