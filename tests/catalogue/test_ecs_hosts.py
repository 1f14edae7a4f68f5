"""Which instances GPU tasks of ECS run on, checked against what moto took from EC2 itself."""

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from catalogue import ecs_hosts
from catalogue.ec2_types import ec2_types


@pytest.mark.parametrize("name", ecs_hosts.HOSTS)
def test_gpus_and_memory_of_a_type_are_ec2s(name: str) -> None:
    known, host = INSTANCE_TYPES[name], ecs_hosts.HOSTS[name]

    assert host.gpus == sum(one["Count"] for one in known["GpuInfo"]["Gpus"])
    assert host.memory_gb == known["MemoryInfo"]["SizeInMiB"] // 1024
    assert known["ProcessorInfo"]["SupportedArchitectures"] == ["x86_64"]


def test_every_type_with_a_gpu_is_offered_or_has_a_reason() -> None:
    with_gpu = [one.name for one in ec2_types().values() if one.gpu and one.name not in ecs_hosts.HOSTS]

    assert with_gpu
    for name in with_gpu:
        with pytest.raises(ecs_hosts.EcsHostError, match=r"; use g|; use p"):
            ecs_hosts.require(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("g5.xlrge", "did you mean g5.xlarge"),
        ("ml.g5.xlarge", "EC2's is g5.xlarge"),
        ("m5.large", "m5.large has no GPU of NVIDIA's"),
        ("p3.2xlarge", "does not know its V100; use g5"),
        ("", "name one such as g4dn.xlarge"),
    ],
)
def test_what_cannot_be_used_is_said_with_what_can(name: str, said: str) -> None:
    with pytest.raises(ecs_hosts.EcsHostError) as caught:
        ecs_hosts.require(name)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
