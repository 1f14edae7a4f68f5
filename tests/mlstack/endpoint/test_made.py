"""Endpoints that the training workflow made are asked and looked after like those of the stack."""

import json

import pytest

from mlstack import deployment
from mlstack.errors import UserError
from tests.mlstack.endpoint.conftest import NAMES, Run, described
from tests.mlstack.wire import Spoken, Wire, refused, said

ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/"
SERVERLESS = {"VariantName": "AllTraffic", "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}


def listed(*names: str) -> Spoken:
    """What ListEndpoints answers."""
    rest = {"EndpointStatus": "InService", "CreationTime": 1, "LastModifiedTime": 1}
    return said(Endpoints=[{"EndpointName": name, "EndpointArn": f"{ARN}{name}", **rest} for name in names])


def tagged(stage: str = "sandbox", **more: str) -> Spoken:
    """What ListTags answers of what the workflow made."""
    tags = {"mlstack:stage": stage, "mlstack:execution": "run", **more}
    return said(Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


@pytest.fixture
def trained(wire: Wire) -> Wire:
    """The stage with an endpoint more."""
    wire.answer("ListEndpoints", listed("mlstack-sandbox-fast", "mlstack-sandbox-trained"))
    wire.answer("ListTags", tagged())
    wire.answer("DescribeEndpoint", described(EndpointConfigName="c"))
    wire.answer("DescribeEndpointConfig", said(ProductionVariants=[SERVERLESS]))
    wire.answer("DescribeInferenceComponent", said(InferenceComponentStatus="InService", LastModifiedTime=1))
    return wire


@pytest.fixture
def without_stack(trained: Wire, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """A stage whose profile has no endpoints."""
    message = "stage sandbox has no endpoints in the lab"

    def absent(*_: object) -> None:
        raise UserError(message)

    monkeypatch.setattr(deployment, "outputs", absent)
    return trained


@pytest.mark.parametrize("name", ["trained", "mlstack-sandbox-trained"])
def test_it_answers_by_both_of_its_names(trained: Wire, run: Run, photo: str, name: str) -> None:
    code, output, _ = run("predict", name, photo, "--json")

    [told] = json.loads(output)
    assert (code, told["predictions"][0]["label"]) == (0, "compost")
    assert "/endpoints/mlstack-sandbox-trained/invocations" in trained.requests["InvokeEndpoint"][0].url


@pytest.mark.usefixtures("without_stack")
def test_it_answers_where_the_profile_has_no_endpoints(run: Run, photo: str) -> None:
    assert run("predict", "trained", photo)[0] == 0
    assert [one["name"] for one in json.loads(run("endpoint", "list", "--json")[1])] == ["fast", "trained"]


@pytest.mark.usefixtures("trained")
def test_it_is_listed_once_beside_those_of_the_stack(run: Run) -> None:
    found = json.loads(run("endpoint", "list", "--json")[1])

    assert [one["name"] for one in found] == sorted([*NAMES, "trained"])
    [one] = [one for one in found if one["name"] == "trained"]
    assert (one["kind"], one["idle_price"]) == ("serverless", "$0.00 a month")


def test_one_with_instances_is_a_classic_one(trained: Wire, run: Run) -> None:
    variant = {"VariantName": "AllTraffic", "InstanceType": "ml.m5.large"}
    trained.answer("DescribeEndpointConfig", said(ProductionVariants=[variant]))

    found = json.loads(run("endpoint", "status", "trained", "--json")[1])

    assert (found["kind"], found["idle_price"], found["usd_per_instance_hour"]) == ("classic", None, 0.115)


def test_an_endpoint_of_the_stack_is_found_without_a_look_at_all(wire: Wire, run: Run, photo: str) -> None:
    assert run("predict", "fast", photo)[0] == 0
    assert wire.calls("ListEndpoints", "ListTags") == []


@pytest.mark.parametrize(
    "tags",
    [tagged(stage="sandbox-2"), said(Tags=[]), said(Tags=[{"Key": "mlstack:stage", "Value": "sandbox"}])],
    ids=["another stage's", "no tags", "made by hand"],
)
def test_what_the_workflow_of_this_stage_did_not_make_is_left_alone(trained: Wire, run: Run, tags: Spoken) -> None:
    trained.answer("ListTags", tags)

    code, _, errors = run("endpoint", "status", "trained")

    assert code == 2
    assert "has no endpoint 'trained'; it has fast, slow" in errors


@pytest.mark.parametrize("operation", ["ListTags", "DescribeEndpointConfig"])
def test_one_that_is_deleted_meanwhile_is_left_out(trained: Wire, run: Run, operation: str) -> None:
    trained.answer(operation, refused("ValidationException", "Could not find endpoint."))

    code, _, errors = run("endpoint", "status", "trained")

    assert (code, "has no endpoint 'trained'" in errors) == (2, True)


@pytest.mark.parametrize("operation", ["ListEndpoints", "ListTags", "DescribeEndpointConfig"])
def test_what_aws_refuses_is_said(trained: Wire, run: Run, operation: str) -> None:
    trained.answer(operation, refused("AccessDeniedException", "you may not"))

    code, _, errors = run("endpoint", "status", "trained")

    assert code == 2
    assert "you may not" in errors


@pytest.mark.usefixtures("without_stack")
def test_a_stage_with_neither_says_how_to_get_one(run: Run, wire: Wire) -> None:
    wire.answer("ListEndpoints", said(Endpoints=[]))

    code, _, errors = run("endpoint", "list")

    assert (code, "stage sandbox has no endpoints in the lab" in errors) == (2, True)
