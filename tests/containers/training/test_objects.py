"""S3 as a task uses it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from boto3.s3.transfer import TransferConfig

from tests.containers.training.test_courier import Always, Never
from tests.functions.shared.cloud import Cloud, Fault, refusing
from training import objects
from training.deadline import StoppedError
from training.objects import Objects
from training.place import Found, Place
from training.problem import ProblemError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PLACE = Place("datasets", "train/")
LARGE = 13 * 1024**2


@pytest.fixture
def opened(s3: "S3Client") -> Objects:  # noqa: ARG001 (moto must run)
    return Objects.of({"AWS_REGION": "us-east-1"})


def wanted(opened: Objects, folder: Path) -> dict[Path, Found]:
    return {folder / path: one for path, one in PLACE.files(opened.listed(PLACE)).items()}


def test_all_objects_are_fetched_without_a_question_about_each(
    s3: "S3Client", cloud: Cloud, opened: Objects, tmp_path: Path
) -> None:
    for number in range(1005):
        s3.put_object(Bucket="datasets", Key=f"train/{number % 3}/ä {number}.jpg", Body=b"%d" % number)
    s3.put_object(Bucket="datasets", Key="train-old/1.jpg", Body=b"other")
    cloud.calls.clear()

    opened.fetch(PLACE, wanted(opened, tmp_path), Never())

    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1005
    assert (tmp_path / "1" / "ä 1000.jpg").read_bytes() == b"1000"
    assert sorted(call.operation for call in cloud.calls) == ["GetObject"] * 1005 + ["ListObjectsV2"] * 2


def test_large_object_goes_in_parts_both_ways(s3: "S3Client", cloud: Cloud, opened: Objects, tmp_path: Path) -> None:
    content = bytes(range(256)) * (LARGE // 256)
    (tmp_path / "large.bin").write_bytes(content)

    opened.send(PLACE, {"large.bin": tmp_path / "large.bin"})
    opened.fetch(PLACE, wanted(opened, tmp_path / "back"), Never())

    assert (tmp_path / "back" / "large.bin").read_bytes() == content
    calls = [call.operation for call in cloud.calls]
    assert calls.count("UploadPart") == calls.count("GetObject") == 2
    assert s3.head_object(Bucket="datasets", Key="train/large.bin")["ContentType"] == "application/octet-stream"


def test_object_that_changes_while_its_parts_are_fetched_is_refused(
    s3: "S3Client", opened: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = TransferConfig(multipart_threshold=1024, multipart_chunksize=1024, max_concurrency=1)
    monkeypatch.setattr(objects, "TransferConfig", lambda **_: parts)
    s3.put_object(Bucket="datasets", Key="train/a", Body=b"a" * 3000)
    asked = wanted(opened, tmp_path)
    s3.put_object(Bucket="datasets", Key="train/a", Body=b"b" * 3000)

    with pytest.raises(ProblemError, match="an object was put anew meanwhile"):
        opened.fetch(PLACE, asked, Never())

    assert not (tmp_path / "a").exists()


def test_one_failure_ends_all_and_says_where(s3: "S3Client", cloud: Cloud, opened: Objects, tmp_path: Path) -> None:
    for number in range(20):
        s3.put_object(Bucket="datasets", Key=f"train/{number}", Body=b"x")
    cloud.faults = [Fault(answer=refusing("AccessDenied", 403), operation="GetObject", about="train/7")]

    with pytest.raises(ProblemError) as refused:
        opened.fetch(PLACE, wanted(opened, tmp_path), Never())

    assert str(refused.value) == (
        "s3://datasets/train/: AccessDenied: the task's role may not do it, or there is no such object"
    )


def test_task_that_is_to_end_fetches_nothing(s3: "S3Client", cloud: Cloud, opened: Objects, tmp_path: Path) -> None:
    s3.put_object(Bucket="datasets", Key="train/a", Body=b"x")
    asked = wanted(opened, tmp_path)
    cloud.calls.clear()

    with pytest.raises(StoppedError):
        opened.fetch(PLACE, asked, Always())

    assert cloud.calls == []


def test_keys_that_are_a_file_and_a_folder_at_once_are_said(s3: "S3Client", opened: Objects, tmp_path: Path) -> None:
    for key in ("train/a", "train/a/b"):
        s3.put_object(Bucket="datasets", Key=key, Body=b"x")

    with pytest.raises(ProblemError, match="more disk, or other names"):
        opened.fetch(PLACE, wanted(opened, tmp_path), Never())


def test_name_that_no_disk_takes_is_said(s3: "S3Client", opened: Objects, tmp_path: Path) -> None:
    s3.put_object(Bucket="datasets", Key=f"train/{'a' * 300}", Body=b"x")

    with pytest.raises(ProblemError, match="File name too long"):
        opened.fetch(PLACE, wanted(opened, tmp_path), Never())


def test_more_objects_are_deleted_than_one_request_takes(s3: "S3Client", opened: Objects) -> None:
    for number in range(1001):
        s3.put_object(Bucket="datasets", Key=f"train/{number}", Body=b"x")

    opened.delete(PLACE, [one.key for one in opened.listed(PLACE)])

    assert opened.listed(PLACE) == []


def test_nothing_is_deleted_that_lies_elsewhere(s3: "S3Client", opened: Objects) -> None:
    s3.put_object(Bucket="datasets", Key="other/a", Body=b"x")

    with pytest.raises(ValueError, match="datasets"):
        opened.delete(PLACE, ["train/a", "other/a"])

    assert s3.list_objects_v2(Bucket="datasets")["KeyCount"] == 1


def test_deletion_that_is_refused_for_some_is_said(cloud: Cloud, opened: Objects) -> None:
    original = cloud.original
    answer = {"Errors": [{"Code": "AccessDenied", "Key": "train/a"}]}
    cloud.original = lambda client, operation, asked: (
        answer if operation == "DeleteObjects" else original(client, operation, asked)
    )

    with pytest.raises(ProblemError, match=r"^s3://datasets/train/: AccessDenied: 1 objects cannot be deleted$"):
        opened.delete(PLACE, ["train/a"])
