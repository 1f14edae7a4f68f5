"""settings.json, as a deployment writes it and as people break it: the machine stops in any case."""

import dataclasses
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacks.workstation_settings import USUAL_AWAKE, Workstation
from workstation_agent.settings import LONGEST_IDLE_S, LONGEST_LIFE_S, SHORTEST_IDLE_S, Settings, read


def told(root: Path, text: str | bytes) -> Settings:
    """The settings by this file."""
    path = root / "opt/mlstack/settings.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read({"AGENT_ROOT": str(root), "AGENT_SECOND_LOOK_S": "0"})


def test_settings_are_those_of_the_file(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "workstation": "trainer",
            "region": "eu-west-3",
            "idle_minutes": 45,
            "max_hours": 10,
            "keep_awake_hours": 2.5,
            "on_idle": "terminate",
            "gpu": True,
        }
    )

    found = told(tmp_path, text)

    assert found == Settings(
        idle_s=2700.0,
        longest_s=36_000.0,
        keep_awake_s=9000.0,
        on_idle="terminate",
        region="eu-west-3",
        root=tmp_path,
        second_look_s=0.0,
    )


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "7", '"x"', "[" * 100_000, b"\xff", "{" + " " * 2_000_000])
def test_file_that_is_none_gives_half_an_hour_and_a_day(tmp_path: Path, text: str | bytes) -> None:
    found = told(tmp_path, text)

    assert (found.idle_s, found.longest_s, found.keep_awake_s, found.on_idle) == (1800, 86_400, 28_800, "stop")
    assert len(found.errors) == 1


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_no_file_gives_the_defaults_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "opt/mlstack/settings.json"
    path.parent.mkdir(parents=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)

    found = read({"AGENT_ROOT": str(tmp_path)})

    assert (found.idle_s, found.longest_s, len(found.errors)) == (1800, 86_400, 1)


@pytest.mark.parametrize(
    "value", ["30", None, True, False, [], {}, -5, 0.1 - 0.2, 1e9, float("nan"), float("inf"), 10**400]
)
@pytest.mark.parametrize("key", ["idle_minutes", "max_hours", "keep_awake_hours"])
def test_senseless_number_has_its_default_and_spoils_no_other(tmp_path: Path, key: str, value: object) -> None:
    good = {"idle_minutes": 20, "max_hours": 6, "keep_awake_hours": 1}

    found = told(tmp_path, json.dumps({**good, key: value}))

    plain = told(tmp_path, json.dumps({name: number for name, number in good.items() if name != key}))
    assert len(found.errors) == 1
    assert found.errors[0].startswith(f"{key} in opt/mlstack/settings.json must be from ")
    assert dataclasses.replace(found, errors=()) == plain


def test_file_that_was_swapped_in_by_a_link_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "opt/mlstack"
    (folder / "releases/7").mkdir(parents=True)
    (folder / "releases/7/settings.json").write_text('{"idle_minutes": 45}')
    (folder / "current").symlink_to("releases/7")
    (folder / "settings.json").symlink_to("current/settings.json")

    found = read({"AGENT_ROOT": str(tmp_path)})

    assert (found.idle_s, found.errors) == (2700, ())


def test_link_that_leads_to_itself_gives_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "opt/mlstack").mkdir(parents=True)
    (tmp_path / "opt/mlstack/settings.json").symlink_to("settings.json")

    assert read({"AGENT_ROOT": str(tmp_path)}).idle_s == 1800


def test_wish_is_never_allowed_more_than_the_lifetime(tmp_path: Path) -> None:
    assert told(tmp_path, '{"max_hours": 2, "keep_awake_hours": 5}').keep_awake_s == 7200


def test_no_keeping_awake_is_a_setting_like_another(tmp_path: Path) -> None:
    found = told(tmp_path, '{"keep_awake_hours": 0}')

    assert (found.keep_awake_s, found.errors) == (0, ())


def test_defaults_are_those_of_a_profile() -> None:
    fields = Workstation.model_fields

    assert Settings.idle_s == fields["idle_minutes"].default * 60
    assert Settings.longest_s == fields["max_hours"].default * 3600
    assert Settings.keep_awake_s == USUAL_AWAKE * 3600
    assert Settings.on_idle == fields["on_idle"].default


@pytest.mark.parametrize("text", ["", "x", "nan", "-1", "inf", "900"])
def test_second_look_is_never_far(tmp_path: Path, text: str) -> None:
    assert read({"AGENT_ROOT": str(tmp_path), "AGENT_SECOND_LOOK_S": text}).second_look_s == Settings.second_look_s


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
)
KEYS = st.sampled_from(["idle_minutes", "max_hours", "keep_awake_hours", "on_idle", "region", "other"])


@given(content=st.dictionaries(KEYS, JSON))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_the_file_the_machine_stops(tmp_path: Path, content: dict[str, object]) -> None:
    found = told(tmp_path, json.dumps(content))

    assert SHORTEST_IDLE_S <= found.idle_s <= LONGEST_IDLE_S
    assert 0 < found.longest_s <= LONGEST_LIFE_S
    assert 0 <= found.keep_awake_s <= found.longest_s
    assert found.on_idle in {"stop", "terminate"}
