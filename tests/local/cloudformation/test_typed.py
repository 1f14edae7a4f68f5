"""Templates write numbers and truths as text, too; what no call takes is refused in CloudFormation's words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.cloudformation.failure import FinalError
from mlstack.local.cloudformation.typed import typed


def template(**data: object) -> dict[str, Any]:
    return typed("ec2", "CreateLaunchTemplate", {"LaunchTemplateName": "x", "LaunchTemplateData": data})


@given(st.integers(0, 10**6), st.booleans())
def test_text_becomes_what_the_call_takes_and_the_rest_stays(size: int, encrypted: bool) -> None:  # noqa: FBT001 - drawn
    written, given_as = (
        [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": number, "Encrypted": truth}}]
        for number, truth in ((str(size), str(encrypted).lower()), (size, encrypted))
    )

    made = template(BlockDeviceMappings=written)

    assert made == template(BlockDeviceMappings=given_as)
    assert made["LaunchTemplateData"]["BlockDeviceMappings"] == given_as


def test_numbers_and_truths_become_text_where_the_call_takes_text() -> None:
    assert template(KeyName=7, ImageId=True)["LaunchTemplateData"] == {"KeyName": "7", "ImageId": "true"}


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"Imageid": "ami-1"}, r"#/LaunchTemplateData: extraneous key \[Imageid\]"),
        (
            {"BlockDeviceMappings": [{"DeviceName": "a"}, {"Ebs": {"Size": 1}}]},
            r"#/LaunchTemplateData/BlockDeviceMappings/1/Ebs: extraneous key \[Size\]",
        ),
        (
            {"MetadataOptions": {"HttpPutResponseHopLimit": "two"}},
            r"#/LaunchTemplateData/MetadataOptions/HttpPutResponseHopLimit: expected type: integer, found: String",
        ),
    ],
)
def test_what_the_call_does_not_take_is_refused_where_it_stands(data: dict[str, Any], where: str) -> None:
    with pytest.raises(FinalError, match=where):
        template(**data)
