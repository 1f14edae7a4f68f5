"""An endpoint gets the model once, however often it is asked, and what stands in the way is told with the way on."""

from collections.abc import Callable
from typing import Any

import pytest

from endpoint_change import handler
from endpoint_change.changing import ConfigurationTakenError
from endpoint_change.configuration import NotReplaceableError
from endpoint_change.deciding import EndpointBusyError, EndpointFailedError, EndpointOfOthersError
from endpoint_change.handler import EndpointNameError
from tests.functions.endpoint_change.conftest import ASYNCHRONOUS, CONFIGS, INSTANCES, config
from tests.functions.shared.cloud import Cloud
from tests.functions.trained_models.sagemaker import SageMaker

JOB = "mlstack-sandbox-0badcafe"
NAME = "mlstack-sandbox-sorter"
CONFIG = f"{NAME}-0badcafe"
TAGS = {"mlstack:stage": "sandbox", "mlstack:execution": "second", "mlstack:model": "waste-sorter"}
THEIRS = {"owner": "team", "mlstack:stage": "sandbox", "aws:cloudformation:stack-name": "mlstack-sandbox-Endpoints"}
GUARDED = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}
SCALED = [{"VariantName": "Main", "DesiredInstanceCount": 3}]
ANSWER = {"endpoint": NAME, "config": CONFIG}
Prepare = Callable[[SageMaker], None]


def handled(**deploy: Any) -> dict[str, str]:  # noqa: ANN401 (parts of a plan)
    """Deploy the model."""
    given = {"endpoint": NAME, "memory_mb": 2048, "max_concurrency": 5, **deploy}
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    return handler.handle({"plan": {"job": JOB, "deploy": given, "tags": tags}, "model_name": JOB}, None)


def theirs(sagemaker: SageMaker, kind: str = "classic", status: str = "InService", **said: Any) -> None:  # noqa: ANN401 (parts of an answer)
    """An endpoint that CloudFormation made."""
    sagemaker.add("EndpointConfig", "TheirConfig-1a2b", "", THEIRS, **CONFIGS[kind])
    sagemaker.add("Endpoint", NAME, status, THEIRS, **{"EndpointConfigName": "TheirConfig-1a2b", **said})


def ours(sagemaker: SageMaker, status: str = "InService", name: str = f"{NAME}-11111111", **said: Any) -> None:  # noqa: ANN401 (parts of an answer)
    """An endpoint that an execution made."""
    tags = {**TAGS, "mlstack:execution": "first"}
    variant = {"VariantName": "AllTraffic", "ModelName": "old", "ServerlessConfig": {"MemorySizeInMB": 1024}}
    sagemaker.add("EndpointConfig", name, "", tags, ProductionVariants=[variant])
    sagemaker.add("Endpoint", NAME, status, tags, EndpointConfigName=name, **said)


def asked(cloud: Cloud, operation: str) -> list[dict[str, Any]]:
    """What one operation was asked for, where it took effect."""
    return [dict(call.parameters) for call in cloud.effects if call.operation == operation]


def test_an_endpoint_that_is_not_there_is_created_serverless(sagemaker: SageMaker, cloud: Cloud) -> None:
    answer = handled()

    assert answer == {**ANSWER, "action": "create"}
    [made] = asked(cloud, "CreateEndpointConfig")
    size = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    assert made["ProductionVariants"] == [{"VariantName": "AllTraffic", "ModelName": JOB, "ServerlessConfig": size}]
    assert sagemaker.kept["EndpointConfig"][CONFIG].tags == TAGS
    assert sagemaker.kept["Endpoint"][NAME].tags == TAGS
    assert sagemaker.kept["Endpoint"][NAME].said["EndpointConfigName"] == CONFIG


def test_an_endpoint_of_the_workflow_is_updated_to_what_the_request_says(sagemaker: SageMaker, cloud: Cloud) -> None:
    ours(sagemaker)

    answer = handled(memory_mb=6144)

    assert answer == {**ANSWER, "action": "update"}
    [made] = asked(cloud, "CreateEndpointConfig")
    assert made["ProductionVariants"][0]["ServerlessConfig"] == {"MemorySizeInMB": 6144, "MaxConcurrency": 5}
    assert asked(cloud, "UpdateEndpoint") == [{"EndpointName": NAME, "EndpointConfigName": CONFIG}]


@pytest.mark.parametrize("kind", CONFIGS)
def test_an_endpoint_of_cloudformation_keeps_its_configuration_with_the_model_replaced(
    sagemaker: SageMaker, cloud: Cloud, kind: str
) -> None:
    theirs(sagemaker, kind)

    answer = handled()

    assert answer == {**ANSWER, "action": "update"}
    [made] = asked(cloud, "CreateEndpointConfig")
    [variant] = CONFIGS[kind]["ProductionVariants"]
    assert made.pop("EndpointConfigName") == CONFIG
    assert made.pop("Tags") == [{"Key": key, "Value": value} for key, value in {"owner": "team", **TAGS}.items()]
    assert made == {**CONFIGS[kind], "ProductionVariants": [{**variant, "ModelName": JOB}]}


@pytest.mark.parametrize(
    ("said", "retained"),
    [
        ({}, {}),
        ({"LastDeploymentConfig": GUARDED}, {"RetainDeploymentConfig": True}),
        ({"ProductionVariants": SCALED}, {"RetainAllVariantProperties": True}),
        ({"ProductionVariants": [{"VariantName": "Main", "DesiredInstanceCount": 0}]}, {}),
        ({"ProductionVariants": [{"VariantName": "Main", "DesiredServerlessConfig": {}}]}, {}),
        (
            {"LastDeploymentConfig": GUARDED, "ProductionVariants": SCALED},
            {"RetainDeploymentConfig": True, "RetainAllVariantProperties": True},
        ),
    ],
)
def test_an_update_keeps_the_guard_and_the_scale_that_there_are(
    sagemaker: SageMaker, cloud: Cloud, said: dict[str, Any], retained: dict[str, bool]
) -> None:
    theirs(sagemaker, **said)

    handled()

    assert asked(cloud, "UpdateEndpoint") == [{"EndpointName": NAME, "EndpointConfigName": CONFIG, **retained}]


@pytest.mark.parametrize("prepare", [None, ours, theirs])
def test_a_second_delivery_finds_what_the_first_began(
    sagemaker: SageMaker, cloud: Cloud, prepare: Prepare | None
) -> None:
    if prepare:
        prepare(sagemaker)
    first = handled()
    effects = len([call for call in cloud.effects if not call.operation.startswith(("Describe", "List"))])

    second = handled()

    assert second == first
    assert len([call for call in cloud.effects if not call.operation.startswith(("Describe", "List"))]) == effects


def test_an_endpoint_that_serves_the_configuration_already_is_let_alone(sagemaker: SageMaker, cloud: Cloud) -> None:
    ours(sagemaker, name=CONFIG)

    assert handled() == {**ANSWER, "action": "none"}
    assert [call.operation for call in cloud.calls] == ["DescribeEndpoint", "ListTags"]


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_an_endpoint_that_others_change_is_told_to_wait_for(sagemaker: SageMaker, cloud: Cloud, status: str) -> None:
    theirs(sagemaker, status=status)

    with pytest.raises(EndpointBusyError, match=rf"{NAME} is {status}: wait .* then deploy again"):
        handled()
    assert asked(cloud, "CreateEndpointConfig") == []


@pytest.mark.parametrize("status", ["Failed", "OutOfService", "UpdateRollbackFailed"])
@pytest.mark.parametrize("name", [CONFIG, f"{NAME}-11111111"])
def test_an_endpoint_that_cannot_be_changed_is_told_with_its_reason_and_the_way_on(
    sagemaker: SageMaker, cloud: Cloud, status: str, name: str
) -> None:
    ours(sagemaker, status, name=name, FailureReason="no ping")

    with pytest.raises(EndpointFailedError, match=rf"is {status} \(no ping\): delete it with `aws .*{NAME}`, then"):
        handled()
    assert asked(cloud, "CreateEndpointConfig") == []


@pytest.mark.usefixtures("cloud")
def test_an_endpoint_that_rolls_back_from_this_very_configuration_is_no_success(
    sagemaker: SageMaker,
) -> None:
    theirs(sagemaker, status="RollingBack", PendingDeploymentSummary={"EndpointConfigName": CONFIG})

    with pytest.raises(EndpointBusyError, match="RollingBack"):
        handled()


def test_a_configuration_that_the_first_delivery_made_is_taken_again(sagemaker: SageMaker, cloud: Cloud) -> None:
    theirs(sagemaker, "asynchronous")
    sagemaker.add(
        "EndpointConfig", CONFIG, "", TAGS, **config({**INSTANCES, "ModelName": JOB}), AsyncInferenceConfig=ASYNCHRONOUS
    )

    answer = handled()

    assert answer["action"] == "update"
    assert len(asked(cloud, "UpdateEndpoint")) == 1


@pytest.mark.parametrize(
    "other",
    [
        config({**INSTANCES, "ModelName": JOB}),
        config({**INSTANCES, "ModelName": "another"}, AsyncInferenceConfig=ASYNCHRONOUS),
        config({**INSTANCES, "ModelName": JOB, "InitialInstanceCount": 9}, AsyncInferenceConfig=ASYNCHRONOUS),
        config({**INSTANCES, "ModelName": JOB}, AsyncInferenceConfig=ASYNCHRONOUS, KmsKeyId="key"),
    ],
)
def test_another_configuration_of_the_name_is_never_taken(
    sagemaker: SageMaker, cloud: Cloud, other: dict[str, Any]
) -> None:
    theirs(sagemaker, "asynchronous")
    sagemaker.add("EndpointConfig", CONFIG, **other)

    with pytest.raises(ConfigurationTakenError, match=f"delete-endpoint-config --endpoint-config-name {CONFIG}"):
        handled()
    assert asked(cloud, "UpdateEndpoint") == []


@pytest.mark.usefixtures("cloud")
def test_an_endpoint_whose_configuration_is_gone_cannot_be_copied(sagemaker: SageMaker) -> None:
    theirs(sagemaker, EndpointConfigName="deleted")

    with pytest.raises(EndpointFailedError, match=r"deleted was deleted.*deploy its stack"):
        handled()


def test_an_endpoint_with_inference_components_is_refused(sagemaker: SageMaker, cloud: Cloud) -> None:
    theirs(sagemaker)
    sagemaker.kept["EndpointConfig"]["TheirConfig-1a2b"].said = {
        "ProductionVariants": [{"VariantName": "A", **INSTANCES}]
    }

    with pytest.raises(NotReplaceableError, match="inference components"):
        handled()
    assert asked(cloud, "CreateEndpointConfig") == []


@pytest.mark.parametrize("name", ["mlstack-other-sorter", "sorter", "mlstack-sandbox", f"mlstack-sandbox-{'x' * 39}"])
def test_an_endpoint_of_another_stage_or_with_too_long_a_name_is_refused(cloud: Cloud, name: str) -> None:
    with pytest.raises(EndpointNameError, match=name):
        handled(endpoint=name)
    assert cloud.calls == []


@pytest.mark.parametrize("status", ["InService", "Failed", "Updating"])
@pytest.mark.parametrize(
    "tags",
    [
        {"stage": "sandbox-a"},
        {"mlstack:stage": "sandbox-a", "mlstack:execution": "first"},
        {"stage": "sandbox-a", "mlstack:stage": "sandbox"},
    ],
)
def test_an_endpoint_whose_tags_name_another_stage_is_let_alone(
    sagemaker: SageMaker, cloud: Cloud, status: str, tags: dict[str, str]
) -> None:
    theirs(sagemaker, status=status)
    sagemaker.kept["Endpoint"][NAME].tags = tags

    with pytest.raises(EndpointOfOthersError, match=rf"{NAME} is one of stage sandbox-a, not of sandbox: name another"):
        handled()
    assert {call.operation for call in cloud.effects} <= {"DescribeEndpoint", "ListTags"}


@pytest.mark.parametrize("tags", [{}, {"stage": "sandbox"}, {"owner": "team"}])
@pytest.mark.usefixtures("cloud")
def test_an_endpoint_whose_tags_name_no_other_stage_is_changed(sagemaker: SageMaker, tags: dict[str, str]) -> None:
    theirs(sagemaker)
    sagemaker.kept["Endpoint"][NAME].tags = tags

    assert handled()["action"] == "update"
