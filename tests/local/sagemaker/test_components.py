"""Inference components share an endpoint, have copies of their own, and reach none by scaling."""

import pytest
from botocore.exceptions import ClientError

from tests.local.patience import eventually
from tests.local.sagemaker.conftest import COMPONENTS, INSTANCE, ROLE, Hosting

NEEDS = {"MinMemoryRequiredInMb": 512, "NumberOfCpuCoresRequired": 1}
DIMENSION = "sagemaker:inference-component:DesiredCopyCount"


@pytest.fixture
def endpoint(hosting: Hosting) -> str:
    """An endpoint that carries inference components."""
    scaling = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2}
    config = hosting.config({**COMPONENTS, "ManagedInstanceScaling": scaling}, ExecutionRoleArn=ROLE)
    return str(hosting.endpoint(config)["EndpointName"])


def component(hosting: Hosting, endpoint: str, name: str = "part", **specification: object) -> str:
    said = {"ComputeResourceRequirements": NEEDS, **(specification or {"ModelName": hosting.model()})}
    hosting.sagemaker.create_inference_component(
        InferenceComponentName=name, EndpointName=endpoint, Specification=said, RuntimeConfig={"CopyCount": 1}
    )
    return name


def test_components_answer_by_their_name(hosting: Hosting, endpoint: str) -> None:
    one = component(hosting, endpoint, "one")
    container = {"Image": hosting.place.image, "ArtifactUrl": hosting.place.model, "Environment": {"SETTING": "own"}}
    two = component(hosting, endpoint, "two", Container=container)
    made = [hosting.component(name) for name in (one, two)]

    answers = [hosting.ask(endpoint, InferenceComponentName=name) for name in (one, two)]

    listed = hosting.sagemaker.list_inference_components(EndpointNameEquals=endpoint)["InferenceComponents"]
    groups = hosting.aws.client("logs").describe_log_groups(logGroupNamePrefix="/aws/sagemaker/")["logGroups"]
    assert [one["InferenceComponentStatus"] for one in made] == ["InService", "InService"]
    assert made[0]["RuntimeConfig"] == {"DesiredCopyCount": 1, "CurrentCopyCount": 1}
    assert made[1]["Specification"]["Container"]["DeployedImage"]["SpecifiedImage"] == hosting.place.image
    assert answers == ["the model||hi", "the model|own|hi"]
    assert {one["InferenceComponentName"] for one in listed} == {"one", "two"}
    assert {group["logGroupName"] for group in groups} == {
        "/aws/sagemaker/InferenceComponents/one",
        "/aws/sagemaker/InferenceComponents/two",
    }
    assert hosting.aws.report()["endpoints"][f"{endpoint}/one"]["invocations"] == 1


def test_requests_and_deletions_that_do_not_fit_are_refused(hosting: Hosting, endpoint: str) -> None:
    name = component(hosting, endpoint)
    hosting.component(name)

    with pytest.raises(ClientError, match="Inference Component Name header is required"):
        hosting.ask(endpoint)
    with pytest.raises(ClientError, match="Inference component other of endpoint"):
        hosting.ask(endpoint, InferenceComponentName="other")
    with pytest.raises(ClientError, match="while it has inference components"):
        hosting.sagemaker.delete_endpoint(EndpointName=endpoint)


def test_a_component_needs_an_endpoint_that_carries_it_and_a_copy(hosting: Hosting, endpoint: str) -> None:
    classic = hosting.endpoint(hosting.config({**INSTANCE, "ModelName": hosting.model()}))["EndpointName"]
    create = hosting.sagemaker.create_inference_component
    asked = {"InferenceComponentName": "x", "EndpointName": endpoint, "Specification": {"ModelName": hosting.model()}}

    with pytest.raises(ClientError, match="cannot carry inference components"):
        create(**{**asked, "EndpointName": classic})
    with pytest.raises(ClientError, match="copy count an integer larger than 0"):
        create(**asked, RuntimeConfig={"CopyCount": 0})
    with pytest.raises(ClientError, match="Could not find model"):
        create(**{**asked, "Specification": {"ModelName": "nobody"}})
    with pytest.raises(ClientError, match="needs a ModelName or a Container"):
        create(**{**asked, "Specification": {}})
    with pytest.raises(ClientError, match="has no variant Other"):
        create(**asked, VariantName="Other")


def test_a_component_without_copies_refuses_until_it_has_scaled_out(hosting: Hosting, endpoint: str) -> None:
    name, scaling = component(hosting, endpoint), hosting.aws.client("application-autoscaling")
    hosting.component(name)
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"inference-component/{name}",
        "ScalableDimension": DIMENSION,
    }
    none = {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": 0}}

    hosting.sagemaker.update_inference_component_runtime_config(**none)
    empty = hosting.component(name)
    for _ in range(2):
        with pytest.raises(ClientError, match="Inference Component has no capacity"):
            hosting.ask(endpoint, InferenceComponentName=name)
    idle = hosting.aws.report()["containers"]
    scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=2)
    with pytest.raises(ClientError, match="Inference Component has no capacity"):
        hosting.ask(endpoint, InferenceComponentName=name)
    scaled = eventually(lambda: hosting.component(name)["RuntimeConfig"]["CurrentCopyCount"])
    scaling.deregister_scalable_target(**target)

    assert empty["RuntimeConfig"] == {"DesiredCopyCount": 0, "CurrentCopyCount": 0}
    assert (idle, scaled) == ({}, 1)
    assert hosting.ask(endpoint, InferenceComponentName=name) == "the model||hi"


def test_a_component_changes_when_the_new_one_is_well(hosting: Hosting, endpoint: str) -> None:
    name = component(hosting, endpoint)
    hosting.component(name)
    good, bad = (hosting.model(Environment={key: "new"}) for key in ("SETTING", "ENDS"))

    answers, reasons = [], []
    for model in (bad, good):
        said = {"ModelName": model, "ComputeResourceRequirements": NEEDS}
        hosting.sagemaker.update_inference_component(InferenceComponentName=name, Specification=said)
        reasons.append(hosting.component(name).get("FailureReason", ""))
        answers.append(hosting.ask(endpoint, InferenceComponentName=name))

    assert answers == ["the model||hi", "the model|new|hi"]
    assert "ping health check" in reasons[0]
    assert reasons[1] == ""
