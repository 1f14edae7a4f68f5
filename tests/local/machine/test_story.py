"""What happens to a workstation that nobody uses: its agent stops it, and where that is gone, the belts outside do."""

from collections.abc import Iterator

import pytest

from mlstack.local.aws import LocalAws
from tests.local.machine.box import HOUR_S, Box, deploy
from tests.local.patience import eventually


@pytest.fixture(scope="module")
def deployed(apart: LocalAws) -> Iterator[Box]:
    made = deploy(apart)
    yield made
    made.close()
    assert eventually(lambda: made.machine["state"] == "terminated")


@pytest.fixture
def box(deployed: Box) -> Box:
    """The same one for each test, up, watched by its agent and used by nobody."""
    deployed.aws.machines(deployed.id, agent=True, busy=False)
    if deployed.state == "stopped":
        deployed.start()
    assert deployed.is_up()
    deployed.looks_again()
    return deployed


def test_a_machine_boots_signals_and_is_watched(box: Box) -> None:
    assert "smoke check passed: GPU 0" in box.log
    assert "runs no script of a person's own" in box.log
    assert "mlstack-jupyter.service is not run by the local AWS" in box.log
    assert box.log.count("the boot is done") == 1
    assert box.machine["timers"] == ["mlstack-refresh.timer", "mlstack-workstation.timer"]
    assert box.aws.report()["faults"] == []
    assert box.aws.gaps() == []


def test_a_machine_that_nobody_uses_is_stopped_by_its_agent(box: Box) -> None:
    box.aws.machines(box.id, pass_seconds=0.75 * HOUR_S)

    assert box.becomes("stopped")
    assert box.said["StateReason"]["Code"] == "Client.InstanceInitiatedShutdown"
    assert "it switched itself off: shutdown -P now" in box.log
    assert eventually(lambda: box.machine["state"] == "off")


def test_a_machine_that_is_used_goes_on_until_its_longest_time(box: Box) -> None:
    box.aws.machines(box.id, busy=True)
    box.looks_again()

    box.aws.machines(box.id, pass_seconds=2 * HOUR_S)
    box.looks_again()
    while_busy, said = box.state, box.log
    box.aws.machines(box.id, pass_seconds=10 * HOUR_S)

    assert while_busy == "running"
    assert "(last use: process python works)" in said.splitlines()[-1]
    assert box.becomes("stopped")


def test_without_its_agent_the_silence_stops_a_machine_once_and_a_start_after_that_works(box: Box) -> None:
    box.aws.pass_time(120)
    at_first = box.alarm["StateValue"]

    box.aws.machines(box.id, agent=False)
    box.aws.pass_time(0.75 * HOUR_S)
    stopped, belt = box.state, box.alarm
    box.start()
    box.aws.pass_time(2 * HOUR_S)
    after_a_start, still = box.state, box.alarm["StateValue"]
    box.aws.machines(box.id, agent=True)
    box.looks_again()
    box.aws.pass_time(120)

    assert (at_first, stopped, belt["StateValue"]) == ("OK", "stopped", "ALARM")
    assert belt["StateReason"] == (
        "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as "
        "[Breaching]."
    )
    assert (after_a_start, still) == ("running", "ALARM")
    assert box.alarm["StateValue"] == "OK"


def test_a_stopped_machine_boots_again_with_a_clock_of_its_own_and_without_its_user_data(box: Box) -> None:
    boot = (box.folder / "root/proc/sys/kernel/random/boot_id").read_text()
    box.aws.machines(box.id, pass_seconds=600)
    box.aws.client("ec2").stop_instances(InstanceIds=[box.id])
    eventually(lambda: box.machine["state"] == "off")

    box.start()

    assert (box.folder / "root/proc/sys/kernel/random/boot_id").read_text() != boot
    assert box.machine["uptime_seconds"] < 600
    assert box.log.count("the boot is done") == 1
    box.looks_again()


def test_a_machine_that_shall_terminate_when_idle_terminates(apart: LocalAws) -> None:
    box = deploy(apart, at_shutdown="terminate", gpu=False, instance_type="c7i.xlarge")
    box.looks_again()

    apart.machines(box.id, pass_seconds=0.75 * HOUR_S)

    assert box.becomes("terminated")
    assert eventually(lambda: box.machine["state"] == "terminated")
    box.close()


def test_user_data_of_others_is_not_run(apart: LocalAws) -> None:
    ec2 = apart.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    asked = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    script = "#!/bin/sh\ntouch /tmp/mlstack-was-here\n"

    [strange] = ec2.run_instances(**asked, UserData=script)["Instances"]
    [silent] = ec2.run_instances(**asked)["Instances"]

    said = eventually(lambda: _settled(apart, strange["InstanceId"], silent["InstanceId"]))
    ec2.terminate_instances(InstanceIds=[strange["InstanceId"], silent["InstanceId"]])
    assert said == [
        "its user data is not the project's and was not run",
        "it has no user data, so nothing runs on it",
    ]


def _settled(aws: LocalAws, *names: str) -> list[str]:
    """How machines are that boot no more; empty as long as one does."""
    states = [aws.machines()[name]["state"] for name in names]
    return [] if "booting" in states else states


@pytest.mark.parametrize(
    "asked", [{"pass_seconds": -1}, {"pass_seconds": "soon"}, {"explode": True}], ids=["back", "no number", "unknown"]
)
def test_what_cannot_happen_on_a_machine_is_refused(deployed: Box, asked: dict[str, object]) -> None:
    with pytest.raises(OSError, match="400"):
        deployed.aws.machines(deployed.id, **asked)

    with pytest.raises(OSError, match="400"):
        deployed.aws.machines("i-0", pass_seconds=1)
