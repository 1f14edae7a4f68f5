"""In what a machine differs from what the stage would make now, by two versions of a launch template."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.workstation.drift import differences

DISK = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 125, "VolumeType": "gp3", "Iops": 3000, "Throughput": 125}}
SPOT = {"MarketType": "spot", "SpotOptions": {"SpotInstanceType": "persistent"}}
NETWORK = {"AssociatePublicIpAddress": True, "SubnetId": "subnet-1", "Groups": ["sg-1"], "DeviceIndex": 0}
WAS = {
    "ImageId": "resolve:ssm:/aws/service/x/latest/ami-id",
    "BlockDeviceMappings": [DISK],
    "KeyName": "mine",
    "NetworkInterfaces": [NETWORK],
}


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({}, ()),
        ({"ImageId": "ami-1"}, ("image: has /aws/service/x/latest/ami-id, the profile says ami-1",)),
        (
            {"BlockDeviceMappings": [DISK | {"Ebs": DISK["Ebs"] | {"VolumeSize": 500}}]},  # type: ignore[operator]
            ("disk: has 125 GB gp3 3000 IOPS 125 MB/s, the profile says 500 GB gp3 3000 IOPS 125 MB/s",),
        ),
        ({"BlockDeviceMappings": [DISK, {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"}]}, ()),
        ({"InstanceMarketOptions": SPOT}, ("market: has on-demand, the profile says spot persistent",)),
        ({"KeyName": "\x1b[2J"}, ("key pair: has mine, the profile says \N{REPLACEMENT CHARACTER}[2J",)),
        ({"KeyName": ""}, ("key pair: has mine, the profile says none",)),
        ({"UserData": "x"}, ("boot script changed",)),
        ({"NetworkInterfaces": [NETWORK | {"SubnetId": "subnet-2"}]}, ("zone changed",)),
        ({"NetworkInterfaces": [NETWORK | {"Groups": ["sg-2"]}]}, ("security group changed",)),
        ({"NetworkInterfaces": [NETWORK | {"DeviceIndex": 1}]}, ("network interface changed",)),
        (
            {"NetworkInterfaces": [NETWORK | {"AssociatePublicIpAddress": False, "SubnetId": "subnet-3"}]},
            ("internet: has true, the profile says false",),
        ),
        ({"TagSpecifications": [{}]}, ()),
    ],
)
def test_a_difference_is_told_with_both_values(now: dict[str, object], told: tuple[str, ...]) -> None:
    assert differences(WAS, WAS | now) == told


@given(one=st.fixed_dictionaries({}, optional={"ImageId": st.text(), "KeyName": st.text(), "UserData": st.text()}))
def test_what_is_the_same_differs_in_nothing(one: dict[str, str]) -> None:
    assert differences(one, one) == ()
