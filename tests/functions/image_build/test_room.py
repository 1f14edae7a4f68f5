"""A new account has few builds at once: ours waits for its turn, and one without any is told so."""

import itertools
from datetime import timedelta

import pytest

from image_build.account_limit import NoBuildsError
from image_build.building import NotBuiltError
from image_build.patience import OutOfTimeError
from tests.functions.image_build.lab import LONG, Lab
from tests.functions.image_build.workshop import FAILS, NEVER_BEGINS, NEVER_ENDS, TAG, Ending


def tags(lab: Lab) -> list[str]:
    """What was built, in its order."""
    return [made.tag for made in lab.workshop.builds]


@pytest.mark.parametrize("room", [1, 2])
def test_an_image_waits_for_other_builds_of_the_account(lab: Lab, room: int) -> None:
    before = lab.now()
    lab.workshop.room = room
    for _ in range(room):
        lab.workshop.begin("other", Ending(lasts=300))

    lab.ensure()

    assert TAG in lab.workshop.images
    assert tags(lab) == ["other"] * room + [TAG]
    assert timedelta(seconds=360) <= lab.now() - before < timedelta(seconds=380)


def test_an_image_does_not_wait_where_there_is_room(lab: Lab) -> None:
    before = lab.now()
    lab.workshop.room = 2
    lab.workshop.begin("other", NEVER_ENDS)

    lab.ensure()

    assert lab.now() - before < timedelta(seconds=80)


def test_a_build_that_never_ends_is_not_waited_for_longer_than_there_is_time(lab: Lab) -> None:
    before = lab.now()
    lab.workshop.room = 1
    lab.workshop.begin("other", NEVER_ENDS)

    with pytest.raises(OutOfTimeError, match="deploy again"):
        lab.ensure()

    assert tags(lab) == ["other"]
    assert LONG <= lab.now() - before < LONG + timedelta(seconds=10)


def test_an_account_without_builds_is_told_at_once(lab: Lab) -> None:
    before = lab.now()
    lab.workshop.room = 0

    with pytest.raises(NoBuildsError, match="AWS Support"):
        lab.ensure()

    assert lab.now() == before
    assert lab.operations().count("StartBuild") == 1


def test_an_image_that_is_there_needs_no_build_of_the_account(lab: Lab) -> None:
    lab.workshop.room = 0
    lab.workshop.images.add(TAG)

    lab.ensure()


def test_an_image_pushed_while_ours_waits_for_its_turn_will_do(lab: Lab) -> None:
    lab.workshop.room = 1
    lab.workshop.begin("other", NEVER_ENDS)
    lab.timeline.begin(lambda: lab.workshop.images.add(TAG), after=200)

    lab.timeline.begin(lab.ensure)
    lab.timeline.run()

    assert tags(lab) == ["other"]


@pytest.mark.parametrize("unseen_s", [0, 30, 240])
def test_two_who_wait_for_the_same_turn_share_one_build(lab: Lab, unseen_s: float) -> None:
    lab.slow(0.4)
    lab.workshop.room, lab.workshop.unseen_s = 1, unseen_s
    lab.workshop.endings = itertools.repeat(Ending(lasts=250))
    lab.workshop.begin("other", Ending(lasts=100))

    for number in range(2):
        lab.timeline.begin(lab.ensure, after=number * 3.0)
    lab.timeline.run()

    assert tags(lab) == ["other", TAG]
    assert lab.workshop.refused == 0


def test_a_build_that_never_began_waits_for_its_turn_again(lab: Lab) -> None:
    lab.workshop.room = 1
    lab.workshop.endings = iter([NEVER_BEGINS, Ending()])
    lab.workshop.begin("other", Ending(lasts=100))

    lab.ensure()

    assert tags(lab) == ["other", TAG, TAG]


def test_a_build_that_fails_after_its_turn_is_told(lab: Lab) -> None:
    lab.workshop.room = 1
    lab.workshop.endings = iter([FAILS])
    lab.workshop.begin("other", Ending(lasts=100))

    with pytest.raises(NotBuiltError, match="exit status 1"):
        lab.ensure()
