"""The places of the account: each taken once, found again by whoever follows, and given back by the right one."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared import clients
from shared.ledger import Busy, Ledger
from shared.object_version import ObjectVersion
from shared.video_jobs import Job, VideoJobs
from shared.video_record import VideoRecord
from tests.functions.video_start.lab import Lab

THING = ObjectVersion(bucket="media", key="videos/a.mp4", size=5, etag="e", version_id="v")
JOB = Job(thing=THING, analysis="labels", wanted=("labels", "text"), started_at=Decimal(1000))
MINUTE = timedelta(minutes=1)


@pytest.fixture
def jobs(lab: Lab) -> VideoJobs:  # noqa: ARG001 (the services must be there)
    """No job in flight."""
    return VideoJobs(clients.table("pace"))


def hold(jobs: VideoJobs, lab: Lab, owner: str, job_id: str | None = None) -> Job | Busy | None:
    """Take hold of the job for a minute."""
    return jobs.hold(JOB.tag, owner, now=lab.time, until=lab.time + MINUTE, job_id=job_id)


def test_a_job_is_read_as_it_was_written(jobs: VideoJobs) -> None:
    jobs.enter(JOB, most=1)

    assert jobs.all() == [JOB]


def test_a_place_is_taken_once_and_found_again(jobs: VideoJobs) -> None:
    first, again = jobs.enter(JOB, most=1), jobs.enter(replace(JOB, started_at=Decimal(2000)), most=1)
    other = jobs.enter(replace(JOB, analysis="text"), most=1)

    assert (first, again, other) == ((JOB, True), (JOB, False), None)


def test_a_job_that_somebody_heard_of_is_not_withdrawn(jobs: VideoJobs, lab: Lab) -> None:
    jobs.enter(JOB, most=1)
    hold(jobs, lab, "me", "id")

    jobs.withdraw(JOB)

    assert [job.job_id for job in jobs.all()] == ["id"]


def test_a_job_without_a_name_is_abandoned_though_somebody_asked_after_it(jobs: VideoJobs, lab: Lab) -> None:
    jobs.enter(JOB, most=1)
    hold(jobs, lab, "me")

    jobs.abandon(JOB.tag)

    assert jobs.all() == []


def test_a_job_with_a_name_is_not_abandoned(jobs: VideoJobs) -> None:
    jobs.enter(JOB, most=1)
    jobs.started(JOB, "id")

    jobs.abandon(JOB.tag)

    assert [job.job_id for job in jobs.all()] == ["id"]


def test_a_newer_entry_of_the_same_job_is_not_withdrawn(jobs: VideoJobs) -> None:
    jobs.enter(replace(JOB, started_at=Decimal(2000)), most=1)

    jobs.withdraw(JOB)

    assert len(jobs.all()) == 1


def test_only_one_holds_a_job_until_its_time_is_over(jobs: VideoJobs, lab: Lab) -> None:
    jobs.enter(JOB, most=1)
    mine, theirs = hold(jobs, lab, "me"), hold(jobs, lab, "they")
    lab.time += MINUTE

    later = hold(jobs, lab, "they")

    assert isinstance(mine, Job)
    assert theirs == Busy(60.0)
    assert isinstance(later, Job)
    assert (mine.tries, later.tries) == (1, 2)


def test_who_lost_the_hold_neither_releases_nor_ends_the_job(jobs: VideoJobs, lab: Lab) -> None:
    jobs.enter(JOB, most=1)
    hold(jobs, lab, "me")
    lab.time += MINUTE
    hold(jobs, lab, "they")

    jobs.release(JOB.tag, "me", now=lab.time, tries=0, reason="")
    jobs.leave(JOB.tag, "me")

    assert [job.tries for job in jobs.all()] == [2]
    assert isinstance(hold(jobs, lab, "me"), Busy)


def test_the_name_that_was_written_first_stays_with_a_hold(jobs: VideoJobs, lab: Lab) -> None:
    jobs.enter(JOB, most=1)
    jobs.started(JOB, "first")

    held = hold(jobs, lab, "me", "second")

    assert isinstance(held, Job)
    assert held.job_id == "first"


def test_what_nobody_entered_can_be_neither_held_nor_started_nor_ended(jobs: VideoJobs, lab: Lab) -> None:
    jobs.started(JOB, "id")
    jobs.leave(JOB.tag, "me")
    jobs.withdraw(JOB)
    jobs.abandon(JOB.tag)

    assert (hold(jobs, lab, "me"), jobs.all()) == (None, [])


def test_an_ended_job_is_adopted_where_every_place_is_taken_and_only_once(jobs: VideoJobs) -> None:
    jobs.enter(replace(JOB, analysis="text"), most=1)

    jobs.adopt(replace(JOB, job_id="1"))
    jobs.adopt(replace(JOB, job_id="2"))

    assert {job.analysis: job.job_id for job in jobs.all()} == {"text": None, "labels": "1"}


def test_the_first_outcome_of_an_analysis_stays(lab: Lab) -> None:
    ledger = Ledger(table=clients.table("results"), owner="me", media="video")
    ledger.claim(THING, ["labels"], now=lab.time, until=lab.time + MINUTE)
    record = VideoRecord(thing=THING, ledger=ledger, events=clients.events(), stage="sandbox", moderation={})

    first = record.note("labels", {"status": "refused", "reason": "first"})
    second = record.note("labels", {"status": "refused", "reason": "second"})

    assert first == second == {"labels": {"status": "refused", "reason": "first"}}
