"""AWS::SageMaker::Model, EndpointConfig, Endpoint and InferenceComponent: waited for, as CloudFormation does."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.failure import FinalError
from mlstack.local.cloudformation.named import fitting, named, tagged

PATIENCE_S = 120.0
STEP_S = 0.05
MODEL = (
    "Containers",
    "EnableNetworkIsolation",
    "ExecutionRoleArn",
    "InferenceExecutionConfig",
    "PrimaryContainer",
    "VpcConfig",
)
CONFIG = (
    "AsyncInferenceConfig",
    "DataCaptureConfig",
    "EnableNetworkIsolation",
    "ExecutionRoleArn",
    "ExplainerConfig",
    "KmsKeyId",
    "MetricsConfig",
    "ProductionVariants",
    "ShadowProductionVariants",
    "VpcConfig",
)
CHANGES = (
    "DeploymentConfig",
    "ExcludeRetainedVariantProperties",
    "RetainAllVariantProperties",
    "RetainDeploymentConfig",
)
COMPONENT = ("RuntimeConfig", "Specification", "VariantName")
Client = Any


def settled(describe: Callable[[], Mapping[str, Any]], status: str) -> Mapping[str, Any]:
    """The description once its status is one that stays; FinalError where that takes too long."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        said = describe()
        if said[status] not in {"Creating", "Updating", "Deleting", "RollingBack", "Pending", "Stopping"}:
            return said
        time.sleep(STEP_S)
    message = f"it is still {said[status]} after {PATIENCE_S:g} s"
    raise FinalError(message)


def gone(describe: Callable[[], Mapping[str, Any]], status: str) -> None:
    """Wait until there is nothing to describe any more."""
    with suppress(ClientError):
        said = settled(describe, status)
        message = f"it is {said[status]} instead of gone"
        raise FinalError(message)


def _given(properties: Properties, names: tuple[str, ...]) -> Properties:
    return {name: properties[name] for name in names if name in properties}


def _model(sagemaker: Client, name: str, properties: Properties) -> str:
    asked = _given(properties, (*MODEL, "Tags"))
    return str(sagemaker.create_model(ModelName=fitting(name), **asked)["ModelArn"])


def _config(sagemaker: Client, name: str, properties: Properties) -> str:
    asked = _given(properties, (*CONFIG, "Tags"))
    return str(sagemaker.create_endpoint_config(EndpointConfigName=fitting(name), **asked)["EndpointConfigArn"])


def _describe_endpoint(sagemaker: Client, arn: str) -> Mapping[str, Any]:
    said: Mapping[str, Any] = sagemaker.describe_endpoint(EndpointName=named(arn))
    return said


def _endpoint(sagemaker: Client, name: str, properties: Properties) -> str:
    asked = _given(properties, ("EndpointConfigName", "DeploymentConfig", "Tags"))
    arn = str(sagemaker.create_endpoint(EndpointName=fitting(name), **asked)["EndpointArn"])
    said = settled(lambda: _describe_endpoint(sagemaker, arn), "EndpointStatus")
    if said["EndpointStatus"] != "InService":
        _no_endpoint(sagemaker, arn, properties)
        raise FinalError(said["FailureReason"])
    return arn


def _endpoint_again(sagemaker: Client, arn: str, new: Properties, old: Properties) -> None:
    tagged(sagemaker, arn, new, old)
    wanted = new["EndpointConfigName"]
    if _describe_endpoint(sagemaker, arn)["EndpointConfigName"] == wanted:
        return
    sagemaker.update_endpoint(EndpointName=named(arn), EndpointConfigName=wanted, **_given(new, CHANGES))
    said = settled(lambda: _describe_endpoint(sagemaker, arn), "EndpointStatus")
    if said["EndpointStatus"] != "InService" or said["EndpointConfigName"] != wanted:
        raise FinalError(said.get("FailureReason", f"the endpoint is {said['EndpointStatus']}"))


def _no_endpoint(sagemaker: Client, arn: str, _: Properties) -> None:
    sagemaker.delete_endpoint(EndpointName=named(arn))
    gone(lambda: _describe_endpoint(sagemaker, arn), "EndpointStatus")


def _describe_component(sagemaker: Client, arn: str) -> Mapping[str, Any]:
    said: Mapping[str, Any] = sagemaker.describe_inference_component(InferenceComponentName=named(arn))
    return said


def _component(sagemaker: Client, name: str, properties: Properties) -> str:
    asked = {**_given(properties, (*COMPONENT, "Tags")), "EndpointName": named(properties["EndpointName"])}
    made = sagemaker.create_inference_component(InferenceComponentName=fitting(name), **asked)
    arn = str(made["InferenceComponentArn"])
    said = settled(lambda: _describe_component(sagemaker, arn), "InferenceComponentStatus")
    if said["InferenceComponentStatus"] != "InService":
        _no_component(sagemaker, arn, properties)
        raise FinalError(said["FailureReason"])
    return arn


def _component_again(sagemaker: Client, arn: str, new: Properties, old: Properties) -> None:
    tagged(sagemaker, arn, new, old)
    changed = {name: new[name] for name in ("RuntimeConfig", "Specification") if new.get(name) != old.get(name)}
    if not changed:
        return
    more = _given(new, ("DeploymentConfig",))
    sagemaker.update_inference_component(InferenceComponentName=named(arn), **changed, **more)
    said = settled(lambda: _describe_component(sagemaker, arn), "InferenceComponentStatus")
    if said["InferenceComponentStatus"] != "InService" or said.get("FailureReason"):
        raise FinalError(said.get("FailureReason", "the inference component did not become InService"))


def _no_component(sagemaker: Client, arn: str, _: Properties) -> None:
    sagemaker.delete_inference_component(InferenceComponentName=named(arn))
    gone(lambda: _describe_component(sagemaker, arn), "InferenceComponentStatus")


def _component_attributes(sagemaker: Client, arn: str) -> dict[str, str]:
    said = _describe_component(sagemaker, arn)
    return {
        "EndpointArn": said["EndpointArn"],
        "InferenceComponentArn": said["InferenceComponentArn"],
        "InferenceComponentName": said["InferenceComponentName"],
        "InferenceComponentStatus": said["InferenceComponentStatus"],
    }


HOSTING = (
    Kind(
        type="AWS::SageMaker::Model",
        service="sagemaker",
        fixed=("ModelName", *MODEL),
        create=_model,
        update=tagged,
        delete=lambda sagemaker, arn, _: sagemaker.delete_model(ModelName=named(arn)),
        attributes=lambda sagemaker, arn: {"ModelName": sagemaker.describe_model(ModelName=named(arn))["ModelName"]},
    ),
    Kind(
        type="AWS::SageMaker::EndpointConfig",
        service="sagemaker",
        fixed=("EndpointConfigName", *CONFIG),
        create=_config,
        update=tagged,
        delete=lambda sagemaker, arn, _: sagemaker.delete_endpoint_config(EndpointConfigName=named(arn)),
        attributes=lambda sagemaker, arn: {
            "EndpointConfigName": sagemaker.describe_endpoint_config(EndpointConfigName=named(arn))[
                "EndpointConfigName"
            ]
        },
    ),
    Kind(
        type="AWS::SageMaker::Endpoint",
        service="sagemaker",
        fixed=("EndpointName",),
        create=_endpoint,
        update=_endpoint_again,
        delete=_no_endpoint,
        attributes=lambda sagemaker, arn: {"EndpointName": _describe_endpoint(sagemaker, arn)["EndpointName"]},
    ),
    Kind(
        type="AWS::SageMaker::InferenceComponent",
        service="sagemaker",
        fixed=("InferenceComponentName", "EndpointName", "VariantName"),
        create=_component,
        update=_component_again,
        delete=_no_component,
        attributes=_component_attributes,
    ),
)
