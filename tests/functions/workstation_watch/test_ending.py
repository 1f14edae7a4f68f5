"""An instance is stopped, or terminated where EC2 stops none, but never where its Spot request would launch another."""

import pytest

from tests.functions.ec2 import Instance
from tests.functions.shared.cloud import Cloud, Fault, refusing
from tests.functions.workstation_watch.conftest import HOUR, MINUTE, Region, actions, silent
from workstation_watch.handler import UnfinishedError

REQUEST = "DescribeSpotInstanceRequests"
DENIED = refusing("UnauthorizedOperation", 403, "you may not")
MARKETS = [(None, "stop", "stopped"), ("persistent", "stop", "stopped"), ("one-time", "terminate", "terminated")]


@pytest.mark.parametrize(("spot", "action", "state"), MARKETS)
def test_silent_workstation_is_ended_as_its_market_lets_it(
    region: Region, cloud: Cloud, spot: str | None, action: str, state: str
) -> None:
    box = silent(region, spot)

    assert actions() == {box.id: action}
    assert box.state == state
    assert len(region.ec2.instances) == 1
    assert {"StopInstances", "TerminateInstances"} & {call.operation for call in cloud.calls} == {
        f"{action.title()}Instances"
    }


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(("spot", "action", "state"), MARKETS)
def test_workstation_beyond_its_time_is_ended_though_its_agent_beats(
    region: Region, spot: str | None, action: str, state: str
) -> None:
    box = region.launch(age=13 * HOUR, beat=MINUTE, spot=spot)

    assert actions() == {box.id: action}
    assert box.state == state


def test_one_time_spot_that_cannot_be_terminated_is_told(region: Region, cloud: Cloud) -> None:
    one_time, plain = silent(region, "one-time"), silent(region)
    cloud.faults = [Fault(answer=DENIED, operation="TerminateInstances")]

    with pytest.raises(UnfinishedError, match="TerminateInstances: UnauthorizedOperation"):
        actions()

    assert (one_time.state, plain.state) == ("running", "stopped")


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "InvalidSpotInstanceRequestID.NotFound"])
def test_spot_whose_request_nobody_can_look_at_is_ended_as_far_as_ec2_lets_it(
    region: Region, cloud: Cloud, code: str
) -> None:
    persistent, one_time = silent(region, "persistent"), silent(region, "one-time")
    cloud.faults = [Fault(answer=refusing(code), operation=REQUEST)]

    assert actions() == {persistent.id: "stop", one_time.id: "terminate"}
    assert (persistent.state, one_time.state) == ("stopped", "terminated")


@pytest.mark.parametrize(("spot", "action"), [("persistent", "stop"), ("one-time", "terminate")])
def test_spot_that_does_not_name_its_request_is_ended_too(region: Region, cloud: Cloud, spot: str, action: str) -> None:
    box = silent(region, spot)
    told = Instance.told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Instance, "told", lambda one: {**told(one), "SpotInstanceRequestId": ""})
        assert actions() == {box.id: action}

    assert REQUEST not in {call.operation for call in cloud.calls}


@pytest.mark.parametrize(
    ("spot", "code", "message"),
    [
        ("persistent", "UnsupportedOperation", "associated with a one-time Spot Instance request"),
        (None, "UnsupportedOperation", "associated with a one-time Spot Instance request"),
        (None, "UnsupportedOperation", "does not have an 'ebs' root device type and cannot be stopped"),
    ],
)
def test_what_is_not_known_to_be_one_time_is_never_terminated(
    region: Region, cloud: Cloud, spot: str | None, code: str, message: str
) -> None:
    box = silent(region, spot)
    cloud.faults = [Fault(answer=refusing(code, 400, message), operation="StopInstances")]

    with pytest.raises(UnfinishedError, match=code):
        actions()

    assert box.state == "running"
    assert "TerminateInstances" not in {call.operation for call in cloud.calls}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("UnsupportedOperation", "does not have an 'ebs' root device type and cannot be stopped"),
        ("UnauthorizedOperation", "a one-time Spot Instance request"),
    ],
)
def test_spot_of_an_unknown_kind_is_terminated_only_where_ec2_says_why(
    region: Region, cloud: Cloud, code: str, message: str
) -> None:
    box = silent(region, "one-time")
    cloud.faults = [
        Fault(answer=DENIED, operation=REQUEST),
        Fault(answer=refusing(code, 400, message), operation="StopInstances"),
    ]

    with pytest.raises(UnfinishedError, match=code):
        actions()

    assert box.state == "running"


@pytest.mark.parametrize("spot", [None, "one-time"])
@pytest.mark.parametrize("code", ["IncorrectInstanceState", "InvalidInstanceID.NotFound"])
def test_workstation_that_ends_meanwhile_is_no_error(region: Region, cloud: Cloud, spot: str | None, code: str) -> None:
    box = silent(region, spot)
    cloud.faults = [Fault(answer=refusing(code), operation=name) for name in ("StopInstances", "TerminateInstances")]

    assert actions() == {box.id: "leave"}
