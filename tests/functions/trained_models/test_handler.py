"""Only a deletion deletes, in an order in which nothing is in use, and never what others made."""

from typing import Any

import pytest

from tests.functions.cloudformation import Address, Context, Time, request
from tests.functions.shared.cloud import Cloud
from tests.functions.trained_models.conftest import JOB, STAGE, TAGS
from tests.functions.trained_models.sagemaker import JOBS, SageMaker
from trained_models import handler

OLD = "mlstack-sandbox-trained-models"
GROUP, ENDPOINT = "mlstack-sandbox-waste-sorter", "mlstack-sandbox-sorter"
CONFIG = f"{ENDPOINT}-0badcafe"
RUNNING = [(kind, "InProgress") for kind in JOBS if kind != "CompilationJob"]
RUNNING += [("CompilationJob", "STARTING"), ("CompilationJob", "INPROGRESS")]


def event(kind: str, url: str, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 (a request's properties)
    """A request about the stage's trained models."""
    given = {"Stage": STAGE, "Groups": [GROUP], "EmptyGroups": "false", **properties}
    return request(kind, url, OLD, ResourceProperties={"ServiceToken": "function", **given})


def delete(address: Address, seconds: int = 900, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 (a request's properties)
    """Delete the resource, and give the answer."""
    handler.handle(event("Delete", address.url, **properties), Context(seconds))
    return address.bodies[-1]


def serve(sagemaker: SageMaker, status: str = "InService", **tags: str) -> None:
    """Let an endpoint serve a model of the workflow."""
    sagemaker.add("Model", JOB, tags=TAGS)
    sagemaker.add("EndpointConfig", CONFIG, tags=TAGS, ProductionVariants=[{"ModelName": JOB}])
    sagemaker.add("Endpoint", ENDPOINT, status, tags or TAGS, EndpointConfigName=CONFIG)


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize(("kind", "status"), RUNNING)
def test_a_job_that_runs_is_stopped_and_waited_for(
    sagemaker: SageMaker, cloud: Cloud, address: Address, kind: str, status: str
) -> None:
    job = sagemaker.add(kind, JOB, status)

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert said["PhysicalResourceId"] == OLD
    assert job.status in {"Stopped", "STOPPED"}
    assert [call.operation for call in cloud.effects if call.operation.startswith("Stop")] == [f"Stop{kind}"]


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize(
    "name",
    [
        "mlstack-sandbox-b-0badcafe",
        "mlstack-sandbox-notebook",
        "mlstack-sandbox-0badcafe-001-1a2b3c4d",
        "mlstack-sandbox-0badcafes",
        "mlstack-sandbox-0badcafe0",
        "mlstack-sandbox-0badcaf",
        "my-mlstack-sandbox-0badcafe",
        "mlstack-sandbox-0BADCAFE",
    ],
)
def test_a_job_of_others_runs_on(sagemaker: SageMaker, cloud: Cloud, address: Address, name: str) -> None:
    job = sagemaker.add("TrainingJob", name, "InProgress")

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert job.status == "InProgress"
    assert all(not call.operation.startswith(("Stop", "Delete")) for call in cloud.calls)


@pytest.mark.usefixtures("time")
def test_an_endpoint_goes_before_its_configuration_and_that_before_the_model(
    sagemaker: SageMaker, cloud: Cloud, address: Address
) -> None:
    serve(sagemaker)

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert [sagemaker.names(kind) for kind in ("Endpoint", "EndpointConfig", "Model")] == [[], [], []]
    deleted = [call.operation for call in cloud.effects if call.operation.startswith("Delete")]
    assert deleted == ["DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"]


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack"])
def test_an_endpoint_that_changes_is_waited_for(
    sagemaker: SageMaker, cloud: Cloud, address: Address, time: Time, status: str
) -> None:
    serve(sagemaker, status)
    endpoint = sagemaker.kept["Endpoint"][ENDPOINT]
    endpoint.ends, endpoint.becomes = 50, "Failed"

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert sagemaker.names("Endpoint") == sagemaker.names("Model") == []
    assert (time.now() - Time.present).total_seconds() > 60
    assert cloud.struck == []


@pytest.mark.usefixtures("cloud")
def test_an_endpoint_that_changes_for_too_long_is_told_and_the_next_deletion_goes_on(
    sagemaker: SageMaker, address: Address, time: Time
) -> None:
    serve(sagemaker, "Creating")
    late = delete(address, 300)
    took = (time.now() - Time.present).total_seconds()
    sagemaker.kept["Endpoint"][ENDPOINT].status = "InService"

    again = delete(address, 300)

    assert late["Status"] == "FAILED"
    assert f"endpoint {ENDPOINT} (Creating)" in late["Reason"]
    assert "destroy the stack again" in late["Reason"]
    assert 265 < took < 280
    assert again["Status"] == "SUCCESS"
    assert sagemaker.names("EndpointConfig") == sagemaker.names("Model") == []


@pytest.mark.usefixtures("time", "cloud")
def test_an_endpoint_of_cloudformation_keeps_the_model_and_the_configuration_that_it_was_given(
    sagemaker: SageMaker, address: Address
) -> None:
    serve(sagemaker, **{"mlstack:stage": STAGE, "aws:cloudformation:stack-name": "mlstack-sandbox-Endpoints"})
    sagemaker.add("Model", "mlstack-sandbox-11111111", tags=TAGS)
    sagemaker.add("EndpointConfig", f"{ENDPOINT}-11111111", tags=TAGS)

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert sagemaker.names("Endpoint") == [ENDPOINT]
    assert sagemaker.names("EndpointConfig") == [CONFIG]
    assert sagemaker.names("Model") == [JOB]


@pytest.mark.usefixtures("time", "cloud")
def test_what_an_endpoint_of_cloudformation_is_being_given_stays_too(sagemaker: SageMaker, address: Address) -> None:
    serve(sagemaker, **{"mlstack:stage": STAGE})
    said = sagemaker.kept["Endpoint"][ENDPOINT].said
    said |= {"EndpointConfigName": "gone", "PendingDeploymentSummary": {"EndpointConfigName": CONFIG}}

    answer = delete(address)

    assert answer["Status"] == "SUCCESS"
    assert (sagemaker.names("EndpointConfig"), sagemaker.names("Model")) == ([CONFIG], [JOB])


@pytest.mark.usefixtures("time", "cloud")
@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"mlstack:stage": STAGE},
        {"mlstack:execution": "first"},
        {"mlstack:stage": "sandbox-b", "mlstack:execution": "first"},
    ],
)
def test_what_the_workflow_of_this_stage_did_not_make_stays(
    sagemaker: SageMaker, address: Address, tags: dict[str, str]
) -> None:
    for kind, name in (("Endpoint", ENDPOINT), ("EndpointConfig", CONFIG), ("Model", JOB)):
        sagemaker.add(kind, name, "InService", tags, EndpointConfigName=CONFIG)

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert [sagemaker.names(kind) for kind in ("Endpoint", "EndpointConfig", "Model")] == [[ENDPOINT], [CONFIG], [JOB]]


@pytest.mark.usefixtures("time", "cloud")
@pytest.mark.parametrize(
    ("kind", "name"), [("Model", ENDPOINT), ("Model", "other"), ("EndpointConfig", "other"), ("Endpoint", "other")]
)
def test_what_is_not_called_as_the_workflow_calls_it_stays(
    sagemaker: SageMaker, address: Address, kind: str, name: str
) -> None:
    sagemaker.add(kind, name, "InService", TAGS)

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert sagemaker.names(kind) == [name]


@pytest.mark.usefixtures("time", "cloud")
def test_more_than_a_page_of_everything_goes(sagemaker: SageMaker, address: Address) -> None:
    for number in range(7):
        sagemaker.add("TrainingJob", f"mlstack-sandbox-{number:08x}", "InProgress")
        sagemaker.add("Endpoint", f"{ENDPOINT}{number}", "InService", TAGS)
        sagemaker.add("EndpointConfig", f"{ENDPOINT}{number}-{number:08x}", "", TAGS)
        sagemaker.add("Model", f"mlstack-sandbox-{number:08x}", "", TAGS)
        sagemaker.registry.add(f"{GROUP}{number}", 3, {"mlstack:stage": STAGE})
    sagemaker.registry.add(GROUP, 7)

    said = delete(address, EmptyGroups="true")

    assert said["Status"] == "SUCCESS"
    assert all(job.status == "Stopped" for job in sagemaker.kept["TrainingJob"].values())
    assert [sagemaker.names(kind) for kind in ("Endpoint", "EndpointConfig", "Model")] == [[], [], []]
    assert sagemaker.registry.kept == {}


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"Stage": ""}, "no Stage"),
        ({"Stage": None}, "no Stage"),
        ({"Stage": ["sandbox"]}, "no Stage"),
        ({"Groups": ["mlstack-other-waste-sorter"]}, "begin with mlstack-sandbox-"),
        ({"Groups": "mlstack-sandbox-waste-sorter"}, "begin with mlstack-sandbox-"),
        ({"Groups": [3]}, "begin with mlstack-sandbox-"),
    ],
)
def test_a_resource_that_does_not_say_whose_things_go_fails_and_deletes_nothing(
    address: Address, cloud: Cloud, properties: dict[str, Any], words: str
) -> None:
    said = delete(address, **{"EmptyGroups": "true", **properties})

    assert (said["Status"], said["PhysicalResourceId"]) == ("FAILED", OLD)
    assert words in said["Reason"]
    assert cloud.calls == []
