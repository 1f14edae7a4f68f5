"""A workstation's life on the local AWS, told in order, by the real CDK CLI and with the deployed scripts."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstack.errors import UserError
from mlstack.local.aws import LocalAws
from mlstack.local.synthesis import synthesize
from tests.local.patience import eventually
from tests.mlstack.conftest import Run, runner, standing

PROFILE = Path(__file__).with_name("workstations.toml")
NAMES = ("gpu", "spare")
LINE = "/aws/service/deeplearning/ami/x86_64/oss-nvidia-driver-gpu-pytorch-2.12-ubuntu-24.04/latest/ami-id"
HOUR_S = 3600
LIVING = ("pending", "running", "stopping", "stopped")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A stage with two workstations, deployed."""
    with standing(tmp_path_factory.mktemp("desk"), str(PROFILE)) as aws:
        yield aws


@pytest.fixture
def run(desk: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on that stage."""
    return runner(desk, monkeypatch, capsys)


def instances(aws: LocalAws, name: str, *states: str) -> list[dict[str, Any]]:
    """Every instance of a workstation in these states."""
    filters = [{"Name": "tag:workstation", "Values": [name]}, {"Name": "instance-state-name", "Values": [*states]}]
    pages = aws.client("ec2").get_paginator("describe_instances").paginate(Filters=filters)
    return [one for page in pages for group in page["Reservations"] for one in group["Instances"]]


def instance(aws: LocalAws, name: str) -> dict[str, Any]:
    """The one that is not gone."""
    [found] = instances(aws, name, *LIVING)
    return found


def state(aws: LocalAws, name: str) -> str:
    """As EC2 tells it."""
    return str(instance(aws, name)["State"]["Name"])


def status(run: Run, name: str) -> dict[str, Any]:
    """What the command says of one of them to machines."""
    code, written, errors = run("workstation", "status", name, "--json", "--stage", "desk")
    assert code == 0, errors
    [found] = json.loads(written)
    assert isinstance(found, dict)
    return found


def redeploy(aws: LocalAws, change: Callable[[str], str], tmp_path: Path) -> None:
    """Deploy the profile anew, changed."""
    profile = tmp_path / "changed.toml"
    profile.write_text(change(PROFILE.read_text(encoding="utf-8")), encoding="utf-8")
    synthesize(aws.folder, str(profile))
    aws.deploy()


def test_both_boot_with_the_deployed_scripts_and_say_so(desk: LocalAws) -> None:
    assert [state(desk, name) for name in NAMES] == ["running", "running"]
    assert desk.gaps() == []
    assert desk.report()["faults"] == []
    for name in NAMES:
        log = Path(desk.machines()[instance(desk, name)["InstanceId"]]["log"]).read_text(encoding="utf-8")
        assert "the boot is done" in log
        assert "smoke check passed" in log


def test_status_tells_what_they_cost_and_when_they_go_off(run: Run) -> None:
    code, written, errors = run("workstation", "status", "--stage", "desk")

    assert code == 0, errors
    assert "$1.011 an hour" in written
    assert "at most $0.531 an hour" in written


def test_newer_image_and_a_deploy_of_other_settings_leave_the_machine_alone(
    desk: LocalAws, run: Run, tmp_path: Path
) -> None:
    before = instance(desk, "gpu")
    newer = desk.newer_image(LINE)

    redeploy(
        desk,
        lambda text: text.replace('type = "g5.xlarge"', 'type = "g5.2xlarge"\nidle_minutes = 20\nvolume_gb = 300'),
        tmp_path,
    )

    after = instance(desk, "gpu")
    assert (after["InstanceId"], after["ImageId"]) == (before["InstanceId"], before["ImageId"])
    assert after["ImageId"] != newer
    assert after["InstanceType"] == "g5.2xlarge"
    assert newer in json.dumps(status(run, "gpu"))


def test_deploy_that_would_lock_people_out_is_refused_and_touches_nothing(desk: LocalAws, tmp_path: Path) -> None:
    before = {name: instance(desk, name) for name in NAMES}

    with pytest.raises(UserError, match="say edition = 2"):
        redeploy(
            desk,
            lambda text: text.replace("instance_type", 'os = "amazon-linux-2023"\ninstance_type'),
            tmp_path,
        )

    after = {name: instance(desk, name) for name in NAMES}
    assert {name: one["InstanceId"] for name, one in after.items()} == {
        n: one["InstanceId"] for n, one in before.items()
    }
    assert [state(desk, name) for name in NAMES] == ["running", "running"]


def test_nobody_uses_it_and_its_agent_switches_it_off(desk: LocalAws, run: Run) -> None:
    one = instance(desk, "gpu")["InstanceId"]
    eventually(lambda: "idle for" in Path(desk.machines()[one]["log"]).read_text(encoding="utf-8"), within_s=60)

    desk.machines(one, pass_seconds=0.75 * HOUR_S)

    assert eventually(lambda: state(desk, "gpu") == "stopped", within_s=60)
    assert status(run, "gpu")["went_off_by"] == "it switched itself off"


def test_it_starts_again_by_command(desk: LocalAws, run: Run) -> None:
    code, _, errors = run("workstation", "start", "gpu", "--stage", "desk")

    assert code == 0, errors
    assert "an hour" in errors
    assert state(desk, "gpu") == "running"


def test_without_its_agent_the_belt_outside_stops_it(desk: LocalAws) -> None:
    one = instance(desk, "gpu")["InstanceId"]
    heard = Path(desk.machines()[one]["log"])
    ticks = heard.read_text(encoding="utf-8").count("idle for")
    eventually(lambda: heard.read_text(encoding="utf-8").count("idle for") > ticks, within_s=60)
    desk.pass_time(120)

    desk.machines(one, agent=False)
    desk.pass_time(0.5 * HOUR_S)

    assert state(desk, "gpu") == "stopped"


def test_every_day_has_an_end_for_one_that_works_too(desk: LocalAws) -> None:
    one = instance(desk, "spare")["InstanceId"]
    desk.client("ec2").start_instances(InstanceIds=[one])
    desk.machines(one, busy=True)

    desk.pass_time(24 * HOUR_S)

    assert eventually(lambda: state(desk, "spare") == "stopped", within_s=60)


def test_command_keeps_one_awake_for_as_long_as_the_profile_lets_it(desk: LocalAws, run: Run) -> None:
    started, _, errors = run("workstation", "start", "gpu", "--stage", "desk")
    kept, _, said = run("workstation", "keep-awake", "gpu", "2h", "--stage", "desk")
    refused, _, why = run("workstation", "keep-awake", "gpu", "9h", "--stage", "desk")

    assert (started, kept) == (0, 0), errors + said
    assert "mlstack:keep-awake" in {tag["Key"] for tag in instance(desk, "gpu")["Tags"]}
    assert refused == 2
    assert "8" in why


def test_higher_edition_makes_another_machine_from_the_newest_image(desk: LocalAws, tmp_path: Path) -> None:
    before = {name: instance(desk, name) for name in NAMES}
    requests = desk.client("ec2").describe_spot_instance_requests()["SpotInstanceRequests"]

    redeploy(desk, lambda text: text.replace("instance_type", "edition = 2\ninstance_type"), tmp_path)

    after = {name: instance(desk, name) for name in NAMES}
    assert all(after[name]["InstanceId"] != before[name]["InstanceId"] for name in NAMES)
    assert after["gpu"]["ImageId"] != before["gpu"]["ImageId"]
    states = {
        one["SpotInstanceRequestId"]: one["State"]
        for one in desk.client("ec2").describe_spot_instance_requests()["SpotInstanceRequests"]
    }
    assert {states[one["SpotInstanceRequestId"]] for one in requests} <= {"cancelled", "closed"}
    assert sorted(states.values()).count("active") == 1


def test_launch_that_ec2_refuses_fails_the_deploy_and_leaves_what_was_there(desk: LocalAws, tmp_path: Path) -> None:
    before = {name: instance(desk, name)["InstanceId"] for name in NAMES}
    arm = [{"Name": "architecture", "Values": ["arm64"]}]
    image = desk.client("ec2").describe_images(Filters=arm)["Images"][0]["ImageId"]

    with pytest.raises(UserError):
        redeploy(
            desk,
            lambda text: text.replace("instance_type", "edition = 2\ninstance_type").replace(
                'edition = 2\ninstance_type = "g5', f'edition = 3\nimage = "{image}"\ninstance_type = "g5'
            ),
            tmp_path,
        )

    assert {name: instance(desk, name)["InstanceId"] for name in NAMES} == before


def test_destroy_leaves_nothing(desk: LocalAws) -> None:
    desk.destroy()

    assert [one for name in NAMES for one in instances(desk, name, *LIVING)] == []
    requests = desk.client("ec2").describe_spot_instance_requests()["SpotInstanceRequests"]
    assert {one["State"] for one in requests} <= {"cancelled", "closed"}
    assert desk.client("ec2").describe_volumes()["Volumes"] == []
    assert desk.leftovers().resources == ()
