"""Images: each has one address in a region, and whoever asks for another gets one line that names what there is."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import images
from catalogue.algorithms import ALGORITHMS
from catalogue.image_lines import LINES
from catalogue.images import ClosedError, ImageError, NotOfferedError, UnknownImageError, UnknownRegionError, image, uri
from catalogue.regions import partition, url_suffix

ADDRESS = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.([a-z0-9.-]+)/([a-z0-9/_-]+):([A-Za-z0-9_.-]{1,128})")
EU_WEST_3 = "763104351884.dkr.ecr.eu-west-3.amazonaws.com"
names = st.sampled_from(images.NAMES)


@pytest.mark.parametrize(
    ("name", "region", "address"),
    [
        (
            "pytorch-training-gpu",
            "us-east-1",
            "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch:2.14-cu133-amzn2023-sagemaker",
        ),
        (
            "pytorch-2.13-training-cpu",
            "cn-north-1",
            "727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn/pytorch:2.13-cpu-amzn2023-sagemaker",
        ),
        (
            "pytorch-inference-cpu",
            "us-gov-west-1",
            "442386744353.dkr.ecr.us-gov-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312",
        ),
        (
            "huggingface-inference-gpu",
            "eu-west-3",
            f"{EU_WEST_3}/huggingface-pytorch-inference:2.6.0-transformers5.5.3-gpu-py312-cu124-ubuntu22.04",
        ),
        ("triton-gpu", "us-west-2", "763104351884.dkr.ecr.us-west-2.amazonaws.com/sagemaker-tritonserver:26.05-py3"),
        (
            "triton-cpu",
            "us-west-2",
            "763104351884.dkr.ecr.us-west-2.amazonaws.com/sagemaker-tritonserver:26.05-py3-cpu",
        ),
        ("xgboost", "eu-west-3", "659782779980.dkr.ecr.eu-west-3.amazonaws.com/sagemaker-xgboost:3.2-0"),
        ("lda", "eu-west-1", "999678624901.dkr.ecr.eu-west-1.amazonaws.com/lda:1"),
        ("kmeans", "us-iso-east-1", "490574956308.dkr.ecr.us-iso-east-1.c2s.ic.gov/kmeans:1"),
        ("kmeans", "us-isob-east-1", "765400339828.dkr.ecr.us-isob-east-1.sc2s.sgov.gov/kmeans:1"),
        ("kmeans", "us-isof-south-1", "124985052026.dkr.ecr.us-isof-south-1.csp.hci.ic.gov/kmeans:1"),
        (
            "ray-serve-cpu",
            "eu-isoe-west-1",
            "371248457586.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk/ray:serve-ml-sagemaker-cpu-v1.4",
        ),
        (
            "ray-serve-gpu",
            "eusc-de-east-1",
            "204133271717.dkr.ecr.eusc-de-east-1.amazonaws.eu/ray:serve-ml-sagemaker-cuda-v1.4",
        ),
    ],
)
def test_an_image_has_this_address(name: str, region: str, address: str) -> None:
    assert uri(name, region) == address


def pairs(*, offered: bool) -> list[tuple[str, str]]:
    """Every image with every region that has it, or that has it not."""
    return [
        (name, region)
        for name in images.NAMES
        for region in sorted(images.regions())
        if (region in image(name).accounts) == offered
    ]


@given(st.sampled_from(pairs(offered=True)))
def test_an_address_is_the_account_the_region_the_suffix_of_its_partition_and_the_tag(pair: tuple[str, str]) -> None:
    name, region = pair

    found = ADDRESS.fullmatch(uri(name, region))

    assert found
    assert found.groups() == (
        image(name).accounts[region],
        region,
        url_suffix(region),
        image(name).repository,
        image(name).tag,
    )


@given(st.sampled_from(pairs(offered=False)))
def test_what_a_region_lacks_names_all_regions_of_its_partition_that_have_it(pair: tuple[str, str]) -> None:
    name, region = pair

    with pytest.raises(NotOfferedError) as caught:
        uri(name, region)

    assert set(caught.value.regions) == {one for one in image(name).accounts if partition(one) == partition(region)}
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("name", "region", "said"),
    [
        ("lda", "eu-west-3", "the nearest regions that have it are eu-west-1, eu-west-2, eu-central-1, "),
        ("lda", "eu-west-3", "ntm is offered there"),
        ("lda", "us-gov-east-1", "the nearest regions that have it are us-gov-west-1; ntm is offered there"),
        ("lda", "af-south-1", "that have it are eu-"),
        ("pytorch-training-gpu", "cn-north-1", "no region of its partition has it; pytorch-2.13-training-gpu is "),
        ("lda", "eusc-de-east-1", "lda is not offered in eusc-de-east-1; no region of its partition has it"),
    ],
)
def test_a_region_without_the_image_names_where_to_go(name: str, region: str, said: str) -> None:
    with pytest.raises(NotOfferedError, match=re.escape(said)):
        uri(name, region)


def test_no_region_is_told_to_use_an_image_that_it_lacks() -> None:
    for name in images.NAMES:
        for region in images.regions() - image(name).accounts.keys():
            with pytest.raises(NotOfferedError) as caught:
                uri(name, region)
            other = image(name).instead

            assert (f"{other} is offered there" in str(caught.value)) == bool(other and region in image(other).accounts)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("xgboots", "'xgboots' is no image in the catalogue; did you mean xgboost?"),
        ("pytorch-training", "did you mean pytorch-training-cpu or pytorch-training-gpu?"),
        ("image-classification-mxnet", "did you mean image-classification?"),
        ("deepar", "did you mean forecasting-deepar?"),
        ("", "see `mlstack image uri` for all"),
        ("\x1b[2J\n", r"'\x1b[2J\n' is no image"),
        ("💥" * 10_000, "is no image in the catalogue"),
    ],
)
def test_a_name_that_nobody_knows_is_one_short_line(name: str, said: str) -> None:
    with pytest.raises(UnknownImageError) as caught:
        image(name)

    assert said in str(caught.value)
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("region", ["us-east-9", "US-EAST-1", "moon", "", "\n", "us-iso-west-1", "x" * 10_000])
def test_a_region_that_nobody_knows_is_one_short_line(region: str) -> None:
    with pytest.raises(UnknownRegionError) as caught:
        uri("xgboost", region)

    assert "is no region with images of AWS" in str(caught.value)
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("name", "successor"),
    [
        ("mxnet", "pytorch-training-gpu"),
        ("MXNet-Inference", "pytorch-training-gpu"),
        ("gluoncv", "torchvision"),
        ("elastic-inference", "ml.inf2.xlarge"),
        ("pytorch-inference-eia", "ml.g4dn.xlarge"),
        ("clarify", "processing job"),
        ("model-monitor", "capture the endpoint's data"),
        ("debugger", "CloudWatch"),
    ],
)
def test_what_aws_has_closed_names_what_took_its_place(name: str, successor: str) -> None:
    with pytest.raises(ClosedError, match="is closed since 202") as caught:
        uri(name, "us-east-1")

    assert successor in str(caught.value)


@given(st.text().filter(lambda text: text.strip().casefold() not in images.NAMES), st.text())
def test_whatever_is_asked_the_reason_is_one_line(name: str, region: str) -> None:
    with pytest.raises(ImageError) as caught:
        uri(name, region)

    assert str(caught.value).isprintable()


@given(names, st.sampled_from([str.upper, str.title, str.casefold]), st.sampled_from("-_ "))
def test_a_name_may_be_written_as_people_write_it(name: str, case: object, space: str) -> None:
    written = case(name.replace("-", space)) if callable(case) else name

    assert image(f" {written} ") == image(name)


@pytest.mark.parametrize("name", [name for name in images.NAMES if LINES[name].end_of_patch])
def test_an_image_is_patched_until_its_last_day(name: str) -> None:
    found = image(name)
    assert found.end_of_patch

    assert found.is_patched(found.end_of_patch)
    assert not found.is_patched(found.end_of_patch + timedelta(days=1))


def test_an_image_without_a_named_end_counts_as_patched() -> None:
    assert image("image-classification").is_patched(date.max)


def test_torchserve_is_out_of_patch_and_not_closed() -> None:
    found = image("pytorch-inference-cpu")

    assert not found.is_patched(date(2026, 7, 1))
    assert uri(found.name, "us-east-1")


def test_all_17_algorithms_have_an_image() -> None:
    algorithms = {name for name in images.NAMES if image(name).kind == "algorithm"}

    assert len(algorithms) == 17
    assert algorithms == set(ALGORITHMS)


def test_lda_is_in_16_regions() -> None:
    assert len(image("lda").accounts) == 16
