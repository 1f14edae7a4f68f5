"""What a stopped workstation costs: the disk that it has, and not the one that its profile says by now."""

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.mlstack.wire import client
from tests.mlstack.workstation.conftest import Answer, Run, Stage, refused
from tests.mlstack.workstation.test_disk import leave
from tests.mlstack.workstation.test_status import shown

ABSENT = EndpointConnectionError(endpoint_url="https://x")


def test_the_disk_that_it_has_is_priced_though_the_profile_says_another(stage: Stage, run: Run) -> None:
    stage.put(volume_gb=300, stopped_price="$24.10 a month for 300 GB and an alarm")
    stage.launch(state="stopped", disk={"VolumeSize": 200, "VolumeType": "gp3"})

    found = shown(run)

    assert (found["volume_gb"], found["stopped_price"]) == (200, "$16.10 a month for 200 GB and an alarm")
    assert "$16.10 a month for 200 GB and an alarm" in run("status")[1]


def test_a_disk_that_somebody_has_added_bills_as_well(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(state="stopped")
    client("ec2").attach_volume(VolumeId=leave(gb=75), InstanceId=machine, Device="/dev/sdf")

    assert shown(run)["stopped_price"] == "$16.10 a month for 200 GB and an alarm"


def test_a_disk_whose_price_nobody_knows_is_said_to_be_unknown(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch(state="stopped", disk={"VolumeSize": 200, "VolumeType": "gp2"})

    assert shown(run)["stopped_price"] == "not known for 200 GB"


def test_a_region_whose_prices_nobody_knows_is_said_to_be_unknown(
    stage: Stage, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.put()
    stage.launch(state="stopped")
    monkeypatch.setattr(client("ec2").meta._client_config, "region_name", "eu-west-1")  # noqa: SLF001 (no client of another region is at hand)

    assert shown(run)["stopped_price"] == "not known for 125 GB"


@pytest.mark.parametrize("fault", [refused("UnauthorizedOperation"), ABSENT], ids=["refused", "absent"])
def test_who_may_not_look_at_it_is_told_that_it_is_not_known(stage: Stage, run: Run, fault: Answer) -> None:
    stage.put()
    stage.launch(state="stopped")
    stage.answer("DescribeVolumes", fault)

    found = shown(run)

    assert found["volume_gb"] is None
    assert found["stopped_price"].startswith("not known: ")
    assert "\n" not in found["stopped_price"]


def test_a_machine_without_any_disk_has_no_price(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch(state="stopped")
    stage.answer("DescribeVolumes", {"Volumes": []})

    assert shown(run)["stopped_price"] == "not known"


def test_one_that_is_terminated_costs_what_its_profile_says(stage: Stage, run: Run) -> None:
    stage.put(on_idle="terminate", stopped_price="$0.10 a month for its alarm")
    stage.launch()

    assert shown(run)["stopped_price"] == "$0.10 a month for its alarm"
