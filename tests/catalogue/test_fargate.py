"""The sizes of tasks on Fargate, and what is said of those that there are not."""

import pytest

from catalogue import fargate


@pytest.mark.parametrize(("vcpu", "memory_gb"), [(0.25, 0.5), (0.5, 4), (1, 8), (4, 30), (8, 60), (16, 120)])
def test_sizes_at_the_edge_can_be_had(vcpu: float, memory_gb: float) -> None:
    fargate.require(vcpu, memory_gb)


@pytest.mark.parametrize(
    ("vcpu", "memory_gb", "said"),
    [
        (3, 8, "Fargate has tasks of 0.25, 0.5, 1, 2, 4, 8, 16 vCPU"),
        (0.25, 4, "with 0.25 vCPU, Fargate has 0.5, 1, 2 GB"),
        (8, 17, "with 8 vCPU, Fargate has 16 to 60 in steps of 4 GB"),
        (16, 121, "with 16 vCPU, Fargate has 32 to 120 in steps of 8 GB"),
    ],
)
def test_other_sizes_are_refused_with_those_that_there_are(vcpu: float, memory_gb: float, said: str) -> None:
    with pytest.raises(fargate.FargateError) as caught:
        fargate.require(vcpu, memory_gb)

    assert str(caught.value).startswith(said)


def test_units_are_those_that_ecs_counts_in() -> None:
    assert (fargate.cpu_units(0.25), fargate.memory_mib(0.5)) == (256, 512)
