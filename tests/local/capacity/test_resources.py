"""What an instance has for tasks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.ec2.models.instance_types import INSTANCE_TYPES

from catalogue.ecs_hosts import HOSTS
from mlstack.local.capacity.resources import Resources, of_type, smallest

HOST = Resources(gpus=1, cpu_units=4096, memory_mib=15722)
SIZES = st.builds(Resources, gpus=st.integers(0, 8), cpu_units=st.integers(0, 9999), memory_mib=st.integers(0, 9999))


def test_type_has_less_memory_than_its_name_says_and_what_is_kept_back() -> None:
    described = INSTANCE_TYPES["g4dn.xlarge"]

    assert of_type(described) == HOST
    assert of_type(described, reserved_mib=722).memory_mib == 15000
    assert of_type(described, tells_gpus=False).gpus == 0


@pytest.mark.parametrize("name", HOSTS)
def test_every_type_of_the_catalogue_is_known_with_its_gpus(name: str) -> None:
    found = of_type(INSTANCE_TYPES[name])

    assert found.gpus == HOSTS[name].gpus
    assert HOSTS[name].memory_gb * 1024 * 0.95 < found.memory_mib < HOSTS[name].memory_gb * 1024


@pytest.mark.parametrize("described", [{}, {"GpuInfo": {"Gpus": [{}]}, "MemoryInfo": {"SizeInMiB": 10}}])
def test_type_that_nobody_describes_has_nothing(described: dict[str, object]) -> None:
    assert of_type(described) == Resources()


def test_smallest_of_each_is_what_a_task_may_need() -> None:
    many = Resources(gpus=8, cpu_units=1024, memory_mib=100)

    assert smallest([HOST, many]) == Resources(gpus=1, cpu_units=1024, memory_mib=100)
    assert smallest([]) == Resources()


@given(SIZES, SIZES)
def test_what_is_put_together_comes_apart(one: Resources, other: Resources) -> None:
    assert (one + other) - other == one
    assert not (one + other).lacks(other)


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        (Resources(gpus=2, cpu_units=5000), "GPU"),
        (Resources(cpu_units=4097, memory_mib=20000), "CPU"),
        (Resources(memory_mib=15723), "MEMORY"),
        (HOST, ""),
    ],
)
def test_first_that_there_is_too_little_of_is_named(wanted: Resources, what: str) -> None:
    assert HOST.lacks(wanted) == what
