"""A copy of a configuration is what SageMaker takes: everything that was there, nothing that only it may say."""

import copy
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.model import StructureShape
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from endpoint_change.configuration import NotReplaceableError, copied, joined, same, serverless
from tests.functions.endpoint_change.conftest import CONFIGS, INSTANCES, POOLS, config

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

READ_ONLY = {
    "EndpointConfigName": "their-config",
    "EndpointConfigArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/their-config",
    "CreationTime": "2026-11-01",
    "ResponseMetadata": {"HTTPStatusCode": 200},
    "NewAndReadOnly": {"Since": 2027},
}


@pytest.fixture(scope="module")
def shape(models_client: "SageMakerClient") -> StructureShape:
    return cast("StructureShape", models_client.meta.service_model.operation_model("CreateEndpointConfig").input_shape)


def told(made: dict[str, Any]) -> dict[str, Any]:
    """What SageMaker tells of a configuration that was made so."""
    answer = copy.deepcopy(made) | READ_ONLY
    for variant in answer["ProductionVariants"]:
        variant |= {"NewAndReadOnly": 1, "CapacityReservationConfig": variant.get("CapacityReservationConfig")}
    return answer | {"ShadowProductionVariants": answer.get("ShadowProductionVariants", [])}


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_copy_keeps_everything_but_the_model_and_is_valid(shape: StructureShape, kind: str) -> None:
    made = CONFIGS[kind]

    wanted = copied(told(made), shape, "new")

    expected = copy.deepcopy(made)
    expected["ProductionVariants"][0]["ModelName"] = "new"
    assert wanted == expected
    assert not ParamValidator().validate({"EndpointConfigName": "mine", **wanted}, shape).has_errors()


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_copy_is_known_again_by_what_sagemaker_tells_of_it(shape: StructureShape, kind: str) -> None:
    wanted = copied(told(CONFIGS[kind]), shape, "new")

    assert same(wanted, told(wanted), shape)
    assert not same(wanted, told(CONFIGS[kind]), shape)


@pytest.mark.parametrize("one", CONFIGS)
@pytest.mark.parametrize("other", CONFIGS)
def test_no_two_configurations_are_the_same(shape: StructureShape, one: str, other: str) -> None:
    assert same(CONFIGS[one], told(CONFIGS[other]), shape) is (one == other)


def test_what_sagemaker_fills_in_makes_no_other_configuration(shape: StructureShape) -> None:
    wanted = serverless({"memory_mb": 2048, "max_concurrency": 5}, "new")
    there = told(wanted) | {"EnableNetworkIsolation": False, "MetricsConfig": {"EnableEnhancedMetrics": False}}
    there["ProductionVariants"][0]["InitialVariantWeight"] = 1.0

    assert same(wanted, there, shape)


def test_a_serverless_configuration_is_valid(shape: StructureShape) -> None:
    wanted = serverless({"memory_mb": 2048, "max_concurrency": 5}, "new")

    assert not ParamValidator().validate({"EndpointConfigName": "mine", **wanted}, shape).has_errors()
    assert wanted["ProductionVariants"][0]["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ({"ProductionVariants": [{"VariantName": "A"}, {"VariantName": "B"}]}, "has 2 variants"),
        ({"ProductionVariants": [{"VariantName": "A", **INSTANCES}]}, "inference components"),
        (
            config({**POOLS, "InstancePools": [{"InstanceType": "a", "Priority": 1, "ModelNameOverride": "b"}]}),
            "model of",
        ),
    ],
)
def test_what_leaves_open_which_model_is_replaced_is_refused(
    shape: StructureShape, there: dict[str, Any], words: str
) -> None:
    with pytest.raises(NotReplaceableError, match=f"their-config .*{words}"):
        copied(told(there), shape, "new")


TAGS = st.lists(
    st.fixed_dictionaries({"Key": st.sampled_from(["a", "b", "aws:x", "mlstack:stage"]), "Value": st.text()})
)


@given(tags=TAGS, more=TAGS)
def test_the_later_tag_counts_and_nobody_gives_tags_of_aws(
    tags: list[dict[str, str]], more: list[dict[str, str]]
) -> None:
    found = {tag["Key"]: tag["Value"] for tag in joined(tags, more)}

    assert len(found) == len(joined(tags, more))
    assert not any(key.startswith("aws:") for key in found)
    last = {tag["Key"]: tag["Value"] for tag in [*tags, *more]}
    assert found == {key: value for key, value in last.items() if not key.startswith("aws:")}
