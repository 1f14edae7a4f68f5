"""What is read of a synthesized template."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.queued.planned import planned
from bench.queued.service import Service
from bench.queued.template import TemplateError, deployed
from stacks.ecs_settings import Service as Settings
from tests.bench.queued.made import template


def written(folder: Path, document: object, name: str = "mlstack-sandbox-Ecs") -> Path:
    (folder / f"{name}.template.json").write_text(json.dumps(document))
    return folder


def read(folder: Path, document: dict[str, Any]) -> Service:
    return deployed(written(folder, document))


def test_service_is_read_with_its_size_queue_and_bounds(tmp_path: Path) -> None:
    found = read(tmp_path, template())

    assert (found.vcpu, found.memory_gb, found.architecture, found.concurrency) == (0.5, 3, "x86_64", 3)
    assert (found.visibility_s, found.receives) == (180, 4)
    assert (found.scaling.least, found.scaling.most) == (0, 7)
    assert found.source == "mlstack-sandbox-Ecs.template.json, mlstack-sandbox-photos"


def test_alarms_are_read_with_their_steps(tmp_path: Path) -> None:
    wake, sleep = read(tmp_path, template()).scaling.rules

    assert wake.counts == {"visible"}
    assert (wake.name, wake.threshold, wake.periods, wake.missing) == ("Wake", 1.0, 1, "notBreaching")
    assert [(step.lower, step.upper, step.tasks) for step in wake.steps] == [(0, 50, 1), (50, None, 7)]
    assert sleep.counts == {"visible", "in flight", "sent"}
    assert (sleep.name, sleep.periods, sleep.needed) == ("Sleep", 9, 8)
    assert (sleep.missing, sleep.cooldown_s) == ("zero", 90.0)


def test_alarm_that_does_not_look_at_the_queue_is_left_out(tmp_path: Path) -> None:
    rules = read(tmp_path, template()).scaling.rules

    assert "Knock" not in {rule.name for rule in rules}


@pytest.mark.parametrize(
    ("treated", "missing"),
    [(None, "ignore"), ("missing", "ignore"), ("ignore", "ignore"), ("breaching", "breaching")],
)
def test_missing_figures_are_treated_as_the_alarm_says(tmp_path: Path, treated: str | None, missing: str) -> None:
    document = template()
    properties = document["Resources"]["Wake"]["Properties"]
    del properties["TreatMissingData"]
    if treated:
        properties["TreatMissingData"] = treated

    assert read(tmp_path, document).scaling.rules[0].missing == missing


def test_what_the_template_leaves_out_is_what_aws_takes(tmp_path: Path) -> None:
    document = template()
    resources = document["Resources"]
    del resources["Queue"]["Properties"]
    del resources["Task"]["Properties"]["RuntimePlatform"]
    del resources["Depth"]["Properties"]["StepScalingPolicyConfiguration"]["Cooldown"]
    resources["Task"]["Properties"]["ContainerDefinitions"][1]["Environment"].pop()

    found = read(tmp_path, document)

    assert (found.visibility_s, found.architecture, found.concurrency) == (30, "x86_64", 1)
    assert found.receives > 1000
    assert found.scaling.rules[0].cooldown_s == 300


@pytest.mark.parametrize("name", ["photos", "mlstack-sandbox-photos", None])
def test_service_is_found_by_its_name(tmp_path: Path, name: str | None) -> None:
    assert deployed(written(tmp_path, template()), name).vcpu == 0.5


def test_service_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"no service called 'texts' that scales; there is mlstack-sandbox-photos"):
        deployed(written(tmp_path, template()), "texts")


def test_folder_without_a_service_is_refused_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"has no service that scales; synthesize a profile with \[ecs\.services"):
        deployed(written(tmp_path, {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}))


def test_service_without_scaling_is_none(tmp_path: Path) -> None:
    document = template()
    del document["Resources"]["Target"]

    with pytest.raises(TemplateError, match="no service that scales; there is mlstack-sandbox-photos"):
        read(tmp_path, document)


def test_step_of_another_kind_is_refused(tmp_path: Path) -> None:
    document = template()
    policy = document["Resources"]["Depth"]["Properties"]["StepScalingPolicyConfiguration"]
    policy["AdjustmentType"] = "ChangeInCapacity"

    with pytest.raises(TemplateError, match="Wake has a policy that is not simulated here: ChangeInCapacity"):
        read(tmp_path, document)


@pytest.mark.parametrize("where", ["Wake", "Sleep"])
def test_period_of_five_minutes_is_refused(tmp_path: Path, where: str) -> None:
    document = template()
    properties = document["Resources"][where]["Properties"]
    if where == "Wake":
        properties["Period"] = 300
    else:
        properties["Metrics"][0]["MetricStat"]["Period"] = 300

    with pytest.raises(TemplateError, match=f"{where} has periods of other than 60 seconds"):
        read(tmp_path, document)


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"Resources": {"A": {"Type": "AWS::ECS::Service"}}}'])
def test_file_that_is_no_template_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.template.json").write_text(text)

    with pytest.raises(TemplateError) as error:
        deployed(tmp_path)

    assert "\n" not in str(error.value)


def test_planned_service_is_what_the_settings_say() -> None:
    found = planned(Settings(vcpu=2, memory_gb=5, max_tasks=4, backlog_per_task=30, sleep_minutes=7, concurrency=9))

    wake, sleep = sorted(found.scaling.rules, key=lambda rule: len(rule.counts))
    assert (found.vcpu, found.memory_gb, found.architecture, found.concurrency) == (2, 5, "arm64", 9)
    assert (found.scaling.least, found.scaling.most) == (0, 4)
    assert [wake.wished(depth) for depth in (1, 30, 31, 61, 91, 5000)] == [1, 1, 2, 3, 4, 4]
    assert wake.wished(0) is None
    assert sleep.counts >= {"visible", "in flight"}
    assert (sleep.periods, sleep.needed, sleep.wished(0), sleep.missing) == (7, 7, 0, "zero")
    assert found.receives == 3
