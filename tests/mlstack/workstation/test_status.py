"""`mlstack workstation status`, as a person and as a script see it."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.mlstack.wire import client
from tests.mlstack.workstation.conftest import SETTINGS, Answer, Run, Stage, refused

LATEST = "/aws/service/deeplearning/ami/x86_64/base/latest/ami-id"
ABSENT = EndpointConnectionError(endpoint_url="https://x")
HOURS_3 = timedelta(hours=3)


def shown(run: Run, *names: str) -> dict[str, Any]:
    """What a script reads of the only workstation."""
    code, output, _ = run("status", *names, "--json")
    (found,) = json.loads(output)
    assert code == 0
    assert isinstance(found, dict)
    return found


def beat(machine: str, idle: int, ago: timedelta = timedelta(0)) -> None:
    """Let the machine be heard of."""
    client("cloudwatch").put_metric_data(
        Namespace="mlstack/Workstation",
        MetricData=[
            {
                "MetricName": "IdleMinutes",
                "Dimensions": [{"Name": "InstanceId", "Value": machine}],
                "Timestamp": datetime.now(UTC) - ago,
                "Value": idle,
            }
        ],
    )


def test_a_running_workstation_says_what_this_run_has_cost_and_when_it_ends(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch()
    stage.set(machine, "running", ago=HOURS_3)
    beat(machine, 20)

    found = shown(run)

    assert found["instance_id"] == machine
    assert (found["status"], found["instance_type"], found["market"]) == ("running", "g5.xlarge", "on-demand")
    assert found["usd_so_far"] == pytest.approx(3.60, abs=0.01)
    assert found["idle_minutes"] == 20
    assert found["stops_when_idle_at"] < found["stops_at_latest"]
    assert found["differs"] == []


def test_the_table_shows_everything_and_the_next_command(stage: Stage, run: Run) -> None:
    stage.put(daily_stop="22:00", time_zone="Europe/Paris")
    stage.launch()

    code, output, errors = run("status")

    assert code == 0
    for row in (
        "g5.xlarge",
        "on-demand",
        "ami-12c6146b",
        "$1.20 an hour",
        "$10.10 a month for 125 GB",
        "paid about so far",
    ):
        assert row in output
    assert "at the latest" in output
    assert errors == "next: `mlstack workstation ssh trainer --aws`\n"


def test_a_stopped_workstation_has_no_run(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(state="stopped")
    beat(machine, 5)

    found = shown(run)

    assert found["usd_so_far"] is found["running_since"] is found["heartbeat_at"] is found["stops_at_latest"] is None
    assert "next: `mlstack workstation start trainer --aws`" in run("status")[2]
    assert stage.calls("GetMetricStatistics") == []


def test_a_price_that_nobody_knows_is_said_to_be_unknown(stage: Stage, run: Run) -> None:
    stage.put(running_price="a price not known here for g5.xlarge")
    stage.launch()

    assert shown(run)["usd_so_far"] is None
    assert re.search(r"paid about so far +not known", run("status")[1])


def test_all_workstations_are_shown_and_one_by_its_name(stage: Stage, run: Run) -> None:
    for name in ("a", "b"):
        stage.put(name)
        stage.launch(name)

    every = json.loads(run("status", "--json")[1])

    assert [one["name"] for one in every] == ["a", "b"]
    assert shown(run, "b")["name"] == "b"


def test_more_workstations_than_a_page_of_parameters_holds_are_all_shown(stage: Stage, run: Run) -> None:
    names = [f"w{number:02}" for number in range(25)]
    for name in names:
        stage.put(name)

    assert [one["name"] for one in json.loads(run("status", "--json")[1])] == names


def test_another_stages_machines_are_none_of_this_one(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch()
    stage.launch(stage="team")
    stage.launch(tags={"project": "another"})

    assert shown(run)["others"] == []


def test_a_machine_that_something_else_launched_under_the_name_is_shown_too(stage: Stage, run: Run) -> None:
    stage.put()
    deployed = stage.launch(state="stopped")
    stage.machine(deployed).add_tags({"aws:cloudformation:stack-name": "mlstack-sandbox-Workstations"})
    stray = stage.launch()

    found = shown(run)

    assert found["instance_id"] == deployed
    assert [other["instance_id"] for other in found["others"]] == [stray]
    assert f"also {stray}" in run("status")[1]


def test_of_two_that_nobody_deployed_the_one_that_costs_is_the_workstation(stage: Stage, run: Run) -> None:
    stage.put()
    running = stage.launch()
    stage.set(running, "running", ago=HOURS_3)
    stage.launch(state="stopped")

    assert shown(run)["instance_id"] == running


def test_a_machine_whose_workstation_the_stage_does_not_know_is_shown(stage: Stage, run: Run) -> None:
    machine = stage.launch("forgotten")

    assert shown(run)["instance_id"] == machine
    assert "none that can be read: deploy the stage again" in run("status")[1]


@pytest.mark.parametrize("state", ["terminated", "shutting-down", None])
def test_a_terminated_workstation_says_how_to_get_it_back(stage: Stage, run: Run, state: str | None) -> None:
    stage.put()
    if state:
        stage.launch(state=state)

    assert shown(run)["status"] == "terminated"
    assert "raise `edition` of [workstations.trainer]" in shown(run)["to_get_it_back"]
    assert "raise `edition` of [workstations.trainer]" in run("status")[1]
    assert "until then a deploy that changes its tags or its type fails" in run("status")[1]


def test_one_that_its_profile_terminates_is_said_not_to_stay_stopped(stage: Stage, run: Run) -> None:
    stage.put(on_idle="terminate", daily_stop="22:00")
    machine = stage.launch(state="stopped")
    stopped = run("status")[1]

    stage.set(machine, "running")
    running = run("status")[1]

    said = " ".join(stopped.split())
    assert "price once terminated" in said
    assert "price while stopped" not in said
    assert "only until a belt outside terminates it, and its disk with it" in said
    assert "or the daily stop, every day at 22:00 (UTC)" in said
    assert "a belt outside" not in running


def test_a_terminated_machine_of_no_workstation_is_not_shown(stage: Stage, run: Run) -> None:
    stage.launch("deleted", state="terminated")

    assert run("status", "--json")[1] == "[]\n"


def test_a_stage_without_workstations_names_the_next_step(stage: Stage, run: Run) -> None:
    code, output, errors = run("status")

    assert (code, output) == (2, "")
    assert errors == (
        f"mlstack: stage sandbox on {stage.account.shown} has no workstation; "
        "write [workstations.NAME] into its profile and deploy it\n"
    )
    assert run("status", "--json")[:2] == (0, "[]\n")


@pytest.mark.usefixtures("stage")
def test_a_stage_without_workstations_names_those_that_have_some(run: Run) -> None:
    for name in ("team/workstations/a", "team/workstations/b", "lab/workstations/a", "other/models/a", "x"):
        client("ssm").put_parameter(Name=f"/mlstack/{name}", Value="{}", Type="String")

    code, _, errors = run("status")

    assert code == 2
    assert "has no workstation; say --stage with one that has: lab, team, or write [workstations.NAME]" in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("fault", [refused("AccessDeniedException"), ABSENT], ids=["refused", "absent"])
def test_other_stages_that_may_not_be_read_are_not_named(stage: Stage, run: Run, fault: Answer) -> None:
    stage.answer("GetParametersByPath", {"Parameters": []}, fault)

    assert "has no workstation; write [workstations.NAME]" in run("status")[2]


def test_a_newer_image_is_named_only_where_the_image_follows_the_latest(stage: Stage, run: Run) -> None:
    stage.answer("GetParameter", {"Parameter": {"Value": "ami-0new"}})
    stage.put("follows", image=LATEST)
    stage.put("pinned")
    stage.launch("follows")
    stage.launch("pinned")

    assert shown(run, "follows")["newer_image_id"] == "ami-0new"
    assert shown(run, "pinned")["newer_image_id"] is None
    assert (
        "ami-12c6146b; ami-0new is newer: raise `edition` to take it, the disk is made anew"
        in run("status", "follows")[1]
    )


def test_the_latest_image_is_called_the_latest(stage: Stage, run: Run) -> None:
    stage.answer("GetParameter", {"Parameter": {"Value": "ami-12c6146b"}})
    stage.put(image=LATEST)
    stage.launch()

    assert "ami-12c6146b, the latest" in run("status")[1]


def test_a_line_of_images_that_aws_gave_up_is_named(stage: Stage, run: Run) -> None:
    stage.answer("GetParameter", refused("ParameterNotFound"))
    stage.put(image=LATEST)
    stage.launch()

    assert f"AWS publishes {LATEST} no more" in run("status")[1]


def launch_of_template(stage: Stage, **now: Any) -> str:  # noqa: ANN401 (launch template data)
    """Launch from a template's first version, which then gets another."""
    ec2 = client("ec2")
    made = ec2.create_launch_template(
        LaunchTemplateName="t", LaunchTemplateData={"ImageId": "ami-12c6146b", "KeyName": "k"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    machine = stage.launch()
    stage.machine(machine).add_tags({"aws:ec2launchtemplate:id": made, "aws:ec2launchtemplate:version": "1"})
    ec2.create_launch_template_version(LaunchTemplateId=made, LaunchTemplateData=now)
    return machine


def test_what_a_deploy_changed_for_the_next_edition_is_named(stage: Stage, run: Run) -> None:
    stage.put()
    disk = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 200, "VolumeType": "gp3"}}
    launch_of_template(stage, ImageId=f"resolve:ssm:{LATEST}", BlockDeviceMappings=[disk], KeyName="k")

    assert shown(run)["differs"] == [
        f"image: has ami-12c6146b, the profile says {LATEST}",
        "disk: has none, the profile says 200 GB gp3",
    ]
    assert "raise `edition` to take it" in run("status")[1]


def test_a_spot_machine_says_how_its_request_stands(stage: Stage, run: Run) -> None:
    stage.put(market="spot")
    stage.spot(stage.launch(state="stopped"), "persistent", "instance-stopped-no-capacity")

    found = shown(run)

    assert (found["market"], found["one_time"]) == ("spot", False)
    assert found["spot_status"] == "instance-stopped-no-capacity"


@pytest.mark.parametrize(
    "status", ["instance-stopped-no-capacity", "instance-stopped-by-price", "instance-stopped-by-experiment"]
)
def test_nobody_is_told_to_start_what_only_aws_may_start(stage: Stage, run: Run, status: str) -> None:
    stage.put(market="spot")
    machine = stage.launch(state="stopped")
    stage.spot(machine, "persistent", status)
    interrupted = run("status")

    stage.spot(machine, "persistent", "instance-stopped-by-user")

    assert f"{status}: AWS starts it again when it has room" in interrupted[1]
    assert interrupted[2] == ""
    assert "next: `mlstack workstation start" in run("status")[2]


def test_a_workstation_that_is_kept_awake_says_until_when(stage: Stage, run: Run) -> None:
    stage.put()
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=5)
    machine = stage.launch(tags={"mlstack:keep-awake": f"{until:%Y-%m-%dT%H:%M:%SZ}"})
    beat(machine, 0)

    found = shown(run)

    assert found["kept_awake_until"] == found["stops_when_idle_at"] == until.isoformat()
    assert "kept awake until" in run("status")[1]


def test_a_keep_awake_that_is_over_keeps_nothing_awake(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(tags={"mlstack:keep-awake": "2020-01-01T00:00:00Z"})
    beat(machine, 0)

    assert shown(run)["kept_awake_until"] is None
    assert shown(run)["stops_when_idle_at"] > datetime.now(UTC).isoformat()
    assert "kept awake" not in run("status")[1]


@pytest.mark.parametrize("tag", ["soon", "2026-13-99T00:00:00Z", "2026-11-22T18:00:00", "\x9b2J\n", "9" * 200])
def test_a_keep_awake_tag_that_makes_no_sense_is_shown_and_not_believed(stage: Stage, run: Run, tag: str) -> None:
    stage.put()
    stage.machine(stage.launch()).add_tags({"mlstack:keep-awake": tag})

    output = run("status")[1]

    assert "kept awake until     not known: the tag says" in output
    assert "\x9b" not in output
    assert shown(run)["kept_awake_until"] is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"x"', "[" * 5000, "\x1b[2J", '{"running_price": 7, "login": ["a"]}']
)
def test_settings_that_are_broken_break_nothing(stage: Stage, run: Run, text: str) -> None:
    stage.answer(
        "GetParametersByPath", {"Parameters": [{"Name": "/mlstack/sandbox/workstations/trainer", "Value": text}]}
    )
    stage.launch()

    code, output, _ = run("status")

    assert code == 0
    assert "running" in output
    assert "\x1b" not in output


def test_names_and_values_from_outside_cannot_move_the_cursor(stage: Stage, run: Run) -> None:
    stage.put(running_price="\x1b[2J[red]$1 an hour", time_zone="\x1b]0;x\a", daily_stop="22:00")
    machine = stage.launch()
    stage.machine(machine).add_tags({"workstation": "a\x9b2J\nb"})
    stage.set(machine, "stopped", reason="\x9b31m\u202egone")
    stage.launch()

    code, output, errors = run("status")

    assert code == 0
    assert not set("\x1b\x9b\a\u202e") & set(output + errors)
    assert "[red]$1 an hour" in output
    assert run("status", "--json")[1].isascii()


@pytest.mark.parametrize("fault", [refused("AccessDenied"), ABSENT], ids=["refused", "absent"])
@pytest.mark.parametrize(
    "operation",
    [
        "GetMetricStatistics",
        "GetParameter",
        "DescribeLaunchTemplateVersions",
        "DescribeSpotInstanceRequests",
        "DescribeVolumes",
    ],
)
def test_what_is_not_its_state_may_be_unknown(stage: Stage, run: Run, operation: str, fault: Answer) -> None:
    stage.put(image=LATEST)
    stage.answer("GetParameter", {"Parameter": {"Value": "ami-12c6146b"}})
    stage.spot(launch_of_template(stage), "persistent")
    stage.answer(operation, fault)

    code, output, _ = run("status")

    assert code == 0
    assert "running" in output
    assert "not known: " in output


@pytest.mark.parametrize("fault", [refused("AccessDenied"), ABSENT], ids=["refused", "absent"])
@pytest.mark.parametrize("operation", ["GetParametersByPath", "DescribeInstances"])
def test_what_aws_refuses_is_one_line_and_code_2(stage: Stage, run: Run, operation: str, fault: Answer) -> None:
    stage.put()
    stage.launch()
    stage.answer(operation, fault)

    code, output, errors = run("status")

    assert (code, output) == (2, "")
    assert errors.startswith("mlstack: AWS ")
    assert len(errors.splitlines()) == 1


def test_a_workstation_of_another_name_is_refused_with_the_names_there_are(stage: Stage, run: Run) -> None:
    stage.put()
    stage.put("other")

    assert "has no workstation trainer9; it has other, trainer" in run("status", "trainer9")[2]
    assert "several workstations; name one of other, trainer" in run("start")[2]


@pytest.mark.parametrize(("said", "meant"), [("trianer", "trainer"), ("GPU", "gpu"), ("\x1b[2J", "")])
def test_a_name_that_comes_near_is_asked_back(stage: Stage, run: Run, said: str, meant: str) -> None:
    stage.put()
    stage.put("gpu")

    code, _, errors = run("start", said)

    assert code == 2
    assert (f"; did you mean {meant}?" in errors) == bool(meant)
    assert "\x1b" not in errors


@pytest.mark.usefixtures("local")
def test_a_machine_of_the_local_aws_is_heard_and_not_logged_in_to(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch()
    silent = run("status")

    beat(machine, 7)

    assert "none yet; the first comes some minutes after the start" in silent[1]
    assert silent[2] == ""
    assert "idle for 7 min then" in run("status")[1]


def test_settings_that_the_machine_has_not_taken_yet_are_said_to_come(stage: Stage, run: Run) -> None:
    machine = stage.launch()
    stage.set(machine, "running", ago=HOURS_3)
    stage.put()
    first = run("status")[1]
    stage.put(idle_minutes=90)
    beat(machine, 0)

    assert "so says the profile" not in first
    said = " ".join(run("status")[1].split())

    assert "; so says the profile, deployed " in said
    assert "UTC: the machine goes by the one before until its next boot, or " in said


@pytest.mark.parametrize(
    ("launched", "changed"),
    [(timedelta(minutes=5), timedelta(minutes=10)), (HOURS_3, timedelta(minutes=61)), (HOURS_3, timedelta(hours=4))],
    ids=["before the start", "more than an hour ago", "long before the start"],
)
def test_settings_that_the_machine_has_taken_are_simply_true(
    stage: Stage, run: Run, launched: timedelta, changed: timedelta
) -> None:
    stage.set(stage.launch(), "running", ago=launched)
    one = {
        "Name": "/mlstack/sandbox/workstations/trainer",
        "Value": json.dumps(SETTINGS),
        "LastModifiedDate": datetime.now(UTC) - changed,
        "Version": 2,
    }
    stage.answer("GetParametersByPath", {"Parameters": [one]})

    output = run("status")[1]

    assert "at the latest" in output
    assert "so says the profile" not in output
