"""S3's own list of a bucket stands in for a listing, or is refused with the reason."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_plus

import pytest

from mlstack.errors import UserError
from tests.mlstack.vision.backfill.lab import HOSTILE, MEDIA, Lab

MANIFEST = "reports/manifest.json"
SCHEMA = (
    "Bucket",
    "Key",
    "VersionId",
    "IsLatest",
    "IsDeleteMarker",
    "Size",
    "LastModifiedDate",
    "ETag",
    "StorageClass",
)
ARGUMENTS = ["backfill", f"s3://{MEDIA}/photos/", "--inventory", f"s3://elsewhere/{MANIFEST}", "--yes", "--no-wait"]
Row = tuple[str, ...]


def row(key: str, version: str = "", **changes: str) -> Row:
    """One row as S3 writes it."""
    cells = {
        "Bucket": MEDIA,
        "Key": quote_plus(key, safe="/"),
        "VersionId": version,
        "IsLatest": "true",
        "IsDeleteMarker": "false",
        "Size": "10",
        "LastModifiedDate": "2026-01-02T03:04:05.000Z",
        "ETag": "9dd4e461268c8034f5c8564e155c67a6",
        "StorageClass": "STANDARD",
    }
    return tuple((cells | changes)[name] for name in SCHEMA)


def packed(rows: Sequence[Row]) -> bytes:
    """A file of an inventory."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return gzip.compress(text.getvalue().encode())


def report(lab: Lab, *files: bytes, schema: Sequence[str] = SCHEMA, **changes: Any) -> None:  # noqa: ANN401 (JSON)
    """Put an inventory of the media bucket into another one."""
    names = [f"reports/data/{number}.csv.gz" for number in range(len(files))]
    for name, content in zip(names, files, strict=True):
        lab.s3.put_object(Bucket="elsewhere", Key=name, Body=content)
    told = {
        "sourceBucket": MEDIA,
        "destinationBucket": "arn:aws:s3:::elsewhere",
        "fileFormat": "CSV",
        "fileSchema": ", ".join(schema),
        "files": [{"key": name, "size": 1, "MD5checksum": "x"} for name in names],
    }
    lab.s3.put_object(Bucket="elsewhere", Key=MANIFEST, Body=json.dumps(told | changes).encode())


def test_every_file_of_the_inventory_is_read_in_place_of_the_bucket(lab: Lab) -> None:
    report(lab, packed([row(key) for key in HOSTILE]), packed([row("photos/z.jpg"), row("other/b.jpg")]))

    assert lab.run(*ARGUMENTS) == 0
    assert sorted(one["key"] for one in lab.objects()) == sorted([*HOSTILE, "photos/z.jpg"])


def test_only_latest_versions_count_and_keep_their_ids(lab: Lab) -> None:
    lab.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Enabled"})
    rows = [
        row("photos/a.jpg", "v2"),
        row("photos/a.jpg", "v1", IsLatest="false"),
        row("photos/gone.jpg", "v3", IsDeleteMarker="true", Size="", ETag=""),
        row("photos/before.jpg", "null"),
        row("photos/cold.jpg", "v4", StorageClass="GLACIER"),
    ]
    report(lab, packed(rows))

    assert lab.run(*ARGUMENTS) == 0
    assert [(one["key"], one.get("version_id")) for one in lab.objects()] == [
        ("photos/a.jpg", "v2"),
        ("photos/before.jpg", None),
    ]


def test_since_is_read_from_the_inventory(lab: Lab) -> None:
    old, new = row("photos/old.jpg", LastModifiedDate="2025-12-31T23:59:59.000Z"), row("photos/new.jpg")
    report(lab, packed([old, new]))

    assert lab.run(*ARGUMENTS, "--since", "2026-01-01") == 0
    assert [one["key"] for one in lab.objects()] == ["photos/new.jpg"]


@pytest.mark.parametrize("form", ["Parquet", "ORC"])
def test_other_forms_than_csv_are_refused_with_the_reason(lab: Lab, form: str) -> None:
    report(lab, fileFormat=form)

    with pytest.raises(UserError, match=f"is in {form}, which needs libraries that mlstack does without"):
        lab.run(*ARGUMENTS)


def test_the_inventory_of_another_bucket_is_refused(lab: Lab) -> None:
    report(lab, sourceBucket="other")

    with pytest.raises(UserError, match="lists bucket other, not media"):
        lab.run(*ARGUMENTS)


@pytest.mark.parametrize("missing", ["Key", "Size", "ETag"])
def test_an_inventory_without_a_needed_field_names_it(lab: Lab, missing: str) -> None:
    report(lab, schema=[name for name in SCHEMA if name != missing])

    with pytest.raises(UserError, match=f"has no field {missing}; have the inventory made with it"):
        lab.run(*ARGUMENTS)


def test_dates_are_needed_only_for_since(lab: Lab) -> None:
    undated = tuple(name for name in SCHEMA if name != "LastModifiedDate")
    one = tuple(cell for name, cell in zip(SCHEMA, row("photos/a.jpg"), strict=True) if name in undated)
    report(lab, packed([one]), schema=undated)

    with pytest.raises(UserError, match="has no field LastModifiedDate"):
        lab.run(*ARGUMENTS, "--since", "2026-01-01")
    assert lab.run(*ARGUMENTS) == 0


def test_an_inventory_without_versions_does_not_do_for_a_versioned_bucket(lab: Lab) -> None:
    lab.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Enabled"})
    report(lab, schema=("Bucket", "Key", "Size", "ETag"))

    with pytest.raises(UserError, match="has no field VersionId, IsLatest; have the inventory made for all versions"):
        lab.run(*ARGUMENTS)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null", b'{"fileFormat": 1, "sourceBucket": "media"}'])
def test_what_is_no_manifest_is_refused(lab: Lab, body: bytes) -> None:
    lab.s3.put_object(Bucket="elsewhere", Key=MANIFEST, Body=body)

    with pytest.raises(UserError, match=r"s3://elsewhere/reports/manifest.json is no manifest.json of an S3 Inventory"):
        lab.run(*ARGUMENTS)


def test_a_manifest_that_is_not_there_is_said_so(lab: Lab) -> None:
    with pytest.raises(UserError, match=r"there is no s3://elsewhere/reports/manifest.json; name the manifest"):
        lab.run(*ARGUMENTS)


@pytest.mark.parametrize(
    "content",
    [
        b"no gzip",
        packed([row("photos/a.jpg")])[:-12],
        packed([row("photos/a.jpg")[:-1]]),
        packed([row("photos/a.jpg", Size="many")]),
        packed([row("photos/a.jpg", LastModifiedDate="yesterday")]),
        packed([row("photos/a.jpg", Key="photos/%ff.jpg")]),
        gzip.compress(b'"open'),
        gzip.compress(b"\xff\xfe,a\n"),
    ],
)
def test_a_damaged_file_is_named_and_nothing_is_started(lab: Lab, content: bytes) -> None:
    report(lab, packed([row("photos/before.jpg")]), content)

    with pytest.raises(UserError, match=r"s3://elsewhere/reports/data/1.csv.gz is damaged \(.*\); wait for the next"):
        lab.run(*ARGUMENTS)

    assert (lab.left(), lab.executions()) == ([], [])
