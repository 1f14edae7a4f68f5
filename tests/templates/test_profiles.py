"""Profiles: every mistake is one line that names file, key, value and what is allowed; no key is dead."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.analyses import ANALYSES
from stacks import config
from stacks.platform import Platform
from stacks.rules import Settings
from tests.templates.synthesis import FLAGS, ROOT, document

MODEL = "arn:aws:rekognition:us-west-1:111122223333:project/a/version/b/1"
SHIPPED = sorted(path.stem for path in (ROOT / "config").glob("*.toml"))

BAD = [
    ("stage.name", "Team", "2 to 20 of a-z"),
    ("stage.name", "x" * 21, "2 to 20 of a-z"),
    ("stage.name", "team-", "2 to 20 of a-z"),
    ("stage.name", 5, "a string in quotes"),
    ("stage.region", "us-est-1", "did you mean us-west-1?"),
    ("stage.region", "moon", "an AWS region, such as us-east-1"),
    ("stage.region", "eu-north-1", "a region with Rekognition while vision.enabled is true"),
    ("stage.account", "1234", "12 digits"),
    ("stage.account", 111122223333, "a string in quotes"),
    ("stage.owner", "", "1 to 256 letters"),
    ("stage.owner", "   ", "1 to 256 letters"),
    ("stage.owner", "a\nb", "1 to 256 letters"),
    ("stage.cost_centre", "x" * 257, "1 to 256 characters"),
    ("stage.retention", "forever", "'ephemeral' or 'durable'"),
    ("stage.expiry", "soon", '"14d", a date such as 2027-06-30, or "never"'),
    ("stage.expiry", "2027-02-31", "a day that exists"),
    ("stage.expiry", "0d", "days after the deploy"),
    ("stage.expiry", True, "days after the deploy"),
    ("stage.expiry", "never", "days or a date for an ephemeral stage"),
    ("stage.log_days", 8, "one of 1, 3, 5, 7"),
    ("network.enabled", "yes", "true or false"),
    ("network.cidr", "8.8.8.0/24", "a private IPv4 range from /16 to /24"),
    ("network.cidr", "127.0.0.0/16", "a private IPv4 range from /16 to /24"),
    ("network.cidr", "10.0.0.0/8", "a private IPv4 range from /16 to /24"),
    ("network.cidr", "10.0.0.1/16", "a private IPv4 range from /16 to /24"),
    ("network.availability_zones", 1, "greater than or equal to 2"),
    ("network.availability_zones", "2", "a whole number"),
    ("network.interface_endpoints", "ssm", "a list in square brackets"),
    ("network.interface_endpoints.0", ["smm"], "did you mean ssm?"),
    ("network.interface_endpoints", ["ssm", "ssm"], "each value once"),
    ("network.interface_endpoints.0", ["s3"], "an AWS PrivateLink service"),
    ("network.flow_logs", 1, "true or false"),
    ("storage.enabled", "on", "true or false"),
    ("storage.incomplete_upload_days", 0, "greater than or equal to 1"),
    ("storage.old_version_days", 1.5, "a whole number"),
    ("storage.scratch_prefixes.0", ["/scratch/"], "a key prefix"),
    ("storage.scratch_prefixes.0", ["tmp"], "a key prefix"),
    ("storage.scratch_prefixes", ["tmp/", "tmp/"], "each value once"),
    ("storage.scratch_days", 366, "less than or equal to 365"),
    ("vision.enabled", None, "true or false"),
    ("vision.max_concurrency", 1, "greater than or equal to 2"),
    ("vision.images", {}, "name a prefix and its analyses"),
    ("vision.images", {"photos": ["labels"]}, 'a key prefix such as "photos/"'),
    ("vision.images", {"a*/": ["labels"]}, "without * ? and $"),
    ("vision.images", {"${aws:username}/": ["labels"]}, "without * ? and $"),
    ("vision.images", {"/photos/": ["labels"]}, 'a key prefix such as "photos/"'),
    ("vision.images", {"写真/": ["labels"]}, "of ASCII letters"),
    ("vision.images", {" photos/": ["labels"]}, "of ASCII letters"),
    ("vision.images", {"photos/": []}, "name at least one"),
    ("vision.images", {"photos/": "labels"}, "a list in square brackets"),
    ("vision.images", {"photos/": ["labels", "labels"]}, "each value once"),
    ("vision.images", {"photos/": ["labelz"]}, "did you mean labels?"),
    ("vision.images", {"photos/": ["smells"]}, "one of labels, faces, moderation"),
    ("vision.images", {f"{number:0>100}/": ["labels"] for number in range(12)}, "be fewer or shorter"),
    ("vision.videos", {"photos/clips/": ["labels"]}, "not overlap with 'photos/' of vision.images"),
    ("vision.videos", {"videos/": ["celebrities"]}, "a video analysis, "),
    ("vision.video_jobs", 0, "greater than or equal to 1"),
    ("vision.calls_per_second", {"labels": 0}, "greater than 0"),
    ("vision.calls_per_second", {"labelz": 5}, "did you mean labels?"),
    ("vision.results_days", -1, "greater than or equal to 0"),
    ("vision.backfill_buckets", ["Holidays"], "3 to 63 of a-z"),
    ("vision.backfill_buckets", ["holidays", "holidays"], "each value once"),
    ("vision.alarms", "yes", "true or false"),
    ("vision.alarm_email", "me", "an e-mail address"),
    ("vision.alarm_email", "me@example.com", "be left out while vision.alarms is false"),
    ("vision.dashboard", 1, "true or false"),
    ("vision.labels.min_confidence", 170, "less than or equal to 100"),
    ("vision.labels.min_confidence", math.nan, "a finite number"),
    ("vision.labels.min_confidence", True, "a number"),
    ("vision.labels.max_labels", 0, "greater than or equal to 1"),
    ("vision.labels.image_properties", "yes", "true or false"),
    ("vision.faces.attributes", "some", "'default' or 'all'"),
    ("vision.moderation.min_confidence", -1, "greater than or equal to 0"),
    ("vision.moderation.act_at", 10.0, "at least min_confidence (50)"),
    ("vision.moderation.action", "delete", "'record', 'tag' or 'quarantine'"),
    ("vision.moderation.review", "no", "true or false"),
    ("vision.moderation.review_days", 361, "less than or equal to 360"),
    ("vision.text.min_confidence", 101, "less than or equal to 100"),
    ("vision.protective_equipment.min_confidence", 101, "less than or equal to 100"),
    ("vision.protective_equipment.required", [], "name at least one"),
    ("vision.protective_equipment.required", ["BOOTS"], "'FACE_COVER', 'HAND_COVER' or 'HEAD_COVER'"),
    ("vision.custom_labels.project_version", "my-model", "the ARN of a Custom Labels model"),
    ("vision.custom_labels.min_confidence", 101, "less than or equal to 100"),
    ("vision.people.min_similarity", 101, "less than or equal to 100"),
]


def changed(key: str, value: object) -> dict[str, Any]:
    """The sandbox profile with one key changed."""
    table, *path = key.split(".")
    base = document("sandbox", {})
    place = base[table]
    for name in path[:-1]:
        place = place.setdefault(name, {})
    place[path[-1]] = value
    return base


@pytest.mark.parametrize(("key", "value", "allowed"), BAD)
def test_a_bad_value_is_one_line_with_file_key_value_and_what_is_allowed(key: str, value: object, allowed: str) -> None:
    plain = key.removesuffix(".0")

    with pytest.raises(config.ProfileError) as caught:
        config.parse(changed(plain, value), source="config/mine.toml")

    [line] = str(caught.value).splitlines()
    assert line.startswith(f"config/mine.toml: {plain}")
    assert " = " in line
    assert ": must " in line
    assert allowed in line
    if not isinstance(value, list | dict):
        assert line.startswith(f"config/mine.toml: {key} = {json.dumps(value)}: must ")


def keys(model: type[BaseModel], path: str = "") -> set[str]:
    """Every key of a table and of the tables in it, by its whole path."""
    found = set()
    for name, field in model.model_fields.items():
        table = field.annotation
        if isinstance(table, type) and issubclass(table, BaseModel):
            found |= keys(table, f"{path}{name}.")
        else:
            found.add(f"{path}{name}")
    return found


def test_every_key_has_a_bad_value_in_these_tests() -> None:
    assert {key.removesuffix(".0") for key, *_ in BAD} == keys(config.Profile)


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ("people_pathing", 'AWS closed Rekognition People Pathing on 2025-10-31; use "labels" in [vision.videos]'),
        ("Streaming", "AWS closed Rekognition streaming video on 2026-04-30; put frames or clips"),
        ("media-analysis", "AWS closed Rekognition bulk media analysis on 2026-04-30; use `mlstack vision backfill"),
        ("a2i", "AWS closed Augmented AI (A2I) on 2026-07-30; use vision.moderation.review = true"),
    ],
)
@pytest.mark.parametrize("table", ["images", "videos"])
def test_what_aws_has_closed_is_refused_with_its_successor(table: str, asked: str, line: str) -> None:
    with pytest.raises(config.ProfileError, match="must be left out") as caught:
        config.parse(changed(f"vision.{table}", {"elsewhere/": [asked]}), source="x.toml")

    assert line in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"vision.images": {"a/": ["custom_labels"]}}, "vision.custom_labels.project_version = null: must name"),
        (
            {"vision.moderation.review": True, "vision.moderation.action": "record"},
            'vision.moderation.action = "record": must be "tag" or "quarantine" while review is true',
        ),
        (
            {
                "stage.region": "us-west-1",
                "vision.images": {"a/": ["custom_labels"]},
                "vision.custom_labels.project_version": MODEL,
            },
            'stage.region = "us-west-1": must be a region with Rekognition Custom Labels',
        ),
    ],
)
def test_keys_that_contradict_each_other_are_refused(changes: dict[str, Any], line: str) -> None:
    contradiction = document("sandbox", {})
    for key, value in changes.items():
        *path, last = key.split(".")
        place = contradiction
        for name in path:
            place = place.setdefault(name, {})
        place[last] = value

    with pytest.raises(config.ProfileError) as caught:
        config.parse(contradiction, source="x.toml")

    assert str(caught.value).startswith(f"x.toml: {line}")


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        ({"stage": {"regions": "us-east-1"}}, "x.toml: stage.regions: is not a key; did you mean region?"),
        ({"vision": {"zzz": 1}}, "x.toml: vision.zzz: is not a key; allowed: alarm_email, alarms, backfill_buckets"),
        ({"visoin": {"enabled": True}}, "x.toml: visoin: is not a key; did you mean vision?"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(overrides: dict[str, Any], line: str) -> None:
    with pytest.raises(config.ProfileError) as caught:
        config.parse(document("sandbox", overrides), source="x.toml")

    assert str(caught.value).startswith(line)


def test_a_missing_key_is_named_with_what_it_is_for() -> None:
    incomplete = document("sandbox", {})
    del incomplete["stage"]["owner"]

    with pytest.raises(config.ProfileError, match=r"x\.toml: stage\.owner: is missing; Tag `owner` on everything"):
        config.parse(incomplete, source="x.toml")


def test_several_mistakes_are_several_lines() -> None:
    with pytest.raises(config.ProfileError) as caught:
        config.parse(document("sandbox", {"stage": {"name": "X", "log_days": 8}}), source="x.toml")

    assert len(str(caught.value).splitlines()) == 2


def test_a_stage_with_every_stack_left_out_is_refused() -> None:
    nothing = {name: {"enabled": False} for name in ("network", "storage", "vision")}

    with pytest.raises(config.ProfileError, match="must be true for at least one of network, storage, vision"):
        config.parse(document("sandbox", nothing), source="x.toml")


@given(
    st.dictionaries(
        st.sampled_from(["stage", "network", "storage", "vision", "", "x"]),
        st.one_of(st.none(), st.text(), st.integers(), st.dictionaries(st.text(), st.text())),
    )
)
def test_any_other_document_is_a_profile_error_of_whole_lines(anything: dict[str, Any]) -> None:
    with pytest.raises(config.ProfileError) as caught:
        config.parse(anything, source="x.toml")

    assert all(line.startswith("x.toml: ") for line in str(caught.value).splitlines())


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ("nope", "profile = 'nope': must be one of production, sandbox, team, or the path of a .toml file"),
        ("../../etc/passwd", "must be one of production, sandbox, team"),
        ("app.py", "must be one of production, sandbox, team"),
        ("config/none.toml", "config/none.toml: no such profile file"),
    ],
)
def test_an_unknown_profile_is_refused_with_the_known_ones(choice: str, reason: str) -> None:
    with pytest.raises(config.ProfileError) as caught:
        config.load(choice)

    assert reason in str(caught.value)


@pytest.mark.parametrize("content", [b"[stage", b"\xff\xfe", b"[stage]\nname = 1\nname = 2\n"])
def test_a_file_that_is_no_toml_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)

    with pytest.raises(config.ProfileError, match=r"broken\.toml: is not valid TOML"):
        config.load(str(path))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_profile_is_valid_and_named_after_its_file(name: str) -> None:
    assert config.load(name).stage.name == name


def test_the_default_profile_is_the_sandbox() -> None:
    assert config.load(None) == config.load("sandbox")


def test_a_profile_cannot_be_changed_after_it_was_read() -> None:
    profile = config.load("sandbox")

    with pytest.raises(ValueError, match="frozen"):
        profile.stage.name = "other"  # type: ignore[misc]  # what the test is about


def test_the_schema_in_config_is_the_one_of_the_models() -> None:
    committed = json.loads((ROOT / "config" / "schema.json").read_text(encoding="utf-8"))

    assert committed == config.schema(), "run `make schema`"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Every field that is read from a profile while the test runs, as (model, field)."""
    seen: set[tuple[str, str]] = set()
    plain = Settings.__getattribute__

    def watched(settings: Settings, name: str) -> Any:  # noqa: ANN401  # a field can be anything
        kind = type(settings)
        if name in kind.model_fields:
            seen.add((kind.__name__, name))
        return plain(settings, name)

    monkeypatch.setattr(Settings, "__getattribute__", watched)
    return seen


def fields(model: type[BaseModel]) -> set[tuple[str, str]]:
    """Every leaf of the profile, as (model, field)."""
    found = set()
    for name, field in model.model_fields.items():
        table = field.annotation
        if isinstance(table, type) and issubclass(table, BaseModel):
            found |= fields(table)
        else:
            found.add((model.__name__, name))
    return found


class Asked(dict[str, Any]):
    """An analysis's options, which remembers what its request asks for."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self.keys_read: set[str] = set()

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401  # an option can be anything
        self.keys_read.add(key)
        return super().__getitem__(key)


def asked_by_functions() -> set[tuple[str, str]]:
    """What no stack reads because it is handed to a function, which does."""
    vision = config.load("sandbox").vision
    found = {("Moderation", "act_at")}  # tests/functions/image_analysis say what comes of it
    for name, analysis in ANALYSES.items():
        options = Asked(vision.options(name) | {"collection": "c", "person": "p"})
        analysis.request(options)
        table = getattr(vision, name, None)
        found |= {(type(table).__name__, key) for key in options.keys_read}
    return found


def test_no_key_is_dead(reads: set[tuple[str, str]], tmp_path: Path) -> None:
    profiles = [config.parse(document(name, {}), source=name) for name in ("sandbox", "production")]
    reads.clear()  # validation reads too; what counts is what the stacks read

    for profile in profiles:
        Platform(cdk.App(context=FLAGS, outdir=str(tmp_path / profile.stage.name)), profile)

    assert fields(config.Profile) - reads - asked_by_functions() == set()


def test_a_bad_profile_ends_the_app_with_one_line_and_code_2_and_makes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "cdk.out"
    kept = {
        key: os.environ[key] for key in ("PATH", "JSII_NODE", "JSII_RUNTIME_PACKAGE_CACHE_ROOT") if key in os.environ
    }
    context = json.dumps({"profile": "sandbx"})

    outcome = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        env=kept | {"HOME": str(tmp_path), "CDK_OUTDIR": str(out), "CDK_CONTEXT_JSON": context},
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert len(outcome.stderr.splitlines()) == 1
    assert "must be one of production, sandbox, team" in outcome.stderr
    assert not list(out.glob("*.template.json"))
