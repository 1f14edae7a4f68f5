"""What Neo compiles, and what it is refused."""

import json
from dataclasses import replace

import pytest

from tests.functions.training_request.aws_shape import model
from tests.functions.training_request.conftest import (
    GPU,
    PACKAGE,
    VERSION,
    Json,
    planned,
    refusals,
    train,
    tune,
    version,
)
from training_request import neo
from training_request.hyperparameters import IMAGE_SIZES

PICTURES = train(
    algorithm="image-classification",
    data={"train": "s3://datasets/a/", "validation": "s3://datasets/b/"},
    hyperparameters={"num_classes": 3, "num_training_samples": 60},
    instance_type="ml.g4dn.xlarge",
)


def compiled(request: Json, told: object = GPU, **wanted: object) -> Json:
    plan: Json = planned(request | {"compile": wanted}, told=told)["compilation"]  # type: ignore[arg-type]
    return plan


def test_every_device_of_sagemaker_is_known() -> None:
    assert set(neo.TARGETS) == set(model().shape_for("TargetDevice").metadata["enum"])


def test_every_platform_of_sagemaker_is_known() -> None:
    assert set(neo.SYSTEMS) == set(model().shape_for("TargetPlatformOs").metadata["enum"])
    assert set(neo.ARCHITECTURES) == set(model().shape_for("TargetPlatformArch").metadata["enum"])
    assert {*neo.ACCELERATORS, "NNA"} == set(model().shape_for("TargetPlatformAccelerator").metadata["enum"])


@pytest.mark.parametrize(("network", "side"), IMAGE_SIZES.items())
def test_an_own_model_is_onnx_with_pictures_of_its_size(network: str, side: int) -> None:
    found = compiled(train(hyperparameters={"model": network}), target="rasp4b")

    assert found["input"]["Framework"] == "ONNX"
    assert "FrameworkVersion" not in found["input"]
    assert json.loads(found["input"]["DataInputConfig"]) == {"pixel_values": [1, 3, side, side]}
    assert found["output_config"]["TargetDevice"] == "rasp4b"
    assert found["output_config"]["S3OutputLocation"].endswith("/compiled/")


def test_the_size_that_somebody_chose_is_taken() -> None:
    found = compiled(train(hyperparameters={"image_size": "96"}), target="ml_c5")

    assert json.loads(found["input"]["DataInputConfig"]) == {"pixel_values": [1, 3, 96, 96]}


def test_a_built_in_classifier_is_mxnet() -> None:
    found = compiled(PICTURES, target="ml_m5")

    assert (found["input"]["Framework"], found["input"]["FrameworkVersion"]) == ("MXNET", "1.8")
    assert json.loads(found["input"]["DataInputConfig"]) == {"data": [1, 3, 224, 224]}


def test_nvidia_gets_the_options_of_awss_own_example_or_those_of_the_request() -> None:
    usual = compiled(train(), target="jetson_nano")
    own = compiled(train(), target="jetson_nano", options={"gpu-code": "sm_53", "trt-ver": "7.1.3", "cuda-ver": "10.2"})

    assert json.loads(usual["output_config"]["CompilerOptions"])["trt-ver"] == "5.0.6"
    assert json.loads(own["output_config"]["CompilerOptions"])["trt-ver"] == "7.1.3"


def test_a_platform_is_compiled_for() -> None:
    found = compiled(train(), platform={"os": "LINUX", "arch": "ARM64"}, max_run_minutes=5)

    assert found["output_config"]["TargetPlatform"] == {"Os": "LINUX", "Arch": "ARM64"}
    assert found["max_run_seconds"] == 300


@pytest.mark.parametrize(
    ("wanted", "key", "reason"),
    [
        ({"target": "jetson_nan"}, "compile.target", 'Neo has no target "jetson_nan"; did you mean jetson_nano?'),
        ({"target": "rasp4"}, "compile.target", 'Neo has no target "rasp4"; did you mean rasp4b?'),
        (
            {"target": "Jetson"},
            "compile.target",
            ('Neo has no target "Jetson"; did you mean jetson_nano, jetson_tx1, jetson_tx2 or jetson_xavier?'),
        ),
        (
            {"target": "coreml"},
            "compile.target",
            "coreml: Neo converts TensorFlow and PyTorch models to Core ML, and no others",
        ),
        (
            {"target": "ml_p3"},
            "compile.target",
            "ml_p3: no instance is left to run it on: EC2 offers P3 in no region any more; use ml_g4dn",
        ),
        ({"target": "ml_inf1"}, "compile.target", "Neo compiles no ONNX models for ml_inf1; use ml_c5 or a device"),
        (
            {"target": "ml_trn1"},
            "compile.target",
            "ml_trn1: Neo compiles neither ONNX nor MXNet models for it; use ml_c5, ml_m5 or ml_g4dn",
        ),
        ({"platform": {"os": "WINDOWS", "arch": "X86_64"}}, "compile.platform.os", "must be LINUX or ANDROID"),
        (
            {"platform": {"os": "LINUX", "arch": "X86"}},
            "compile.platform.arch",
            "must be one of ARM64, ARM_EABI, ARM_EABIHF and X86_64 for LINUX",
        ),
        (
            {"platform": {"os": "ANDROID", "arch": "ARM64", "accelerator": "NVIDIA"}},
            "compile.platform.accelerator",
            "Neo compiles for no NVIDIA under ANDROID",
        ),
        (
            {"platform": {"os": "LINUX", "arch": "ARM64", "accelerator": "NNA"}},
            "compile.platform.accelerator",
            "must be one of INTEL_GRAPHICS, MALI and NVIDIA, or left out",
        ),
        (
            {"platform": {"os": "LINUX", "arch": "ARM64", "accelerator": "NVIDIA"}, "options": {"gpu-code": "sm_72"}},
            "compile.options",
            (
                "must name trt-ver and cuda-ver for NVIDIA, "
                'as in {"gpu-code": "sm_72", "trt-ver": "6.0.1", "cuda-ver": "10.1"}'
            ),
        ),
        (
            {"target": "ml_c5", "options": {"mcpu": "x" * 1100}},
            "compile.options",
            "must be 1024 characters at most as JSON",
        ),
        (
            {"target": "ml_c5", "options": {"mcpu": float("nan")}},
            "compile.options",
            "must be 1024 characters at most as JSON",
        ),
    ],
)
def test_what_neo_does_not_take_is_refused(wanted: Json, key: str, reason: str) -> None:
    assert refusals(train() | {"compile": wanted}) == {key: reason}


@pytest.mark.parametrize("algorithm", ["xgboost", "kmeans", "forecasting-deepar"])
def test_a_model_that_neo_does_not_take_is_refused(algorithm: str) -> None:
    request = train(algorithm=algorithm, data={"train": "s3://datasets/x/"}) | {"compile": {"target": "ml_c5"}}

    said = refusals(request)

    assert "leave compile out" in said["compile"]


def test_a_size_that_is_tuned_is_not_known() -> None:
    request = tune(ranges={"image_size": {"kind": "integer", "min": 32, "max": 128}}) | {"compile": {"target": "ml_c5"}}

    reason = "the shape of the model's input is known only when image_size stands fast; take it out of tune.ranges"
    assert refusals(request) == {"compile": reason}


def test_a_size_that_only_a_folder_knows_is_asked_for() -> None:
    data = {"train": "s3://datasets/a/", "pretrained": "s3://models/resnet/"}
    request = train(data=data, hyperparameters={"model": "pretrained"})

    assert list(refusals(request | {"compile": {"target": "ml_c5"}})) == ["compile.input_shape"]
    assert list(refusals(train(data=data) | {"compile": {"target": "ml_c5"}})) == ["compile.input_shape"]
    assert refusals(request | {"compile": {"target": "ml_c5", "input_shape": [1, 3, 288, 288]}}) == {}


def test_a_version_is_compiled_by_what_its_metadata_tells() -> None:
    found = planned(version(compile={"target": "ml_c5"}), VERSION)["compilation"]

    assert json.loads(found["input"]["DataInputConfig"]) == {"pixel_values": [1, 3, 64, 64]}


@pytest.mark.parametrize(
    ("metadata", "key"),
    [
        ({"algorithm": "own", "image_size": "large"}, "compile.input_shape"),
        ({"algorithm": "image-classification", "image_shape": "large"}, "compile.input_shape"),
        ({"algorithm": "xgboost"}, "compile"),
        ({"algorithm": "own"}, "compile.input_shape"),
        ({}, "compile.input_shape"),
    ],
)
def test_a_version_that_cannot_be_compiled_is_refused(metadata: dict[str, str], key: str) -> None:
    facts = replace(VERSION, package=replace(PACKAGE, metadata=metadata))

    assert list(refusals(version(compile={"target": "ml_c5"}), facts)) == [key]


def test_an_own_model_is_newer_than_what_awss_pages_name() -> None:
    plan = planned(train() | {"compile": {"target": "ml_c5"}})

    assert len(plan["warnings"]) == 1
    assert "opset 12" in plan["warnings"][0]


def test_a_built_in_classifier_keeps_the_shape_of_its_pictures_in_its_version() -> None:
    known = planned(PICTURES | {"train": {**PICTURES["train"], "hyperparameters": SHAPED}}, told=GPU)["metadata"]
    facts = replace(VERSION, package=replace(PACKAGE, metadata=known))

    plan = planned(version(compile={"target": "ml_c5"}), facts)

    assert json.loads(plan["compilation"]["input"]["DataInputConfig"]) == {"data": [1, 3, 128, 96]}
    assert plan["warnings"] == []


SHAPED = {"num_classes": 3, "num_training_samples": 60, "image_shape": "3,128,96"}


@pytest.mark.parametrize("sides", [1, 8])
def test_an_input_has_one_to_eight_sides(sides: int) -> None:
    found = compiled(train(), target="ml_c5", input_shape=[100_000] * sides)

    assert json.loads(found["input"]["DataInputConfig"]) == {"pixel_values": [100_000] * sides}
    assert list(refusals(train() | {"compile": {"target": "ml_c5", "input_shape": [1] * 9}})) == ["compile.input_shape"]
