"""A stage's life on the local AWS, told in order: deployed, used hard, deployed again, destroyed to nothing."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mlstack import command
from mlstack.local.aws import LocalAws
from mlstack.local.synthesis import synthesize
from mlstack.project import ROOT
from mlstack.vision.uploads import Upload, Verdict, VisionStage

PHOTOS = ROOT / "examples" / "photos"
CAT = PHOTOS / "cat at home.jpg"
PATIENCE_S = 60.0
PREFIX = "photos/"
ASKED = ["labels", "faces", "text", "moderation"]

KEYS = [
    "plain.jpg",
    "with space.jpg",
    "plus+plus.jpg",
    "100%.jpg",
    "percent%2Fencoded%20.jpg",
    "ümlaut-日本語-🐈.jpg",
    "e\u0301 combining.jpg",
    "quote'\"&<>.jpg",
    "back\\slash.jpg",
    "deep/er/../odd/./path.jpg",
    "double//slash.jpg",
    "UPPER.JPG",
    "no-extension",
    "trailing space ",
    "x" * 900 + ".jpg",
]


def uri_of(vision: VisionStage, key: str) -> str:
    """The S3 URI of an object under the prefix."""
    return f"s3://{vision.media_bucket}/{PREFIX}{key}"


def verdict_of(vision: VisionStage, key: str, content: bytes) -> Verdict:
    """Put an object and wait for its verdict."""
    s3 = vision.account.client("s3")
    answer = s3.put_object(Bucket=vision.media_bucket, Key=f"{PREFIX}{key}", Body=content)
    upload = Upload(photo=Path(key), uri=uri_of(vision, key), version=answer["ETag"].strip('"'))
    [verdict] = vision.verdicts([upload], patience_s=PATIENCE_S)
    return verdict


def items(vision: VisionStage) -> list[dict[str, Any]]:
    """Every record that the table holds."""
    pages = vision.account.client("dynamodb").get_paginator("scan").paginate(TableName=vision.results.table)
    return [item for page in pages for item in page["Items"] if item["kind"]["S"] == "record"]


def test_every_stack_is_complete_and_nothing_was_skipped(deployed: LocalAws) -> None:
    mine = {name: status for name, status in deployed.stacks().items() if name.startswith("mlstack-")}

    stacks = ("Endpoints", "Images", "Network", "Storage", "Training", "Vision")
    assert mine == {f"mlstack-sandbox-{name}": "CREATE_COMPLETE" for name in stacks}
    assert deployed.gaps() == []


def test_the_cdks_own_custom_resources_ran(deployed: LocalAws) -> None:
    ran = {(run["type"], run["request"], run["status"]) for run in deployed.report()["custom_resources"]}

    assert ran >= {
        ("Custom::S3AutoDeleteObjects", "Create", "SUCCESS"),
        ("Custom::VpcRestrictDefaultSG", "Create", "SUCCESS"),
    }


def test_the_default_security_group_was_really_closed(deployed: LocalAws) -> None:
    ec2 = deployed.client("ec2")
    named = ec2.describe_vpcs(Filters=[{"Name": "tag:stage", "Values": ["sandbox"]}])["Vpcs"]
    filters = [
        {"Name": "group-name", "Values": ["default"]},
        {"Name": "vpc-id", "Values": [vpc["VpcId"] for vpc in named]},
    ]

    [group] = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]

    assert (group["IpPermissions"], group["IpPermissionsEgress"]) == ([], [])


@pytest.mark.parametrize("key", KEYS)
def test_a_photo_is_analysed_whatever_its_key(vision: VisionStage, key: str) -> None:
    verdict = verdict_of(vision, key, CAT.read_bytes() + key.encode())

    assert verdict.status == "analysed", verdict.reason
    assert sorted(verdict.analyses) == sorted(ASKED)
    assert {name: outcome.status for name, outcome in verdict.analyses.items()} == dict.fromkeys(ASKED, "found")
    labels = vision.results.document(verdict.analyses["labels"].document)["response"]["Labels"]
    assert verdict.analyses["labels"].top[0].name in {label["Name"] for label in labels}


def test_unfit_photos_are_refused_with_a_readable_reason(vision: VisionStage, tmp_path: Path) -> None:
    small = tmp_path / "small.png"
    Image.new("RGB", (79, 200)).save(small)
    unfit = {
        "empty.jpg": (b"", "the file is empty"),
        "text.jpg": (b"hello", "not a JPEG or PNG"),
        "gif.jpg": (b"GIF89a" + bytes(40), "a GIF file"),
        "small.png": (small.read_bytes(), "79 x 200 pixels; DetectLabels needs at least 80"),
        "cut.jpg": (CAT.read_bytes()[:100], "ends or breaks"),
        "huge.jpg": (CAT.read_bytes() + bytes(15 * 1024 * 1024), "at most 15,728,640"),
    }

    verdicts = {key: verdict_of(vision, f"unfit/{key}", content) for key, (content, _) in unfit.items()}

    assert {key: verdict.status for key, verdict in verdicts.items()} == dict.fromkeys(unfit, "refused")
    assert {key for key, verdict in verdicts.items() if unfit[key][1] not in verdict.reason} == set()


def test_an_analysis_that_does_not_take_a_photo_is_refused_alone(vision: VisionStage, tmp_path: Path) -> None:
    wide = tmp_path / "wide.png"
    Image.new("1", (10_001, 80)).save(wide)

    verdict = verdict_of(vision, "wide.png", wide.read_bytes())

    assert verdict.status == "analysed"
    assert {name: outcome.status for name, outcome in verdict.analyses.items()} == {
        "labels": "refused",
        "faces": "found",
        "text": "found",
        "moderation": "refused",
    }
    assert "10001 x 80 pixels; DetectLabels takes at most 10,000" in verdict.analyses["labels"].reason


def test_a_photo_outside_the_prefix_is_left_alone(vision: VisionStage) -> None:
    s3 = vision.account.client("s3")
    s3.put_object(Bucket=vision.media_bucket, Key="elsewhere/cat.jpg", Body=CAT.read_bytes())

    verdict_of(vision, "after-elsewhere.jpg", CAT.read_bytes())

    assert [item for item in items(vision) if "elsewhere/cat" in item["object"]["S"]] == []


def test_the_same_object_twice_is_one_item_and_an_overwritten_one_is_two(vision: VisionStage) -> None:
    first = verdict_of(vision, "again.jpg", CAT.read_bytes())
    verdict_of(vision, "again.jpg", CAT.read_bytes())
    verdict_of(vision, "again.jpg", CAT.read_bytes() + b"edited")

    found = [item for item in items(vision) if item["object"]["S"].endswith("/again.jpg")]

    assert first.status == "analysed"
    assert len(found) == 2


def test_what_is_stored_names_its_object(vision: VisionStage) -> None:
    verdict = verdict_of(vision, "naïve name+.jpg", CAT.read_bytes())

    bucket, _, key = verdict.analyses["labels"].document.removeprefix("s3://").partition("/")
    stored = json.loads(vision.account.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())

    assert stored["object"] == uri_of(vision, "naïve name+.jpg")
    assert key.startswith("vision/labels/")


def test_the_functions_logs_go_to_its_own_group_and_nowhere_else(deployed: LocalAws) -> None:
    groups = [group["logGroupName"] for group in deployed.client("logs").describe_log_groups()["logGroups"]]

    ours = [name for name in groups if "-Vision-" in name]
    assert len(ours) == 5  # three functions, two state machines
    assert [name for name in groups if name.startswith("/aws/lambda/")] == []


@pytest.fixture
def analyse(
    deployed: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Runs `mlstack vision analyse` on the deployed stage; gives its exit code and everything that it wrote."""
    monkeypatch.setattr("mlstack.account.WORK", deployed.folder)

    def run(*arguments: str | Path) -> tuple[int, str]:
        code = 0
        try:
            command.main(["vision", "analyse", *map(str, arguments)])
        except SystemExit as end:
            code = int(end.code or 0)
        written = capsys.readouterr()
        return code, written.out or written.err

    return run


def test_analyse_shows_a_table_and_says_that_the_answers_are_canned(analyse: Callable[..., tuple[int, str]]) -> None:
    code, printed = analyse(CAT)

    assert code == 0
    assert "Stage sandbox on the local AWS" in printed
    assert "cat at home.jpg" in printed
    assert "AWS's own examples" in printed
    assert [name for name in ASKED if name in printed] == ASKED


def test_analyse_ends_with_1_when_a_photo_is_refused_and_says_why(analyse: Callable[..., tuple[int, str]]) -> None:
    code, printed = analyse("--json", CAT, PHOTOS / "clock (really a webp).jpg")

    cat, clock = json.loads(printed)
    assert code == 1
    assert (cat["status"], clock["status"]) == ("analysed", "refused")
    assert cat["analyses"]["labels"]["top"][0].keys() == {"name", "confidence"}
    assert "a WebP file" in clock["reason"]


def test_analyse_draws_the_analysed_photos_on_one_sheet(
    analyse: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    target = tmp_path / "boxes.png"

    code, _ = analyse(CAT, PHOTOS / "rocket 100% go.jpg", "--draw", target)

    with Image.open(target) as drawn:
        assert drawn.width > 2 * 480
    assert code == 0


def test_an_earlier_failure_is_not_taken_for_the_verdict(vision: VisionStage, tmp_path: Path) -> None:
    photo = tmp_path / "mended.jpg"
    photo.write_bytes(CAT.read_bytes() + b"mended")
    content = photo.read_bytes()
    key = f"{PREFIX}{hashlib.sha256(content).hexdigest()[:12]}/mended.jpg"
    item = {
        "object": {"S": f"s3://{vision.media_bucket}/{key}"},
        "kind": {"S": "record"},
        "entry": {"S": hashlib.md5(content, usedforsecurity=False).hexdigest()},
        "status": {"S": "failed"},
        "reason": {"S": "AccessDenied"},
        "updated_at": {"S": "2026-01-01T00:00:00.000+00:00"},
    }
    vision.account.client("dynamodb").put_item(TableName=vision.results.table, Item=item)

    [verdict] = vision.verdicts([vision.upload(photo, PREFIX)], patience_s=PATIENCE_S)

    assert verdict.status == "analysed"


def test_a_hostile_file_name_becomes_a_harmless_key(vision: VisionStage, tmp_path: Path) -> None:
    photo = tmp_path / "esc\x1b[31m\nred.jpg"
    photo.write_bytes(CAT.read_bytes())

    upload = vision.upload(photo, PREFIX)
    [verdict] = vision.verdicts([upload], patience_s=PATIENCE_S)

    assert upload.uri.endswith("/esc_[31m_red.jpg")
    assert verdict.status == "analysed"


def test_nothing_recorded_in_time_is_late_with_a_hint(vision: VisionStage) -> None:
    never = Upload(photo=Path("never.jpg"), uri=uri_of(vision, "never.jpg"), version="0")

    [verdict] = vision.verdicts([never], patience_s=0.01)

    assert verdict.status == "late"
    assert "five minutes after its deploy" in verdict.reason


def test_analyse_of_a_stage_that_is_not_deployed_names_the_next_step(analyse: Callable[..., tuple[int, str]]) -> None:
    code, said = analyse(CAT, "--stage", "nope")

    assert code == 2
    assert "stack mlstack-nope-Vision is not deployed in the local AWS; run `mlstack local deploy`" in said


def test_a_second_deploy_changes_nothing(deployed: LocalAws) -> None:
    before = {bucket["Name"] for bucket in deployed.client("s3").list_buckets()["Buckets"]}

    deployed.deploy()

    assert {bucket["Name"] for bucket in deployed.client("s3").list_buckets()["Buckets"]} == before
    assert deployed.gaps() == []


def test_a_changed_profile_is_deployed_over_what_is_there(deployed: LocalAws, tmp_path: Path) -> None:
    profile = tmp_path / "changed.toml"
    sandbox = (ROOT / "config" / "sandbox.toml").read_text(encoding="utf-8")
    less_certain = sandbox.replace("min_confidence = 70.0", "min_confidence = 55.0")
    profile.write_text(
        less_certain.replace("[network]\nenabled = true", "[network]\nenabled = false"), encoding="utf-8"
    )

    synthesize(deployed.folder, str(profile))
    deployed.deploy()

    functions = deployed.client("lambda").list_functions()["Functions"]
    [told] = [one["Environment"]["Variables"] for one in functions if one["Handler"].startswith("image_analysis")]
    assert json.loads(told["ANALYSES"])["options"]["labels"]["min_confidence"] == 55.0
    assert deployed.stacks()["mlstack-sandbox-Vision"] == "UPDATE_COMPLETE"
    assert deployed.gaps() == []


def test_a_stack_that_the_profile_now_leaves_out_is_still_deployed(deployed: LocalAws) -> None:
    assert "mlstack-sandbox-Network" not in {stack.name for stack in deployed.assembly().stacks}
    assert "mlstack-sandbox-Network" in deployed.stacks()


def test_after_a_destroy_with_full_buckets_nothing_is_left(deployed: LocalAws, vision: VisionStage) -> None:
    assert vision.account.client("s3").list_objects_v2(Bucket=vision.media_bucket)["KeyCount"] > 0

    deployed.destroy()

    assert deployed.leftovers().resources == ()
    assert [name for name in deployed.stacks() if name.startswith("mlstack-")] == []
