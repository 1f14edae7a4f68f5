"""What a person reads where EC2 does not start a machine."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.workstation.machine import Machine
from mlstack.workstation.refusals import mended


def machine(instance_type: str, *, is_spot: bool = False, zone: str = "") -> Machine:
    return Machine(
        id="i-1",
        state="stopped",
        instance_type=instance_type,
        launched_at=datetime(2026, 11, 22, tzinfo=UTC),
        is_spot=is_spot,
        zone=zone,
    )


@pytest.mark.parametrize(
    ("instance_type", "is_spot", "quota"),
    [
        ("g5.xlarge", False, "Running On-Demand G and VT instances"),
        ("g4dn.xlarge", False, "L-DB2E81BA"),
        ("gr6.4xlarge", False, "Running On-Demand G and VT instances"),
        ("g6e.xlarge", True, "All G and VT Spot Instance Requests"),
        ("p4d.24xlarge", False, "Running On-Demand P instances"),
        ("p5.48xlarge", True, "the quota of its family"),
        ("m7i.xlarge", False, "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"),
        ("c7g.xlarge", True, "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests"),
        ("u-6tb1.metal", False, "the quota of its family"),
        ("", False, "the quota of its family"),
    ],
)
def test_a_quota_is_named_as_aws_names_it(instance_type: str, is_spot: bool, quota: str) -> None:  # noqa: FBT001 (a table's column)
    said = mended("VcpuLimitExceeded", machine(instance_type, is_spot=is_spot))

    assert quota in said
    assert "https://console.aws.amazon.com/servicequotas/home/services/ec2/quotas" in said


def test_a_lack_of_room_names_the_zone_where_it_is_known() -> None:
    assert "free in us-east-1a now" in mended("InsufficientInstanceCapacity", machine("g5.xlarge", zone="us-east-1a"))
    assert "free now" in mended("InsufficientInstanceCapacity", machine("g5.xlarge"))


@given(code=st.text(), instance_type=st.text())
def test_a_code_that_is_not_known_here_is_left_to_aws(code: str, instance_type: str) -> None:
    said = mended(code, machine(instance_type))

    assert not said or code in {"VcpuLimitExceeded", "InstanceLimitExceeded"}
