"""What `mlstack workstation status` tells of disks that machines have left behind."""

import json
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from mlstack.workstation.disk import usd_per_month
from tests.mlstack.wire import client
from tests.mlstack.workstation.conftest import Answer, Run, Stage, refused

ABSENT = EndpointConnectionError(endpoint_url="https://x")


def leave(name: str = "trainer", *, gb: int = 200, stage: str = "sandbox", kind: str = "gp3", **tags: str) -> str:
    """Leave a disk behind, as a durable stage's machine does that was terminated."""
    told = {"project": "mlstack", "stage": stage, "workstation": name, "edition": "1"} | tags
    made: str = client("ec2").create_volume(
        AvailabilityZone="us-east-1a",
        Size=gb,
        VolumeType=kind,
        TagSpecifications=[
            {"ResourceType": "volume", "Tags": [{"Key": key, "Value": value} for key, value in told.items()]}
        ],
    )["VolumeId"]
    return made


def entries(run: Run, *words: str) -> dict[str, Any]:
    """What a script reads, by the workstations' names."""
    code, output, _ = run("status", *words, "--json")
    assert code == 0
    return {one["name"]: one for one in json.loads(output)}


def test_an_earlier_editions_disk_is_listed_with_its_price_and_its_deletion(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch()
    disk = leave()

    (found,) = entries(run)["trainer"]["disks_left"]
    _, output, errors = run("status")

    assert (found["volume_id"], found["edition"], found["gb"], found["usd_per_month"]) == (disk, "1", 200, 16.0)
    assert found["to_delete_it"] == f"aws ec2 delete-volume --volume-id {disk} --region us-east-1"
    assert f"{disk}: 200 GB, of edition 1, made " in output
    assert "$16.00 a month" in output
    assert f"bills until you delete it, for good: `{found['to_delete_it']}`" in errors


def test_a_disk_that_a_machine_has_is_not_left_over(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch()
    client("ec2").attach_volume(VolumeId=leave(), InstanceId=machine, Device="/dev/sdf")

    assert entries(run)["trainer"]["disks_left"] == []
    assert "left over" not in "".join(run("status")[1:])


def test_another_stages_or_projects_disks_are_none_of_this_one(stage: Stage, run: Run) -> None:
    stage.put()
    leave(stage="team")
    leave(project="another")
    client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1)

    assert entries(run)["trainer"]["disks_left"] == []


def test_each_workstation_has_its_own(stage: Stage, run: Run) -> None:
    stage.put("a")
    stage.put("b")
    disk = leave("b")
    leave("a")

    assert [one["volume_id"] for one in entries(run, "b")["b"]["disks_left"]] == [disk]
    assert len(entries(run)["a"]["disks_left"]) == 1


def test_a_workstation_of_which_only_a_disk_is_left_is_an_entry_of_its_own(stage: Stage, run: Run) -> None:
    stage.put()
    disk = leave("gone")

    found = entries(run)
    output = run("status", "gone")[1]

    assert list(found) == ["trainer", "gone"]
    assert (found["gone"]["status"], found["gone"]["to_get_it_back"]) == ("not deployed", None)
    assert found["gone"].keys() == found["trainer"].keys()
    assert [one["volume_id"] for one in found["gone"]["disks_left"]] == [disk]
    assert "not deployed" in output
    assert "raise `edition`" not in output
    assert disk in output


def test_what_only_a_disk_is_left_of_is_nothing_that_can_be_started(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch(state="stopped")
    leave("gone")

    assert run("start")[0] == 0
    assert "has no workstation gone; it has trainer" in run("start", "gone")[2]


def test_a_stage_without_workstations_shows_what_is_left_of_them(stage: Stage, run: Run) -> None:
    disk = leave("gone")

    code, output, errors = run("status")

    assert code == 0
    assert stage.account.shown in errors
    assert "write [workstations.NAME] into its profile" in errors
    assert disk in output


@pytest.mark.parametrize("fault", [refused("UnauthorizedOperation"), ABSENT], ids=["refused", "absent"])
def test_who_may_not_look_at_disks_is_told_that_they_are_not_known(stage: Stage, run: Run, fault: Answer) -> None:
    stage.answer("DescribeVolumes", fault)
    code, _, errors = run("status")
    stage.put()

    assert code == 2
    assert len(errors.splitlines()) == 1
    assert "whether disks are left over is not known: " in errors
    assert entries(run)["trainer"]["disks_left"] is None
    assert "disks left over      not known: " in run("status")[1]


def test_tags_from_outside_cannot_move_the_cursor(stage: Stage, run: Run) -> None:
    stage.put()
    leave("\x9b2J\n", edition="\x9b31m\u202e[red]")

    code, output, errors = run("status")

    assert code == 0
    assert not set("\x1b\x9b\u202e") & set(output + errors)
    assert "[red]" in output


def test_another_regions_price_is_said_to_be_unknown() -> None:
    said = {"VolumeType": "gp3", "Size": 200, "Iops": 3000, "Throughput": 125}

    assert usd_per_month(said, "us-east-1") == Decimal(16)
    assert usd_per_month(said, "eu-west-1") is None


def test_another_kinds_price_is_said_to_be_unknown(stage: Stage, run: Run) -> None:
    stage.put()
    leave(kind="gp2")

    assert entries(run)["trainer"]["disks_left"][0]["usd_per_month"] is None
    assert "not known a month" in run("status")[1]


@given(gb=st.integers(1, 65_536), iops=st.integers(0, 80_000), mibps=st.integers(0, 2_000))
def test_a_faster_disk_never_costs_less_and_what_gp3_has_anyway_costs_nothing(gb: int, iops: int, mibps: int) -> None:
    plain = usd_per_month({"VolumeType": "gp3", "Size": gb}, "us-east-1")
    fast = usd_per_month({"VolumeType": "gp3", "Size": gb, "Iops": iops, "Throughput": mibps}, "us-east-1")

    assert plain is not None
    assert fast is not None
    assert (fast > plain) == (iops > 3000 or mibps > 125)
