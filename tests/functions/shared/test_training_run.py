"""The names that everything of one execution has."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import training_run

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}")
TAG = re.compile(r"[\w .:/=+\-@]*")


@given(execution=st.text(min_size=1, max_size=80), stage=st.from_regex(r"[a-z][a-z0-9]{0,14}", fullmatch=True))
def test_a_job_has_a_name_that_every_kind_of_job_may_have(execution: str, stage: str) -> None:
    name = training_run.job_name(stage, execution)

    assert NAME.fullmatch(name)
    assert name == training_run.job_name(stage, execution)


def test_executions_have_jobs_of_their_own() -> None:
    assert training_run.job_name("sandbox", "first") == "mlstack-sandbox-a7937b64"
    assert training_run.job_name("sandbox", "second") != training_run.job_name("sandbox", "first")
    assert training_run.job_name("team", "first") != training_run.job_name("sandbox", "first")


def test_a_run_has_a_folder_of_its_own() -> None:
    assert training_run.run_prefix("waste-sorter", "job") == "training/waste-sorter/job/"


def test_names_hold_the_stage() -> None:
    assert training_run.group_name("sandbox", "waste-sorter") == "mlstack-sandbox-waste-sorter"
    assert training_run.endpoint_name("sandbox", "waste") == "mlstack-sandbox-waste"
    assert training_run.config_name("mlstack-sandbox-waste", "mlstack-sandbox-a7937b64") == (
        "mlstack-sandbox-waste-a7937b64"
    )


@pytest.mark.parametrize(
    ("execution", "value"), [("2026-11-22T06:35", "2026-11-22T06:35"), ("été!('x')", "été___x__"), ("💥", "_")]
)
def test_a_tag_holds_what_a_tag_may_hold(execution: str, value: str) -> None:
    assert training_run.tags("sandbox", execution, "waste-sorter") == {
        "mlstack:stage": "sandbox",
        "mlstack:execution": value,
        "mlstack:model": "waste-sorter",
    }


@given(execution=st.text(max_size=80))
def test_every_tag_is_one(execution: str) -> None:
    for tag in training_run.tag_list("sandbox", execution, "waste-sorter"):
        assert TAG.fullmatch(tag["Value"])
        assert len(tag["Value"]) <= 256
