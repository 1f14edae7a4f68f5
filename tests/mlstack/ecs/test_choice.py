"""Endpoints and services are asked by two commands: each knows what the other has."""

from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError

from mlstack import command, deployment
from mlstack.endpoint.command import predict
from mlstack.errors import UserError
from tests.mlstack.ecs.conftest import Answer, Lab, Run, refused
from tests.mlstack.training.conftest import JPEG
from tests.mlstack.wire import client

FAULTS = [refused("AccessDenied"), EndpointConnectionError(endpoint_url="https://x")]


@pytest.fixture
def photo(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A photo, beside a stage with a service and an endpoint."""
    lab.service()
    monkeypatch.setitem(command.mlstack.commands, "predict", predict)
    told = {"FastEndpointName": "mlstack-sandbox-fast", "FastKind": "serverless", "FastName": "fast"}
    monkeypatch.setattr(deployment, "outputs", lambda *_: told)
    monkeypatch.setattr(client("sagemaker"), "get_paginator", lambda _: Nothing())
    file = tmp_path / "one.jpg"
    file.write_bytes(JPEG)
    return file


class Nothing:
    """What SageMaker has beside the stack."""

    def paginate(self, **_: object) -> list[dict[str, list[object]]]:
        """No endpoint."""
        return [{"Endpoints": []}]


def test_who_takes_a_service_for_an_endpoint_is_told_how_to_ask_it(run: Run, photo: Path) -> None:
    code, _, errors = run("predict", "sorter", photo)

    assert code == 2
    assert (
        "sorter is no endpoint but a service on ECS of stage sandbox on account 1; "
        "ask it with `mlstack service predict sorter --aws FILE...`"
    ) in errors


def test_who_takes_an_endpoint_for_a_service_is_told_how_to_ask_it(run: Run, photo: Path) -> None:
    code, _, errors = run("service", "predict", "fast", photo)

    assert code == 2
    assert "fast is no service on ECS but an endpoint of" in errors
    assert "ask it with `mlstack predict fast --aws FILE...`" in errors


def test_a_name_of_neither_is_answered_as_ever(run: Run, photo: Path) -> None:
    assert "has no endpoint 'zebra'; it has fast" in run("predict", "zebra", photo)[2]
    assert "has no service zebra; it has sorter" in run("service", "predict", "zebra", photo)[2]


@pytest.mark.parametrize("fault", FAULTS)
def test_services_that_cannot_be_seen_change_nothing(lab: Lab, run: Run, photo: Path, fault: Answer) -> None:
    lab.answer("GetParametersByPath", fault)

    assert "has no endpoint 'sorter'; it has fast" in run("predict", "sorter", photo)[2]


@pytest.mark.parametrize("fault", [*FAULTS, UserError("there is no such stack")])
def test_endpoints_that_cannot_be_seen_change_nothing(
    run: Run, photo: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def failing(*_: object) -> None:
        raise fault

    monkeypatch.setattr(deployment, "outputs", failing)

    assert "has no service fast; it has sorter" in run("service", "predict", "fast", photo)[2]
