"""What the account has in Parameter Store, and what AWS publishes there."""

import pytest

from mlstack.local.aws import LocalAws

PUBLIC = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"


@pytest.fixture
def own(local_aws: LocalAws) -> str:
    """A parameter of the account's."""
    name = "/tests/parameters/own"
    local_aws.client("ssm").put_parameter(Name=name, Value="1", Type="String", Overwrite=True)
    return name


def test_public_parameters_are_read_by_name_and_never_listed_as_the_accounts(local_aws: LocalAws, own: str) -> None:
    ssm = local_aws.client("ssm")
    read = ssm.get_parameter(Name=PUBLIC)["Parameter"]["Value"]

    pages = ssm.get_paginator("describe_parameters").paginate()
    listed = [one["Name"] for page in pages for one in page["Parameters"]]

    assert read.startswith("ami-")
    assert own in listed
    assert [name for name in listed if name.startswith("/aws/")] == []


def test_list_can_be_narrowed_as_before(local_aws: LocalAws, own: str) -> None:
    narrowed = [{"Key": "Name", "Option": "BeginsWith", "Values": ["/tests/parameters/"]}]

    said = local_aws.client("ssm").describe_parameters(ParameterFilters=narrowed)["Parameters"]

    assert [one["Name"] for one in said] == [own]
