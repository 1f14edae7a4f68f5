"""The last interface is waited for, through pages, throttles and lateness, and no longer than there is time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError, ReadTimeoutError
from botocore.stub import Stubber
from hypothesis import given, settings
from hypothesis import strategies as st

from network_release.waiting import PAUSE_S, StillHeldError, wait
from shared import clock
from tests.functions.cloudformation import Time
from tests.functions.network_release.conftest import Hold, answered_by
from tests.functions.shared.cloud import Cloud, Fault, raising, refusing

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

GROUP = "sg-0123456789abcdef0"
LONG = timedelta(minutes=10)
OPERATION = "describe_network_interfaces"
ASKED = {"Filters": [{"Name": "group-id", "Values": [GROUP]}]}


@pytest.fixture(scope="module")
def client() -> "EC2Client":
    return boto3.client("ec2", config=Config(retries={"mode": "standard", "total_max_attempts": 1}))


@pytest.fixture
def said(client: "EC2Client") -> Iterator[Stubber]:
    """What AWS says, answer by answer; each of them must be asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def sees(said: Stubber, *names: str, has_more: bool = False, is_next: bool = False) -> None:
    """The next question is for what is left of the group, and this is the answer."""
    found = [{"NetworkInterfaceId": name, "Status": "in-use", "Description": "lent"} for name in names]
    asked = ASKED | ({"NextToken": "next"} if is_next else {})
    said.add_response(OPERATION, {"NetworkInterfaces": found} | ({"NextToken": "next"} if has_more else {}), asked)


def test_a_group_without_interfaces_takes_two_looks(client: "EC2Client", said: Stubber, time: Time) -> None:
    before = time.now()
    sees(said)
    sees(said)

    wait(client, GROUP, until=before + LONG)

    assert timedelta(0) < time.now() - before < timedelta(seconds=2 * PAUSE_S)


def test_the_last_interface_of_the_last_page_is_waited_for(client: "EC2Client", said: Stubber, time: Time) -> None:
    sees(said, "eni-1", has_more=True)
    sees(said, "eni-2", is_next=True)
    sees(said, has_more=True)
    sees(said, "eni-2", is_next=True)
    sees(said)
    sees(said)

    wait(client, GROUP, until=time.now() + LONG)


def test_an_interface_that_shows_again_is_waited_for_as_well(client: "EC2Client", said: Stubber, time: Time) -> None:
    sees(said, "eni-1")
    sees(said)
    sees(said, "eni-1")
    sees(said)
    sees(said)

    wait(client, GROUP, until=time.now() + LONG)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize(
    "fault",
    [("RequestLimitExceeded", 503), ("Throttling", 400), ("InternalError", 500), ("Unavailable", 503)],
)
def test_a_fault_that_passes_is_waited_for(
    client: "EC2Client", said: Stubber, time: Time, fault: tuple[str, int], place: int
) -> None:
    (code, status), before = fault, time.now()
    for number, names in enumerate((["eni-1"], [], [])):
        if number == place:
            said.add_client_error(OPERATION, code, http_status_code=status)
        sees(said, *names)

    wait(client, GROUP, until=before + LONG)

    assert time.now() - before > timedelta(seconds=2 * PAUSE_S)


def test_a_group_that_is_gone_has_no_interfaces(client: "EC2Client", said: Stubber, time: Time) -> None:
    before = time.now()
    sees(said, "eni-1")
    said.add_client_error(OPERATION, "InvalidGroup.NotFound")

    wait(client, GROUP, until=before + LONG)


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "AccessDenied", "InvalidParameterValue"])
@pytest.mark.parametrize("looks", [0, 1])
def test_a_refusal_that_does_not_pass_is_told_at_once(
    client: "EC2Client", said: Stubber, time: Time, code: str, looks: int
) -> None:
    before = time.now()
    for _ in range(looks):
        sees(said, "eni-1")
    said.add_client_error(OPERATION, code, "you may not", http_status_code=403)

    with pytest.raises(ClientError, match=f"{code}.*you may not"):
        wait(client, GROUP, until=before + LONG)

    assert time.now() - before < timedelta(seconds=2 * PAUSE_S * looks + 1)


def test_what_is_never_given_back_is_told_in_time_by_name(client: "EC2Client", time: Time) -> None:
    until = time.now() + timedelta(seconds=30)
    with Stubber(client) as said:
        for _ in range(100):
            sees(said, "eni-1")

        with pytest.raises(StillHeldError, match=r"destroy the stack again.*eni-1 \(in-use, lent\)"):
            wait(client, GROUP, until=until)

    assert until <= time.now() < until + timedelta(seconds=2 * PAUSE_S)


def test_an_outage_without_end_is_given_up_in_time(client: "EC2Client", time: Time) -> None:
    until = time.now() + timedelta(seconds=30)
    with Stubber(client) as said:
        for _ in range(100):
            said.add_client_error(OPERATION, "InternalError", http_status_code=500)

        with pytest.raises(StillHeldError, match="nobody could tell"):
            wait(client, GROUP, until=until)

    assert until <= time.now() < until + timedelta(seconds=2 * PAUSE_S)


def test_a_group_waits_for_its_own_interfaces_and_for_no_others(network: "EC2Client", hold: Hold, time: Time) -> None:
    free, _ = hold(0)
    held, names = hold(2)

    wait(network, free, until=time.now() + LONG)

    with pytest.raises(StillHeldError, match="destroy the stack again") as told:
        wait(network, held, until=time.now() + LONG)
    assert all(name in str(told.value) for name in names)


@pytest.mark.parametrize(
    ("error", "kind"),
    [(NoCredentialsError(), NoCredentialsError), (RuntimeError("a bug"), RuntimeError)],
)
def test_what_is_no_answer_of_ec2_is_not_swallowed(
    client: "EC2Client", silent: Cloud, time: Time, error: Exception, kind: type[Exception]
) -> None:
    silent.faults = [Fault(answer=raising(error), place=1)]

    with pytest.raises(kind):
        wait(client, GROUP, until=time.now() + LONG)


STRIKES = {
    "throttled": refusing("RequestLimitExceeded", 503),
    "server error": refusing("InternalError", 500),
    "timeout": raising(ReadTimeoutError(endpoint_url="https://aws")),
}


@settings(max_examples=60)
@given(
    strikes=st.lists(st.tuples(st.integers(0, 40), st.sampled_from(sorted(STRIKES))), max_size=20),
    held_s=st.floats(0, 1200),
    lasts_s=st.floats(0, 900),
)
def test_random_faults_never_free_a_group_early_nor_hold_it_for_long(
    client: "EC2Client", strikes: list[tuple[int, str]], held_s: float, lasts_s: float
) -> None:
    time = Time()
    began, free = time.now(), time.now() + timedelta(seconds=held_s)
    interface = {"NetworkInterfaceId": "eni-1"}

    def answer(*_: object) -> dict[str, object]:
        return {"NetworkInterfaces": [interface] if time.now() < free else []}

    cloud = Cloud(None, answer)
    cloud.faults = [Fault(answer=STRIKES[kind], place=place) for place, kind in strikes]
    with pytest.MonkeyPatch.context() as patch, answered_by(cloud):
        patch.setattr(clock, "now", time.now)
        patch.setattr(clock, "sleep", time.sleep)
        try:
            wait(client, GROUP, until=began + timedelta(seconds=lasts_s))
            assert time.now() >= free
        except StillHeldError:
            late = timedelta(seconds=2 * PAUSE_S * (len(strikes) + 2))
            assert free + late > began + timedelta(seconds=lasts_s)
        assert time.now() - began <= timedelta(seconds=lasts_s + 2 * PAUSE_S)
