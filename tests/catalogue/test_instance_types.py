"""Instance types: everything SageMaker's API takes is known, and said of it is what EC2 says of the same hardware."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.instance_types import UnknownInstanceTypeError, instance_type, instance_types
from scripts import instance_types as script

names = st.sampled_from(sorted(instance_types()))


def test_every_type_is_as_botocore_and_ec2_have_it_now() -> None:
    written = json.loads(script.TARGET.read_text(encoding="utf-8"))

    assert written["families"] == script.installed()["families"], "run `python scripts/instance_types.py`"


def test_the_file_is_as_the_script_writes_one() -> None:
    text = script.TARGET.read_text(encoding="utf-8")

    assert script.text(json.loads(text)) == text


@pytest.mark.parametrize(
    ("name", "vcpus", "memory_gib", "gpus", "burstable", "local_storage", "accelerator", "processor"),
    [
        ("ml.t3.medium", 2, 4, 0, True, False, "none", "x86_64"),
        ("ml.t2.medium", 2, 4, 0, True, False, "none", "x86_64"),
        ("ml.m5.large", 2, 8, 0, False, False, "none", "x86_64"),
        ("ml.m5d.large", 2, 8, 0, False, True, "none", "x86_64"),
        ("ml.c4.large", 2, 3.75, 0, False, False, "none", "x86_64"),
        ("ml.c7g.xlarge", 4, 8, 0, False, False, "none", "arm64"),
        ("ml.r8g.medium", 1, 8, 0, False, False, "none", "arm64"),
        ("ml.g4dn.xlarge", 4, 16, 1, False, True, "gpu", "x86_64"),
        ("ml.g5.12xlarge", 48, 192, 4, False, True, "gpu", "x86_64"),
        ("ml.g6e.48xlarge", 192, 1536, 8, False, True, "gpu", "x86_64"),
        ("ml.p4d.24xlarge", 96, 1152, 8, False, True, "gpu", "x86_64"),
        ("ml.p5.48xlarge", 192, 2048, 8, False, True, "gpu", "x86_64"),
        ("ml.inf2.xlarge", 4, 16, 0, False, False, "neuron", "x86_64"),
        ("ml.trn1.32xlarge", 128, 512, 0, False, True, "neuron", "x86_64"),
        ("ml.p3.2xlarge", None, None, 0, False, False, "gpu", "x86_64"),
        ("ml.p6e-gb200.36xlarge", None, None, 0, False, True, "gpu", "arm64"),
    ],
)
def test_a_type_has_this_hardware(  # noqa: PLR0913 - a row of the table
    name: str,
    vcpus: int | None,
    memory_gib: float | None,
    gpus: int,
    *,
    burstable: bool,
    local_storage: bool,
    accelerator: str,
    processor: str,
) -> None:
    found = instance_type(name)

    assert (found.vcpus, found.memory_gib, found.gpus) == (vcpus, memory_gib, gpus)
    assert (found.burstable, found.local_storage) == (burstable, local_storage)
    assert (found.accelerator, found.processor) == (accelerator, processor)


@pytest.mark.parametrize(
    "family", ["c5d", "c6gd", "g4dn", "g5", "g6", "g6e", "g7e", "m5d", "p4d", "p5", "r6gd", "trn1"]
)
def test_families_to_which_the_sagemaker_sdk_attaches_no_volume_have_storage_of_their_own(family: str) -> None:
    found = [one for one in instance_types().values() if one.family == family]

    assert found
    assert all(one.local_storage for one in found)


@given(names)
def test_a_name_is_its_family_and_size(name: str) -> None:
    found = instance_type(name)

    assert name == f"ml.{found.family}.{found.size}"


@given(names)
def test_what_has_gpus_is_called_so_and_what_can_be_had_has_numbers(name: str) -> None:
    found = instance_type(name)

    assert found.gpus == 0 or found.accelerator == "gpu"
    assert (found.gpus > 0) == (found.gpu_memory_gib is not None)
    assert found.vcpus or found.retired or found.family in {"p6e-gb200", "geospatial"}


@given(names)
def test_only_small_general_families_are_burstable(name: str) -> None:
    assert instance_type(name).burstable == (instance_type(name).family in {"t2", "t3"})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ml.p2.xlarge", "use ml.g4dn or ml.g5"),
        ("ml.p3.8xlarge", "use ml.g5 or ml.g6"),
        ("ml.dl1.24xlarge", "use ml.g6 or ml.trn1"),
        ("ml.eia2.medium", "Elastic Inference ended on 2023-04-15; use an instance with a whole accelerator"),
    ],
)
def test_what_can_no_longer_be_had_says_what_to_use(name: str, said: str) -> None:
    retired = instance_type(name).retired

    assert retired
    assert said in retired


@pytest.mark.parametrize("name", ["ml.p3dn.24xlarge", "ml.m4.xlarge", "ml.t2.medium", "ml.inf1.xlarge", "ml.g5.xlarge"])
def test_what_can_still_be_had_is_not_called_retired(name: str) -> None:
    assert instance_type(name).retired is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ml.m5.largo", "'ml.m5.largo' is no SageMaker instance type; did you mean ml.m5.large?"),
        ("m5.large", "did you mean ml.m5.large?"),
        ("ML.M5.LARGE", "did you mean ml.m5.large?"),
        ("ml.g4dn", "did you mean ml.g"),
        ("", "is no SageMaker instance type"),
        ("\x1b[2J\n", r"'\x1b[2J\n' is no SageMaker instance type"),
        ("ml." + "x" * 100_000, "name one such as ml.m5.large"),
    ],
)
def test_a_type_that_sagemaker_has_not_is_one_short_line(name: str, said: str) -> None:
    with pytest.raises(UnknownInstanceTypeError) as caught:
        instance_type(name)

    assert said in str(caught.value)
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


def test_every_use_has_types() -> None:
    uses = [use for one in instance_types().values() for use in one.uses]

    assert set(uses) == set(script.USES)


def test_sizes_of_a_family_that_differ_are_refused() -> None:
    plain = {
        "ProcessorInfo": {"SupportedArchitectures": ["x86_64"]},
        "BurstablePerformanceSupported": False,
        "InstanceStorageSupported": False,
        "VCpuInfo": {"DefaultVCpus": 2},
        "MemoryInfo": {"SizeInMiB": 1},
    }
    hardware = {"x9.large": plain, "x9.xlarge": {**plain, "InstanceStorageSupported": True}}

    with pytest.raises(ValueError, match=r"ml\.x9\.xlarge is not as the other sizes of x9"):
        script.document({"ml.x9.large": ["hosting"], "ml.x9.xlarge": ["hosting"]}, hardware, "")


def test_a_family_that_nobody_describes_is_refused() -> None:
    with pytest.raises(KeyError, match="z1"):
        script.document({"ml.z1.large": ["hosting"]}, {}, "")
