"""A fault at every call in turn: the image is built all the same, and once."""

import itertools
from collections.abc import Mapping
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from image_build.building import NotBuiltError
from image_build.patience import YOUNG, OutOfTimeError
from tests.functions.image_build.lab import LONG, Lab, opened
from tests.functions.image_build.workshop import TAG, Ending
from tests.functions.shared.cloud import Answer, Fault, raising, refusing

PASSING: Mapping[str, Answer] = {
    "throttled": refusing("ThrottlingException"),
    "server error": refusing("InternalServerError", 500),
    "unavailable": refusing("ServiceUnavailable", 503),
    "timeout": raising(ReadTimeoutError(endpoint_url="https://aws")),
    "denied while the policy is young": refusing("AccessDeniedException"),
}
KINDS = [(kind, False) for kind in PASSING] + [(kind, True) for kind in ("server error", "timeout")]
FINAL: Mapping[str, Answer] = {
    "no project": refusing("ResourceNotFoundException"),
    "no repository": refusing("RepositoryNotFoundException"),
    "account limit": refusing("AccountLimitExceededException"),
    "bad input": refusing("InvalidInputException"),
    "no credentials": raising(NoCredentialsError()),
}
# Two looks at a neighbour's build, then the image's own
CALLS = [
    "DescribeImages",
    "ListBuildsForProject",
    "BatchGetBuilds",
    "BatchGetProjects",
    "StartBuild",
    "BatchGetBuilds",
    "BatchGetBuilds",
    "DescribeImages",
]


@pytest.fixture
def busy(lab: Lab) -> Lab:
    """A lab where another image was built before, and ours takes nine seconds."""
    lab.workshop.begin("another")
    lab.workshop.endings = itertools.repeat(Ending(lasts=9))
    return lab


def test_an_image_takes_the_calls_that_the_faults_below_strike(busy: Lab) -> None:
    busy.ensure()

    assert [operation for operation, _ in itertools.groupby(busy.operations())] == [
        operation for operation, _ in itertools.groupby(CALLS)
    ]


@pytest.mark.parametrize("place", range(len(CALLS)))
@pytest.mark.parametrize(("kind", "after"), KINDS)
def test_a_fault_that_passes_is_waited_for(busy: Lab, kind: str, place: int, *, after: bool) -> None:
    busy.cloud.faults = [Fault(answer=PASSING[kind], place=place, after=after)]

    busy.ensure()

    assert len(busy.cloud.struck) == 1
    assert [made.tag for made in busy.workshop.builds] == ["another", TAG]


@pytest.mark.parametrize("operation", sorted(set(CALLS)))
@pytest.mark.parametrize("kind", FINAL)
def test_a_fault_that_does_not_pass_is_told_at_once(busy: Lab, kind: str, operation: str) -> None:
    busy.cloud.faults = [Fault(answer=FINAL[kind], operation=operation)]

    with pytest.raises((ClientError, NoCredentialsError)):
        busy.ensure()

    assert len(busy.cloud.struck) == 1


@pytest.mark.parametrize("operation", sorted(set(CALLS)))
def test_a_permission_that_stays_missing_is_told_after_a_minute(busy: Lab, operation: str) -> None:
    before = busy.now()
    busy.cloud.faults = [Fault(answer=refusing("AccessDeniedException"), operation=operation)]

    with pytest.raises(ClientError, match="AccessDenied"):
        busy.ensure()

    assert YOUNG <= busy.now() - before < YOUNG + timedelta(seconds=30)


@pytest.mark.parametrize("operation", sorted(set(CALLS)))
def test_an_outage_without_end_is_given_up_in_time(busy: Lab, operation: str) -> None:
    before = busy.now()
    busy.cloud.faults = [Fault(answer=refusing("InternalServerError", 500), operation=operation)]

    with pytest.raises(OutOfTimeError, match="deploy again"):
        busy.ensure()

    assert LONG <= busy.now() - before < LONG + timedelta(seconds=10)


@pytest.mark.parametrize("place", range(len(CALLS)))
def test_a_bug_is_not_swallowed(busy: Lab, place: int) -> None:
    busy.cloud.faults = [Fault(answer=raising(RuntimeError("a bug")), place=place)]

    with pytest.raises(RuntimeError):
        busy.ensure()


@given(
    strikes=st.lists(
        st.tuples(st.integers(0, 25), st.sampled_from(["throttled", "server error", "timeout"]), st.booleans()),
        max_size=12,
    ),
    lasts=st.floats(0, 100),
    unseen_s=st.floats(0, 120),
)
def test_random_faults_never_build_an_image_twice(
    strikes: list[tuple[int, str, bool]], lasts: float, unseen_s: float
) -> None:
    with opened() as lab:
        lab.workshop.endings, lab.workshop.unseen_s = itertools.repeat(Ending(lasts=lasts)), unseen_s
        lab.cloud.faults = [
            Fault(answer=PASSING[kind], place=place, after=after and kind != "throttled")
            for place, kind, after in strikes
        ]

        try:
            lab.ensure()
        except NotBuiltError:  # pragma: no cover (would be the defect)
            pytest.fail("the build pushed its image")

        assert len(lab.workshop.builds) == 1
        assert lab.workshop.images == {TAG}
