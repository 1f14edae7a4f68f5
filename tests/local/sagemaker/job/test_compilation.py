"""Compilation jobs check what Neo checks, and pack the same model."""

import io
import json
import tarfile
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import onnx
import pytest
from botocore.exceptions import ClientError
from onnx import TensorProto, helper

from tests.local.desk import ENDED, Desk, Json
from tests.local.patience import eventually

SHAPE = json.dumps({"pixel_values": [1, 3, 8, 8]})


def model(**inputs: list[int | None]) -> bytes:
    """An ONNX model with inputs of these shapes; a size that varies is None."""
    given = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [size or "batch" for size in shape])
        for name, shape in inputs.items()
    ]
    weight = helper.make_tensor("weight", TensorProto.FLOAT, [1], [1.0])
    same = helper.make_node("Identity", [given[0].name], ["out"])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, None)
    graph = helper.make_graph(
        [same], "graph", [*given, helper.make_tensor_value_info("weight", 1, [1])], [out], [weight]
    )
    data: bytes = onnx.ModelProto.SerializeToString(helper.make_model(graph))
    return data


def packed(**files: bytes) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("_", "."))
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return data.getvalue()


GOOD = packed(model_onnx=model(pixel_values=[None, 3, 8, 8]), config_json=b"{}")


def begun(desk: Desk, data: bytes | None, *, target: Json | None = None, **more: Any) -> str:  # noqa: ANN401
    """Begin a compilation job; its name."""
    name = f"compilation-{uuid4().hex[:8]}"
    if data is not None:
        desk.s3.put_object(Bucket=desk.bucket, Key=f"{name}/model.tar.gz", Body=data)
    desk.sagemaker.create_compilation_job(
        CompilationJobName=name,
        RoleArn=more.pop("RoleArn", desk.role),
        InputConfig={
            "S3Uri": desk.uri(f"{name}/model.tar.gz"), "DataInputConfig": SHAPE, "Framework": "ONNX", **more,
        },
        OutputConfig={"S3OutputLocation": desk.uri(f"{name}/compiled/"), **(target or {"TargetDevice": "jetson_nano"})},
        StoppingCondition={"MaxRuntimeInSeconds": 900},
    )  # fmt: skip
    return name


def compiled(desk: Desk, data: bytes | None, **more: Any) -> Json:  # noqa: ANN401
    return ended(desk, begun(desk, data, **more))


def ended(desk: Desk, name: str) -> Json:
    def look() -> Json | None:
        said: Json = desk.sagemaker.describe_compilation_job(CompilationJobName=name)
        return said if said["CompilationJobStatus"] in ENDED else None

    return eventually(look) or {}


@pytest.fixture(autouse=True)
def _soon(limits: Callable[..., Json]) -> None:
    limits(compile_seconds=0)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ({"TargetDevice": "ml_c5"}, "model-ml_c5.tar.gz"),
        ({"TargetPlatform": {"Os": "LINUX", "Arch": "ARM64"}}, "model-LINUX_ARM64.tar.gz"),
    ],
)
def test_a_good_model_is_packed_for_its_target(desk: Desk, target: Json, name: str) -> None:
    job = compiled(desk, GOOD, target=target)

    place = f"{job['CompilationJobName']}/compiled/{name}"
    assert (job["CompilationJobStatus"], job["FailureReason"]) == ("COMPLETED", "")
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == desk.uri(place)
    assert desk.s3.get_object(Bucket=desk.bucket, Key=place)["Body"].read() == GOOD
    assert len(job["ModelDigests"]["ArtifactDigest"]) == 64
    assert job["CreationTime"] <= job["CompilationStartTime"] <= job["CompilationEndTime"]
    [listed] = desk.sagemaker.list_compilation_jobs(NameContains=job["CompilationJobName"])["CompilationJobSummaries"]
    assert listed["CompilationJobStatus"] == "COMPLETED"
    with pytest.raises(ClientError, match="rejected because the compilation job is in status COMPLETED"):
        desk.sagemaker.stop_compilation_job(CompilationJobName=job["CompilationJobName"])


@pytest.mark.parametrize(
    ("data", "more", "reason"),
    [
        (None, {}, "ClientError: Cannot find the model at s3://"),
        (b"no archive", {}, "is no valid tar.gz archive"),
        (packed(readme_md=b"x"), {}, "ClientError: InputConfiguration: No .onnx file found in s3://"),
        (
            packed(a_onnx=b"1", b_onnx=b"2"),
            {},
            "Multiple .onnx files provided, a.onnx, b.onnx, when only one is allowed",
        ),
        (packed(a_onnx=b"no model"), {}, "TVM cannot convert ONNX model. Please make sure the framework you selected"),
        (GOOD, {"DataInputConfig": '{"input": [1, 3, 8, 8]}'}, "names input, the model's inputs are pixel_values"),
        (GOOD, {"DataInputConfig": '{"pixel_values": [1, 3, 9, 8]}'}, "has wrong shape in Input Shape dictionary"),
        (GOOD, {"DataInputConfig": '{"pixel_values": [1, 3, 8]}'}, "has wrong shape in Input Shape dictionary"),
        (GOOD, {"DataInputConfig": '{"pixel_values": [0, 3, 8, 8]}'}, "has wrong shape in Input Shape dictionary"),
        (GOOD, {"DataInputConfig": "[1]"}, "DataInputConfig must be a JSON dictionary"),
        (packed(m_onnx=b"x"), {"Framework": "PYTORCH"}, "No .pth file found"),
    ],
)
def test_what_neo_would_refuse_fails(desk: Desk, data: bytes | None, more: Json, reason: str) -> None:
    job = compiled(desk, data, **more)

    assert job["CompilationJobStatus"] == "FAILED"
    assert reason in job["FailureReason"]
    assert not desk.keys(f"{job['CompilationJobName']}/compiled")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"FrameworkVersion": "1.8"}, "FrameworkVersion is not supported for ONNX"),
        (
            {"target": {"TargetDevice": "ml_c5", "TargetPlatform": {"Os": "LINUX", "Arch": "X86"}}},
            "Exactly one of Target",
        ),
        ({"target": {"TargetDevice": "toaster"}}, "enum value set"),
        ({"RoleArn": "arn:aws:iam::123456789012:role/nobody"}, "Could not assume role"),
    ],
)
def test_what_cannot_be_compiled_is_refused(desk: Desk, more: Json, reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        compiled(desk, GOOD, **more)


def test_an_unknown_compilation_job_is_not_found(desk: Desk) -> None:
    with pytest.raises(ClientError, match=r"\(ResourceNotFound\)"):
        desk.sagemaker.describe_compilation_job(CompilationJobName="nobody")


def test_a_compilation_is_stopped(desk: Desk, limits: Callable[..., Json]) -> None:
    limits(compile_seconds=60)
    name = begun(desk, GOOD)

    desk.sagemaker.stop_compilation_job(CompilationJobName=name)

    assert ended(desk, name)["CompilationJobStatus"] == "STOPPED"
    assert not desk.keys(f"{name}/compiled")
