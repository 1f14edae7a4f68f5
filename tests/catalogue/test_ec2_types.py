"""On which types of EC2 a Deep Learning AMI runs, and why not on the others."""

from typing import Any

import pytest
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from catalogue import ec2_types
from catalogue.ec2_types import Ec2TypeError, ec2_type


@pytest.fixture(scope="module")
def known_to_ec2() -> frozenset[str]:
    """Every type in EC2's own model."""
    shape: Any = Session().get_service_model("ec2").shape_for("InstanceType")
    return frozenset(shape.enum)


def test_every_type_is_one_of_ec2s(known_to_ec2: frozenset[str]) -> None:
    assert set(ec2_types.ec2_types()) <= known_to_ec2


def test_every_size_of_a_family_with_a_gpu_is_there(known_to_ec2: frozenset[str]) -> None:
    families = {one.family for one in ec2_types.ec2_types().values() if one.gpu}

    assert {name for name in known_to_ec2 if name.partition(".")[0] in families} <= set(ec2_types.ec2_types())


@pytest.mark.parametrize(
    ("name", "processor", "gpu"),
    [
        ("g4dn.xlarge", "x86_64", True),
        ("g5g.2xlarge", "arm64", True),
        ("p5.48xlarge", "x86_64", True),
        ("p6-b200.48xlarge", "x86_64", True),
        ("m7i.large", "x86_64", False),
        ("c8g.4xlarge", "arm64", False),
        ("t3.medium", "x86_64", False),
        ("t4g.medium", "arm64", False),
        ("r7gd.large", "arm64", False),
    ],
)
def test_type_has_this_processor_and_a_gpu_or_none(name: str, processor: str, gpu: bool) -> None:  # noqa: FBT001
    found = ec2_type(name)

    assert (found.processor, found.gpu) == (processor, gpu)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("p2.xlarge", "use g4dn or g5"),
        ("p3.2xlarge", "V100"),
        ("p3dn.24xlarge", "use p4d"),
        ("g3.4xlarge", "use g4dn"),
        ("g4ad.xlarge", "AMD"),
        ("p6e-gb200.36xlarge", "UltraServers"),
        ("t3.nano", "use t3.medium"),
        ("trn1.2xlarge", "Neuron"),
        ("inf2.xlarge", "Neuron"),
        ("ml.g5.xlarge", "EC2's is g5.xlarge"),
        ("g5.xlrge", "did you mean g5.xlarge"),
        ("", "name one such as g5.xlarge"),
    ],
)
def test_type_on_which_no_image_runs_is_refused_with_its_reason_and_successor(name: str, said: str) -> None:
    with pytest.raises(Ec2TypeError, match=said) as refused:
        ec2_type(name)

    assert "\n" not in str(refused.value)


@given(st.text(max_size=200))
def test_any_other_text_is_refused_in_one_line(name: str) -> None:
    if name in ec2_types.ec2_types():
        return
    with pytest.raises(Ec2TypeError) as refused:
        ec2_type(name)

    assert len(str(refused.value)) < 400
