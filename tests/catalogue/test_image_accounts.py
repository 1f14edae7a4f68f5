"""The accounts of images.json, against what the CDK knows of them, and the regions' partitions likewise."""

import re

import pytest
from aws_cdk.region_info import Fact, FactName, RegionInfo

from catalogue import images
from catalogue.images import image
from catalogue.regions import nearest, partition, url_suffix

INFOS = {info.name: info for info in RegionInfo.regions if Fact.find(info.name, FactName.PARTITION)}


@pytest.mark.parametrize("region", sorted(INFOS))
def test_a_regions_partition_and_suffix_are_the_ones_the_cdk_knows(region: str) -> None:
    info = INFOS[region]

    assert (partition(region), url_suffix(region)) == (info.partition, info.domain_suffix)


def test_the_deep_learning_accounts_are_the_ones_the_cdk_knows() -> None:
    known = {name: info.dlc_repository_account for name, info in INFOS.items()}
    ours = image("ray-serve-cpu").accounts

    told = {region: account for region, account in known.items() if account}

    assert len(told) > 30
    assert {region: ours.get(region) for region in told} == told


def test_every_account_has_twelve_digits_and_every_region_the_form_of_one() -> None:
    for name in images.NAMES:
        for region, account in image(name).accounts.items():
            assert re.fullmatch(r"\d{12}", account)
            assert re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", region)


@pytest.mark.parametrize(
    ("region", "among", "first"),
    [
        ("eu-west-3", ["us-east-1", "eu-central-1", "eu-west-1"], ["eu-west-1", "eu-central-1", "us-east-1"]),
        ("sa-east-1", ["ap-south-1", "us-west-2", "eu-west-1"], ["us-west-2", "ap-south-1", "eu-west-1"]),
        ("me-central-1", ["us-east-1", "eu-west-1"], ["eu-west-1", "us-east-1"]),
        ("cn-north-1", ["us-east-1", "cn-northwest-1"], ["cn-northwest-1"]),
        ("us-gov-east-1", ["us-east-1", "us-isob-east-1"], []),
    ],
)
def test_the_nearest_regions_come_first_and_no_partition_is_left(
    region: str, among: list[str], first: list[str]
) -> None:
    assert nearest(region, among) == first
