"""What an image is built from lies in S3 once, in the account's own bucket."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from mlstack.assembly import Stack
from mlstack.errors import UserError
from mlstack.image.builds import source
from mlstack.image.builds.source import Source
from mlstack.image.builds.value import Scope
from tests.mlstack.image.builds.conftest import ACCOUNT, ASSETS, KEY
from tests.mlstack.wire import client

BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-us-east-1"
LOCATION = {"Fn::Join": ["", [ASSETS, f"/{KEY}.zip"]]}


@pytest.fixture
def bucket() -> Iterator[str]:
    """The bucket of the CDK."""
    with mock_aws():
        client("s3").create_bucket(Bucket=BUCKET)
        yield BUCKET


def test_the_asset_goes_under_the_name_of_its_project(stack: Stack, scope: Scope) -> None:
    found = source.find(stack, LOCATION, scope, "project-1")

    assert found.location == f"{BUCKET}/project-1/{KEY}.zip"
    assert (found.path / "Dockerfile").is_file()


def test_a_source_is_sent_once(stack: Stack, scope: Scope, bucket: str) -> None:
    found = source.find(stack, LOCATION, scope, "project-1")

    sent = [found.send(client("s3"), ACCOUNT) for _ in range(2)]

    assert sent == [True, False]
    body = client("s3").get_object(Bucket=bucket, Key=found.key)["Body"].read()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == ["Dockerfile"]


def test_nothing_is_sent_to_a_bucket_that_may_not_be_looked_into(stack: Stack, scope: Scope, bucket: str) -> None:
    found = source.find(stack, LOCATION, scope, "project-1")
    policy = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    client("s3").put_bucket_policy(Bucket=bucket, Policy=document)

    with pytest.raises(ClientError, match=r"\(403\) when calling the HeadObject"):
        found.send(client("s3"), ACCOUNT)


@pytest.mark.usefixtures("bucket")
def test_a_bucket_is_asked_for_as_the_accounts_own(stack: Stack, scope: Scope) -> None:
    asked: list[object] = []
    s3 = client("s3")

    def hear(params: dict[str, dict[str, str]], **_: object) -> None:
        asked.append(params["headers"].get("x-amz-expected-bucket-owner"))

    s3.meta.events.register("before-call.s3", hear)
    source.find(stack, LOCATION, scope, "project-1").send(s3, ACCOUNT)
    s3.meta.events.unregister("before-call.s3", hear)

    assert asked == [ACCOUNT, ACCOUNT]


def test_the_same_content_is_the_same_zip_whenever_it_was_written(tmp_path: Path) -> None:
    zips = []
    for name, when in (("one", 1_000_000_000), ("two", 1_700_000_000)):
        folder = tmp_path / name
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "b.py").write_text("b")
        (folder / "a.sh").write_text("a")
        (folder / "a.sh").chmod(0o755)
        for path in folder.rglob("*"):
            os.utime(path, (when, when))
        zips.append(source.packed(folder))

    assert zips[0] == zips[1]
    with zipfile.ZipFile(io.BytesIO(zips[0])) as archive:
        assert archive.namelist() == ["a.sh", "sub/b.py"]
        assert (archive.getinfo("a.sh").external_attr >> 16) & 0o777 == 0o755


def test_files_lie_in_the_zip_by_their_names(tmp_path: Path) -> None:
    for number in (*range(20, 40), *range(10, 20)):
        (tmp_path / f"{number}.py").touch()

    with zipfile.ZipFile(io.BytesIO(source.packed(tmp_path))) as archive:
        assert archive.namelist() == [f"{number}.py" for number in range(10, 40)]


def test_a_finished_zip_is_sent_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "made.zip"
    path.write_bytes(b"PK as it is")

    assert source.packed(path) == b"PK as it is"


def test_a_location_without_an_asset_is_refused(stack: Stack, scope: Scope) -> None:
    with pytest.raises(UserError, match=r"has no asset for elsewhere/x\.zip; run `make synth` again"):
        source.find(stack, "elsewhere/x.zip", scope, "project-1")


def test_an_asset_that_was_deleted_is_missed(stack: Stack, scope: Scope) -> None:
    folder = stack.template_path.parent / f"asset.{KEY}"
    (folder / "Dockerfile").unlink()
    folder.rmdir()

    with pytest.raises(UserError, match=r"asset\.a+ is not there, though"):
        source.find(stack, LOCATION, scope, "project-1")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": []}', '{"files": {"a": {}}}', '{"files": {"a": null}}'])
def test_a_list_of_assets_that_is_none_is_refused(stack: Stack, scope: Scope, text: str) -> None:
    stack.template_path.with_name(f"{stack.id}.assets.json").write_text(text)

    with pytest.raises(UserError, match="run `make synth` again"):
        source.find(stack, LOCATION, scope, "project-1")


def test_a_location_is_bucket_and_key(tmp_path: Path) -> None:
    assert Source(path=tmp_path, bucket="b", key="k/z.zip").location == "b/k/z.zip"
