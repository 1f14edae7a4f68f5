"""SageMaker's quotas are listed by the names that AWS gives them, and a test sets them."""

import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.local.service_quotas.instance_quota import quota_name

SPOT = "ml.m5.xlarge for spot training job usage"


@pytest.fixture
def quotas(local_aws: LocalAws) -> Iterator[Any]:
    """A client; what the test sets is the default again when it ends."""
    yield local_aws.client("service-quotas")
    local_aws.service_quotas(dict.fromkeys(local_aws.service_quotas()))


def values(quotas: Any, operation: str = "list_service_quotas", **more: object) -> dict[str, float]:  # noqa: ANN401
    pages = quotas.get_paginator(operation).paginate(ServiceCode="sagemaker", **more)
    return {quota["QuotaName"]: quota["Value"] for page in pages for quota in page["Quotas"]}


def test_every_use_of_an_instance_type_has_a_quota(quotas: Any) -> None:  # noqa: ANN401 - a client
    found = values(quotas)

    uses = ("training job", "spot training job", "processing job", "transform job", "endpoint", "notebook instance")
    assert all(found[quota_name("ml.m5.xlarge", use)] > 0 for use in uses)
    assert found["ml.p3.2xlarge for training job usage"] == 0
    assert found["ml.g4dn.xlarge for training job usage"] == 1
    assert found["ml.p4d.24xlarge for training job usage"] == 0
    assert found["ml.m5.24xlarge for training job usage"] == 0


def test_a_quota_that_is_set_is_listed_and_the_default_stays(quotas: Any, local_aws: LocalAws) -> None:  # noqa: ANN401
    before = values(quotas)

    said = local_aws.service_quotas({SPOT: 0})

    found = values(quotas, PaginationConfig={"PageSize": 50})
    assert said == local_aws.service_quotas() == {SPOT: 0}
    assert found == {**before, SPOT: 0}
    assert values(quotas, "list_aws_default_service_quotas") == before
    assert local_aws.service_quotas({SPOT: None}) == {}
    assert values(quotas) == before


def test_a_quota_is_found_by_its_code(quotas: Any, local_aws: LocalAws) -> None:  # noqa: ANN401 - a client
    local_aws.service_quotas({SPOT: 7})
    listed = quotas.list_service_quotas(ServiceCode="sagemaker", MaxResults=1)["Quotas"][0]

    [one] = quotas.list_service_quotas(ServiceCode="sagemaker", QuotaCode=listed["QuotaCode"])["Quotas"]
    same = quotas.get_service_quota(ServiceCode="sagemaker", QuotaCode=listed["QuotaCode"])["Quota"]

    assert one == same == listed
    assert listed["QuotaArn"] == f"arn:aws:servicequotas:us-east-1:123456789012:sagemaker/{listed['QuotaCode']}"
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        quotas.get_service_quota(ServiceCode="sagemaker", QuotaCode="L-00000000")


@pytest.mark.parametrize("changed", [{"ml.m5.xlarge": 1}, {SPOT: "many"}])
def test_what_is_no_quota_is_not_set(changed: dict[str, Any], quotas: Any, local_aws: LocalAws) -> None:  # noqa: ANN401
    with pytest.raises(urllib.error.HTTPError, match="400") as refused:
        local_aws.service_quotas(changed)

    refused.value.close()
    assert local_aws.service_quotas() == {}
    assert values(quotas)[SPOT] > 0


def test_a_page_needs_a_token_that_was_given_out(quotas: Any) -> None:  # noqa: ANN401 - a client
    with pytest.raises(ClientError, match="InvalidPaginationTokenException"):
        quotas.list_service_quotas(ServiceCode="sagemaker", NextToken="zzzz")


def test_quotas_of_other_services_are_motos(quotas: Any) -> None:  # noqa: ANN401 - a client
    found = quotas.list_aws_default_service_quotas(ServiceCode="vpc")["Quotas"]

    assert {quota["ServiceCode"] for quota in found} == {"vpc"}
