"""Which Deep Learning AMIs AWS builds, and under which public parameter each is found."""

import pytest

from catalogue import dlami
from catalogue.dlami import DlamiError, Flavour, Line, fault, line
from catalogue.ec2_types import Processor, ec2_types

LINES = list(dlami.lines())
FAMILIES = {one.family for one in ec2_types().values()}


@pytest.mark.parametrize(
    ("flavour", "system", "processor", "version", "parameter"),
    [
        ("base", "ubuntu-24.04", "x86_64", None, "x86_64/base-oss-nvidia-driver-gpu-ubuntu-24.04"),
        ("base", "amazon-linux-2023", "arm64", None, "arm64/base-oss-nvidia-driver-gpu-amazon-linux-2023"),
        ("pytorch", "ubuntu-24.04", "x86_64", "2.10", "x86_64/oss-nvidia-driver-gpu-pytorch-2.10-ubuntu-24.04"),
        ("pytorch", "ubuntu-24.04", "arm64", "2.12", "arm64/oss-nvidia-driver-gpu-pytorch-2.12-ubuntu-24.04"),
        ("pytorch", "ubuntu-26.04", "x86_64", None, "x86_64/oss-nvidia-driver-gpu-pytorch-2.14-ubuntu-26.04"),
        ("tensorflow", "ubuntu-22.04", "x86_64", None, "x86_64/oss-nvidia-driver-gpu-tensorflow-2.18-ubuntu-22.04"),
    ],
)
def test_line_is_found_under_the_name_that_is_in_use(
    flavour: Flavour, system: str, processor: Processor, version: str | None, parameter: str
) -> None:
    assert (
        line(flavour, system, processor, version).parameter
        == f"/aws/service/deeplearning/ami/{parameter}/latest/ami-id"
    )


@pytest.mark.parametrize("one", LINES, ids=lambda one: one.parameter.split("/")[5] + one.processor)
def test_every_line_can_be_asked_for_and_has_a_parameter_of_its_own(one: Line) -> None:
    assert line(one.flavour, one.system, one.processor, one.version or None) == one
    assert [other.parameter for other in LINES].count(one.parameter) == 1


def test_newest_version_of_a_line_comes_by_itself() -> None:
    found = line("pytorch", "ubuntu-24.04", "x86_64")

    assert (found.version, found.login, found.python) == ("2.12", "ubuntu", "/opt/pytorch/bin/python")
    assert line("base", "amazon-linux-2023", "x86_64").login == "ec2-user"
    assert line("base", "amazon-linux-2023", "x86_64").python == ""


@pytest.mark.parametrize(
    ("flavour", "system", "processor", "version", "said"),
    [
        ("base", "windows-2022", "x86_64", None, "no Deep Learning AMI for Windows any more; use ubuntu-24.04"),
        ("base", "Windows", "x86_64", None, "use ubuntu-24.04"),
        ("base", "amazon-linux-2", "x86_64", None, "use amazon-linux-2023"),
        ("pytorch", "ubuntu-20.04", "x86_64", None, "2025-05-31"),
        ("pytorch", "debian-13", "x86_64", None, "use ubuntu-22.04, ubuntu-24.04"),
        ("pytorch", "ubuntu-26.04", "arm64", None, "on arm64 there are ubuntu-22.04"),
        ("tensorflow", "ubuntu-24.04", "x86_64", None, "there are ubuntu-22.04, amazon-linux-2023"),
        ("tensorflow", "ubuntu-22.04", "arm64", None, "none: choose pytorch"),
        ("pytorch", "ubuntu-24.04", "x86_64", "2.4", "there are 2.8, 2.9"),
        ("base", "ubuntu-24.04", "x86_64", "2.12", "leave the version out"),
    ],
)
def test_line_that_aws_does_not_build_is_refused_with_what_it_builds(
    flavour: Flavour, system: str, processor: Processor, version: str | None, said: str
) -> None:
    with pytest.raises(DlamiError, match=said) as refused:
        line(flavour, system, processor, version)

    assert "\n" not in str(refused.value)


def test_family_that_a_flavour_does_not_name_is_a_fault() -> None:
    without = {family for family in FAMILIES if fault("pytorch", family)}

    assert without == {"g7", "p6-b300"}
    assert "base" in str(fault("pytorch", "g7"))
    assert fault("base", "g7") is None
    assert fault("pytorch", "g5") is None
