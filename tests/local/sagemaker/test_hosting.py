"""Which way an endpoint is hosted, and what SageMaker refuses of a configuration."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.sagemaker.hosting import Hosting, faults, hosting

Json = dict[str, Any]
SERVERLESS: Json = {
    "VariantName": "A",
    "ModelName": "m",
    "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
}
CLASSIC: Json = {"VariantName": "A", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
CARRIER: Json = {"VariantName": "A", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
ZERO = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2}
ASYNC: Json = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/p"}}}
ROLE: Json = {"ExecutionRoleArn": "arn"}
CAPTURE: Json = {"InitialSamplingPercentage": 100, "DestinationS3Uri": "s3://b/p", "CaptureOptions": []}


def config(*variants: Json, **more: object) -> Json:
    return {"ProductionVariants": [*variants], **more}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (config(SERVERLESS), Hosting.SERVERLESS),
        (config(CLASSIC), Hosting.CLASSIC),
        (config(CLASSIC, **ASYNC), Hosting.ASYNCHRONOUS),
        (config({**CARRIER, "ManagedInstanceScaling": ZERO}, **ROLE), Hosting.COMPONENTS),
        (config(CLASSIC, {**CLASSIC, "VariantName": "B"}), Hosting.CLASSIC),
        (config(CLASSIC, DataCaptureConfig=CAPTURE), Hosting.CLASSIC),
    ],
)
def test_a_good_configuration_is_hosted_in_its_way(said: Json, expected: Hosting) -> None:
    assert hosting(said) is expected
    assert list(faults(said, frozenset(), frozenset())) == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (config(SERVERLESS, DataCaptureConfig=CAPTURE), "Data capture is not supported"),
        (config(SERVERLESS, DataCaptureConfig={**CAPTURE, "EnableCapture": True}), "Data capture is not supported"),
        (config(SERVERLESS, VpcConfig={"Subnets": ["s"]}), "VPC config is not supported"),
        (config(SERVERLESS, {**SERVERLESS, "VariantName": "B"}), "More than one variant"),
        (config(SERVERLESS, **ASYNC), "Async inference is not supported for serverless"),
        (config({**SERVERLESS, "InstanceType": "ml.m5.large"}), "neither InstanceType"),
        (config({**SERVERLESS, "ServerlessConfig": {"MemorySizeInMB": 1500, "MaxConcurrency": 1}}), "1500 is none of"),
        (
            config({**SERVERLESS, "ServerlessConfig": {**SERVERLESS["ServerlessConfig"], "ProvisionedConcurrency": 9}}),
            "ProvisionedConcurrency cannot be above",
        ),
        (config({"VariantName": "A", "ModelName": "m"}), "InstanceType is needed"),
        (config({**CLASSIC, "InitialInstanceCount": 0}), "InitialInstanceCount is needed"),
        (config({**CLASSIC, "ManagedInstanceScaling": ZERO}), "only supported for inference component endpoints"),
        (config(CLASSIC, CLASSIC), "needs a name of its own"),
        (config(CARRIER), "ExecutionRoleArn is needed"),
        (config(CARRIER, {**CLASSIC, "VariantName": "B"}, **ROLE), "cannot be in one configuration"),
        (config(CARRIER, **ASYNC), "not supported for inference components"),
        (config(CLASSIC, {**CLASSIC, "VariantName": "B"}, **ASYNC), "not supported for async endpoints"),
        (
            config({**CARRIER, "ManagedInstanceScaling": {**ZERO, "MinInstanceCount": 3}}, **ROLE),
            "MinInstanceCount cannot be above",
        ),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(said: Json, reason: str) -> None:
    assert reason in " ".join(faults(said, frozenset(), frozenset()))


@pytest.mark.parametrize(("isolated", "networked"), [({"m"}, set()), (set(), {"m"})])
def test_serverless_refuses_models_with_isolation_or_a_vpc(isolated: set[str], networked: set[str]) -> None:
    assert list(faults(config(SERVERLESS), frozenset(isolated), frozenset(networked)))
    assert list(faults(config(CLASSIC), frozenset(isolated), frozenset(networked))) == []


@given(st.integers(min_value=1024, max_value=6144))
def test_serverless_memory_comes_in_whole_gigabytes(memory: int) -> None:
    variant = {**SERVERLESS, "ServerlessConfig": {"MemorySizeInMB": memory, "MaxConcurrency": 1}}

    assert bool(list(faults(config(variant), frozenset(), frozenset()))) is (memory % 1024 != 0)
