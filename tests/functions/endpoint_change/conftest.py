"""The SageMaker in memory, and configurations of every kind."""

from typing import Any

import pytest

from tests.functions.cloudformation import Time, time
from tests.functions.trained_models.conftest import cloud, models_client, sagemaker

__all__ = ["cloud", "models_client", "sagemaker", "time"]

ROLE = "arn:aws:iam::123456789012:role/endpoint"
KEY = "arn:aws:kms:us-east-1:123456789012:key/0badcafe"
INSTANCES = {"InitialInstanceCount": 2, "InstanceType": "ml.g5.xlarge", "InitialVariantWeight": 1.0}
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 20,
    "DestinationS3Uri": "s3://traffic/capture/",
    "KmsKeyId": KEY,
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
}
ASYNCHRONOUS = {
    "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4},
    "OutputConfig": {
        "S3OutputPath": "s3://traffic/answers/",
        "S3FailurePath": "s3://traffic/failures/",
        "KmsKeyId": KEY,
        "NotificationConfig": {
            "SuccessTopic": "arn:aws:sns:us-east-1:123456789012:done",
            "ErrorTopic": "arn:aws:sns:us-east-1:123456789012:failed",
            "IncludeInferenceResponseIn": ["SUCCESS_NOTIFICATION_TOPIC"],
        },
    },
}
SHAP = {"ShapBaselineConfig": {"MimeType": "text/csv", "ShapBaseline": "1,2"}, "NumberOfSamples": 10, "Seed": 3}
CLASSIC = {
    **INSTANCES,
    "VolumeSizeInGB": 64,
    "ModelDataDownloadTimeoutInSeconds": 600,
    "ContainerStartupHealthCheckTimeoutInSeconds": 600,
    "EnableSSMAccess": False,
    "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
    "InferenceAmiVersion": "al2-ami-sagemaker-inference-gpu-2",
    "CoreDumpConfig": {"DestinationS3Uri": "s3://traffic/dumps/", "KmsKeyId": KEY},
    "CapacityReservationConfig": {
        "CapacityReservationPreference": "capacity-reservations-only",
        "MlReservationArn": "arn:aws:sagemaker:us-east-1:123456789012:training-plan/p",
    },
}
SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 4096, "MaxConcurrency": 20, "ProvisionedConcurrency": 2}}
POOLS = {
    "InstancePools": [{"InstanceType": "ml.g5.xlarge", "Priority": 1}, {"InstanceType": "ml.g6.xlarge", "Priority": 2}],
    "VariantInstanceProvisionTimeoutInSeconds": 600,
    "InitialInstanceCount": 1,
}
SHADOW = {"VariantName": "Shadow", "ModelName": "other", **INSTANCES}


def config(variant: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 (parts of a configuration)
    """What a configuration was made with."""
    return {"ProductionVariants": [{"VariantName": "Main", "ModelName": "old", **variant}], **more}


CONFIGS = {
    "serverless": config(SERVERLESS),
    "instances": config(INSTANCES),
    "classic": config(CLASSIC, DataCaptureConfig=CAPTURE, KmsKeyId=KEY),
    "asynchronous": config(INSTANCES, AsyncInferenceConfig=ASYNCHRONOUS),
    "shadow": config(INSTANCES, ShadowProductionVariants=[SHADOW]),
    "pools": config(POOLS),
    "explained": config(
        INSTANCES,
        ExplainerConfig={"ClarifyExplainerConfig": {"EnableExplanations": "`true`", "ShapConfig": SHAP}},
    ),
    "in a network": config(
        INSTANCES,
        VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
        EnableNetworkIsolation=True,
        ExecutionRoleArn=ROLE,
    ),
    "measured": config(INSTANCES, MetricsConfig={"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 10}),
}


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch, time: Time) -> None:  # noqa: ARG001 (a clock that waits for nobody)
    """Give the function its environment."""
    monkeypatch.setenv("STAGE", "sandbox")
