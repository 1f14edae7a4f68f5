"""The model, from S3 into the volume."""

import io
import random
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from tests.containers.worker.desk import files
from tests.functions.shared.cloud import Cloud, Fault, raising, refusing
from worker import model
from worker.model import ModelError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "runs/first/model.tar.gz"
FAULTS = {
    "the task's role may not read it": refusing("403", 403),
    "InternalError": refusing("InternalError", 500),
    "EndpointConnectionError": raising(EndpointConnectionError(endpoint_url="https://s3")),
    "NoCredentialsError": raising(NoCredentialsError()),
}
PARTS = {"model.onnx": b"graph", "config.json": b"{}", "preprocessor_config.json": b"{}"}


def told(folder: Path, **more: str) -> Mapping[str, str]:
    return {"MODEL_URI": f"s3://models/{KEY}", "MODEL_DIR": str(folder), "AWS_REGION": "us-east-1", **more}


def put(s3: "S3Client", contents: Mapping[str, bytes], **links: str) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, aim in links.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, aim
            archive.addfile(member)
    s3.put_object(Bucket="models", Key=KEY, Body=target.getvalue())


def refused(folder: Path, **more: str) -> str:
    with pytest.raises(ModelError) as error:
        model.run(told(folder, **more))
    assert "\n" not in str(error.value)
    return str(error.value)


def test_model_is_there_and_nothing_else(s3: "S3Client", tmp_path: Path) -> None:
    put(s3, PARTS)

    code = model.run(told(tmp_path))

    assert code == 0
    assert files(tmp_path) == sorted(PARTS)
    assert (tmp_path / "model.onnx").read_bytes() == b"graph"


def test_model_is_put_over_the_one_of_an_earlier_start(s3: "S3Client", tmp_path: Path) -> None:
    put(s3, {**PARTS, "code/a.py": b"new"})
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "b.py").write_text("old")
    (tmp_path / "model.onnx").write_text("old")

    model.run(told(tmp_path))

    assert files(tmp_path) == sorted([*PARTS, "code/a.py"])
    assert (tmp_path / "model.onnx").read_bytes() == b"graph"


def test_large_model_comes_in_parts_and_whole(s3: "S3Client", cloud: Cloud, tmp_path: Path) -> None:
    content = random.Random(1).randbytes(12 * 1024**2)  # noqa: S311  # only hard to compress
    put(s3, {"model.onnx": content})

    model.run(told(tmp_path))

    assert (tmp_path / "model.onnx").read_bytes() == content
    ranges = [call.parameters["Range"] for call in cloud.calls if call.operation == "GetObject"]
    assert len(ranges) == 2


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("s3://models/none.tar.gz", "404: there is no such object"),
        ("s3://nobodys/none.tar.gz", "NoSuchBucket: there is no such bucket"),
    ],
)
@pytest.mark.usefixtures("s3")
def test_model_that_is_not_there_is_said(tmp_path: Path, uri: str, reason: str) -> None:
    assert refused(tmp_path, MODEL_URI=uri).startswith(f"MODEL_URI: {uri}: {reason}")


@pytest.mark.parametrize("operation", ["HeadObject", "GetObject"])
@pytest.mark.parametrize("fault", FAULTS)
def test_trouble_with_s3_is_said_in_one_line_and_leaves_nothing(
    s3: "S3Client", cloud: Cloud, tmp_path: Path, operation: str, fault: str
) -> None:
    put(s3, PARTS)
    cloud.faults = [Fault(answer=FAULTS[fault], operation=operation)]

    assert fault in refused(tmp_path)
    assert files(tmp_path) == []


def test_archive_that_would_leave_the_folder_leaves_nothing(s3: "S3Client", tmp_path: Path) -> None:
    put(s3, {**PARTS, "../escaped": b"x"})

    reason = refused(tmp_path / "model")

    assert reason == f"MODEL_URI: s3://models/{KEY}: '../escaped' would leave the folder"
    assert files(tmp_path) == []


def test_model_that_is_too_large_is_not_even_downloaded(s3: "S3Client", tmp_path: Path) -> None:
    s3.put_object(Bucket="models", Key=KEY, Body=b"x" * 2000)

    reason = refused(tmp_path, MAX_MODEL_BYTES="1024")

    assert "it has 2,000 bytes" in reason
    assert "MAX_MODEL_BYTES is 1,024" in reason


def test_volume_that_cannot_be_written_is_said(s3: "S3Client", tmp_path: Path) -> None:
    put(s3, PARTS)
    (tmp_path / "model").write_text("a file")

    assert refused(tmp_path / "model" / "deeper").startswith("MODEL_DIR: ")
