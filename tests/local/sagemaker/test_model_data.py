"""A model's data comes out of S3 as an archive or as it lies there, and stays in its folder."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlstack.local.aws import LocalAws
from mlstack.local.sagemaker.model_data import ModelDataError, Source

Put = Callable[[str, bytes], None]


@pytest.fixture
def put(local_aws: LocalAws, code_bucket: str) -> Put:
    def put(key: str, body: bytes) -> None:
        local_aws.client("s3").put_object(Bucket=code_bucket, Key=key, Body=body)

    return put


def prefix(bucket: str, key: str) -> dict[str, Any]:
    said = {"S3Uri": f"s3://{bucket}/{key}", "S3DataType": "S3Prefix", "CompressionType": "None"}
    return {"ModelDataSource": {"S3DataSource": said}}


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://b/a/m.tar.gz", "b", "a/m.tar.gz"),
        ("https://s3.us-east-1.amazonaws.com/b/a/m.tar.gz", "b", "a/m.tar.gz"),
        ("https://b.s3.us-east-1.amazonaws.com/a/m.tar.gz", "b", "a/m.tar.gz"),
    ],
)
def test_every_way_to_write_the_place_is_understood(uri: str, bucket: str, key: str) -> None:
    source = Source.of({"ModelDataUrl": uri})

    assert source is not None
    assert (source.bucket, source.key, source.archive) == (bucket, key, True)


def test_a_container_without_data_has_no_source() -> None:
    assert Source.of({"Image": "x"}) is None


def test_a_prefix_is_taken_as_it_lies_and_once(put: Put, code_bucket: str, local_aws: LocalAws, tmp_path: Path) -> None:
    for key, body in {"m/a.txt": b"1", "m/deep/b.txt": b"2", "m/../out.txt": b"3", "other": b"4"}.items():
        put(key, body)
    source = Source.of(prefix(code_bucket, "m/"))
    assert source is not None

    first, second = (source.fetch(tmp_path / "models", local_aws.client) for _ in range(2))

    found = {path.relative_to(tmp_path / "models") for path in (tmp_path / "models").rglob("*") if path.is_file()}
    assert first == second
    assert found == {Path(first.name, "a.txt"), Path(first.name, "deep", "b.txt")}


def test_an_archive_that_leads_out_of_its_folder_is_refused(
    put: Put, code_bucket: str, local_aws: LocalAws, tmp_path: Path
) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../out"), io.BytesIO())
    put("evil.tar.gz", packed.getvalue())
    source = Source.of({"ModelDataUrl": f"s3://{code_bucket}/evil.tar.gz"})
    assert source is not None

    with pytest.raises(ModelDataError, match=r"valid tar\.gz archive"):
        source.fetch(tmp_path / "models", local_aws.client)

    assert list(tmp_path.rglob("*")) == [tmp_path / "models"]
