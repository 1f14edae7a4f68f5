"""An image is built once for everybody who asks, and never where it is there."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from image_build.building import BUILDS, NotBuiltError, ensure
from image_build.order import Order
from image_build.patience import OutOfTimeError
from image_build.progress import Progress
from tests.functions.image_build.lab import LONG, ORDER, Lab, opened
from tests.functions.image_build.workshop import (
    FAILS,
    NEVER_BEGINS,
    NEVER_ENDS,
    PROJECT,
    REPOSITORY,
    TAG,
    Ending,
)

MANIFEST = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "layers": []}

if TYPE_CHECKING:
    from mypy_boto3_codebuild import CodeBuildClient
    from mypy_boto3_ecr import ECRClient


def test_an_image_that_is_there_is_not_built(lab: Lab) -> None:
    lab.workshop.images.add(TAG)

    lab.ensure()

    assert lab.operations() == ["DescribeImages"]


def test_an_image_that_is_not_there_is_built_and_waited_for(lab: Lab) -> None:
    before = lab.now()

    lab.ensure()

    assert lab.workshop.images == {TAG}
    assert [made.tag for made in lab.workshop.builds] == [TAG]
    assert timedelta(seconds=60) <= lab.now() - before < timedelta(seconds=80)


def test_a_build_of_the_same_tag_that_runs_is_waited_for(lab: Lab) -> None:
    lab.workshop.begin()

    lab.ensure()

    assert "StartBuild" not in lab.operations()
    assert lab.workshop.images == {TAG}


def test_a_build_of_another_tag_that_runs_is_no_reason_to_wait(lab: Lab) -> None:
    lab.workshop.begin("other", NEVER_ENDS)

    lab.ensure()

    assert lab.workshop.images == {TAG}


def test_an_image_pushed_meanwhile_by_somebody_else_will_do(lab: Lab) -> None:
    lab.workshop.endings = iter([Ending("FAILED", pushes=False, lasts=300)])
    lab.timeline.begin(lambda: lab.workshop.images.add(TAG), after=200)

    lab.timeline.begin(lab.ensure)
    lab.timeline.run()

    assert len(lab.workshop.builds) == 1


@pytest.mark.parametrize("unseen_s", [0, 30, 240])
@pytest.mark.parametrize("apart", [0.0, 0.5, 1.0, 3.0, 200.0])
def test_two_who_ask_for_the_same_tag_share_one_build(lab: Lab, apart: float, unseen_s: float) -> None:
    lab.slow(0.4)
    lab.workshop.unseen_s = unseen_s
    lab.workshop.endings = itertools.repeat(Ending(lasts=250))

    for number in range(2):
        lab.timeline.begin(lab.ensure, after=number * apart)
    lab.timeline.run()

    assert len(lab.workshop.builds) == 1
    assert lab.workshop.refused == 0


def test_a_request_after_a_failure_starts_a_new_build_at_once(lab: Lab) -> None:
    lab.workshop.endings = iter([FAILS, Ending()])
    with pytest.raises(NotBuiltError):
        lab.ensure()

    lab.ensure()

    assert len(lab.workshop.builds) == 2
    assert lab.workshop.images == {TAG}


def test_a_failed_build_is_told_with_its_reason_and_its_log(lab: Lab) -> None:
    lab.workshop.endings = iter([FAILS])

    with pytest.raises(
        NotBuiltError, match=r"BUILD: COMMAND_EXECUTION_ERROR: exit status 1 \(log: https://console/log"
    ):
        lab.ensure()


def test_a_build_that_succeeds_without_its_image_is_a_failure(lab: Lab) -> None:
    lab.workshop.endings = iter([Ending(pushes=False)])

    with pytest.raises(NotBuiltError, match="pushed none"):
        lab.ensure()


def test_a_build_that_never_began_is_started_again(lab: Lab) -> None:
    lab.workshop.endings = iter([NEVER_BEGINS, NEVER_BEGINS, Ending()])

    lab.ensure()

    assert lab.workshop.images == {TAG}


def test_a_build_that_never_begins_is_given_up(lab: Lab) -> None:
    lab.workshop.endings = itertools.repeat(NEVER_BEGINS)

    with pytest.raises(NotBuiltError, match="PROVISIONING"):
        lab.ensure()

    assert len(lab.workshop.builds) == BUILDS


def test_a_build_that_does_not_end_is_given_up_in_time(lab: Lab) -> None:
    lab.workshop.endings = iter([NEVER_ENDS])
    before = lab.now()

    with pytest.raises(OutOfTimeError, match="deploy again"):
        lab.ensure()

    assert LONG <= lab.now() - before < LONG + timedelta(seconds=10)


def test_a_request_after_one_that_ran_out_of_time_goes_on_with_the_same_build(lab: Lab) -> None:
    lab.workshop.endings = iter([Ending(lasts=1000)])
    with pytest.raises(OutOfTimeError):
        lab.ensure()

    lab.ensure()

    assert len(lab.workshop.builds) == 1
    assert lab.workshop.images == {TAG}


def test_whoever_goes_on_waits_for_the_build_that_is_known(lab: Lab) -> None:
    progress = Progress()
    lab.workshop.endings = iter([Ending(lasts=1000)])
    with pytest.raises(OutOfTimeError):
        lab.ensure(progress)
    known = lab.workshop.builds[0].id

    assert progress == Progress(known)
    lab.cloud.calls.clear()
    lab.ensure(progress)

    assert set(lab.operations()) == {"DescribeImages", "BatchGetBuilds"}
    assert lab.workshop.images == {TAG}


def test_a_known_build_that_failed_between_two_who_wait_is_told_and_not_repeated(lab: Lab) -> None:
    progress = Progress()
    lab.workshop.endings = iter([Ending("FAILED", lasts=875, pushes=False)])
    with pytest.raises(OutOfTimeError):
        lab.ensure(progress)
    lab.timeline.sleep(60)

    with pytest.raises(NotBuiltError, match="exit status 1"):
        lab.ensure(progress)

    assert len(lab.workshop.builds) == 1


def test_a_build_of_somebody_else_is_known_to_whoever_goes_on_too(lab: Lab) -> None:
    progress = Progress()
    made = lab.workshop.begin(ending=NEVER_ENDS)

    with pytest.raises(OutOfTimeError):
        lab.ensure(progress)

    assert progress == Progress(made.id)


@pytest.mark.parametrize("failed", range(BUILDS + 2))
def test_builds_that_never_began_are_counted_by_all_who_wait_together(lab: Lab, failed: int) -> None:
    lab.workshop.endings = itertools.repeat(NEVER_BEGINS)

    with pytest.raises(NotBuiltError, match="PROVISIONING"):
        lab.ensure(Progress(failed=failed))

    assert len(lab.workshop.builds) == max(1, BUILDS - failed)


@pytest.mark.parametrize("about", ["old", ""])
def test_a_project_that_was_put_back_builds_nothing_under_the_new_tag(lab: Lab, about: str) -> None:
    lab.workshop.about = about

    with pytest.raises(OutOfTimeError):
        lab.ensure()

    assert lab.workshop.builds == []


def test_a_project_that_is_seen_late_is_waited_for(lab: Lab) -> None:
    lab.workshop.about = "old"

    def update() -> None:
        lab.workshop.about = TAG

    lab.timeline.begin(update, after=20)
    lab.timeline.begin(lab.ensure)
    lab.timeline.run()

    assert lab.workshop.images == {TAG}


def test_a_build_that_waits_for_its_turn_does_not_begin_once_the_project_is_put_back(lab: Lab) -> None:
    lab.workshop.room = 1
    lab.workshop.begin("other", Ending(lasts=300))

    def put_back() -> None:
        lab.workshop.about = "old"

    lab.timeline.begin(put_back, after=200)
    lab.timeline.begin(lab.ensure)
    with pytest.raises(OutOfTimeError):
        lab.timeline.run()

    assert [made.tag for made in lab.workshop.builds] == ["other"]


def test_a_project_that_is_gone_is_told_at_once(lab: Lab) -> None:
    before = lab.now()
    lab.workshop.about = None

    with pytest.raises(ClientError, match="ResourceNotFound"):
        lab.ensure()

    assert lab.now() == before


ENDINGS = st.builds(
    Ending,
    status=st.sampled_from(["SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "STOPPED"]),
    phase=st.sampled_from(["SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "BUILD", "FINALIZING"]),
    lasts=st.floats(0, 1000),
    pushes=st.booleans(),
)


@settings(max_examples=40)
@given(
    endings=st.lists(ENDINGS, min_size=12, max_size=12),
    starts=st.lists(st.floats(0, 1200), min_size=1, max_size=4),
    unseen_s=st.floats(0, 290),
    call_s=st.floats(0, 2),
    room=st.sampled_from([None, 1, 2]),
)
def test_whoever_asks_whenever_ends_with_an_image_or_a_reason_and_no_two_builds_push(
    endings: list[Ending], starts: list[float], unseen_s: float, call_s: float, room: int | None
) -> None:
    with opened() as lab:
        lab.slow(call_s)
        lab.workshop.endings, lab.workshop.unseen_s, lab.workshop.room = iter(endings), unseen_s, room
        told: list[bool] = []

        def ask() -> None:
            began = lab.now()
            try:
                lab.ensure()
                told.append(TAG in lab.workshop.images)
            except (NotBuiltError, OutOfTimeError) as error:
                told.append(bool(str(error)))
            assert lab.now() - began < LONG + timedelta(seconds=30)

        for start in starts:
            lab.timeline.begin(ask, after=start)
        lab.timeline.run()

        assert told == [True] * len(starts)
        assert lab.workshop.refused == 0


@pytest.fixture
def real_clients(aws: None) -> "tuple[CodeBuildClient, ECRClient]":  # noqa: ARG001 (moto must run)
    """A project and a repository of moto, whose builds end at once and push nothing."""
    codebuild, ecr = boto3.client("codebuild"), boto3.client("ecr")
    ecr.create_repository(repositoryName=REPOSITORY)
    codebuild.create_project(
        name=PROJECT,
        source={"type": "S3", "location": "assets/source.zip"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "any",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "IMAGE_TAG", "value": TAG, "type": "PLAINTEXT"}],
        },
        serviceRole="arn:aws:iam::123456789012:role/service-role/any",
    )
    return codebuild, ecr


def test_moto_sees_the_image_and_builds_what_it_does_not_see(
    monkeypatch: pytest.MonkeyPatch, real_clients: "tuple[CodeBuildClient, ECRClient]"
) -> None:
    codebuild, ecr = real_clients
    monkeypatch.setattr("shared.clock.sleep", lambda _seconds: None)
    ecr.put_image(repositoryName=REPOSITORY, imageManifest=json.dumps(MANIFEST), imageTag="there")
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)

    ensure(codebuild, ecr, Order(PROJECT, REPOSITORY, "there", "uri"), Progress(), until=in_an_hour)
    with pytest.raises(NotBuiltError, match="pushed none"):
        ensure(codebuild, ecr, ORDER, Progress(), until=in_an_hour)

    assert len(codebuild.list_builds_for_project(projectName=PROJECT)["ids"]) == 1
