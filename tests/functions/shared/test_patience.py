"""What passes is waited for, and nothing else is tried again."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from shared.patience import TRIES, patiently
from tests.functions.cloudformation import Time


def refusal(code: str, status: int = 400) -> ClientError:
    """AWS refuses."""
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "X")  # type: ignore[typeddict-item]


class Act:
    """Fails so many times."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.calls = error, times, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.times:
            raise self.error
        return "done"


PASSING = [refusal("ThrottlingException"), refusal("X", 503), EndpointConnectionError(endpoint_url="https://aws")]


@pytest.mark.parametrize("error", PASSING)
@pytest.mark.parametrize("times", [0, 1, TRIES - 1])
def test_what_passes_is_waited_for_no_longer_than_a_minute(time: Time, error: Exception, times: int) -> None:
    act = Act(error, times)

    assert patiently(act) == "done"
    assert act.calls == times + 1
    assert (time.now() > Time.present) is (times > 0)
    assert (time.now() - Time.present).total_seconds() < 60


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("error", PASSING)
def test_what_does_not_pass_in_time_is_an_error(error: Exception) -> None:
    act = Act(error, TRIES)

    with pytest.raises(type(error)):
        patiently(act)
    assert act.calls == TRIES


@pytest.mark.parametrize("error", [refusal("AccessDenied", 403), NoCredentialsError(), ValueError("a bug")])
def test_every_other_error_is_raised_at_once(time: Time, error: Exception) -> None:
    act = Act(error, 1)

    with pytest.raises(type(error)):
        patiently(act)
    assert act.calls == 1
    assert time.now() == Time.present
