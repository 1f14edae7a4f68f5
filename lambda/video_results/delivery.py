"""One delivery of one job: the hold on it, its result, and the record of what came of it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from shared import clients, clock, findings
from shared.come_again import ComeAgainError
from shared.dead_letters import DeadLetters
from shared.documents import Documents
from shared.fault import Fault, code_of, fault_of, reason_of
from shared.ledger import FOUND, REFUSED, Busy, Done, LeaseLostError, Ledger, Outcome, Taken
from shared.pace import Pace
from shared.verdict import Outcomes
from shared.video_analyses import VIDEO_ANALYSES
from shared.video_jobs import Job, VideoJobs
from shared.video_record import MEDIA, VideoRecord
from video_results.collecting import Collector, Fetched, Refused, Running, TokenLostError
from video_results.message import Message, way_back
from video_results.progress import ProgressStore
from video_results.settings import settings

logger = logging.getLogger(__name__)

ATTEMPTS = 5
FIRST_DELAY_S, SOON_S, NOT_YET_S = 10.0, 2.0, 30.0
TIME_TO_CLOSE = timedelta(minutes=1)
LONGEST_JOB = timedelta(hours=24)
UNKNOWN = "ResourceNotFoundException"


def process(message: Message, *, time_left: timedelta) -> None:
    """Record the result of the job that a message leads to; raise ComeAgainError to try later."""
    now = clock.now()
    jobs = VideoJobs(clients.table(settings().pace_table_name))
    owner = uuid4().hex
    try:
        job = _hold(jobs, message, owner, now, now + time_left)
    except (BotoCoreError, ClientError) as error:
        raise ComeAgainError(reason_of(error), seconds=FIRST_DELAY_S) from error
    match job:
        case None:
            logger.info("%s is over already", message.tag)
        case Busy(seconds):
            text = f"another delivery fetches {message.tag}"
            raise ComeAgainError(text, seconds=seconds)
        case Job():
            Delivery(job, jobs, owner, ended=message.ended and message.job_id == job.job_id).work(now + time_left)


def dead_letters() -> DeadLetters:
    """The queue of what someone must look at."""
    return DeadLetters(clients.sqs(), settings().dead_letter_queue_url)


def _hold(jobs: VideoJobs, message: Message, owner: str, now: datetime, until: datetime) -> Job | Busy | None:
    held = jobs.hold(message.tag, owner, now=now, until=until, job_id=message.job_id)
    if held is not None or message.job is None:
        return held
    jobs.adopt(message.job)
    return jobs.hold(message.tag, owner, now=now, until=until, job_id=message.job_id)


class Delivery:
    """The work on a job that nobody else fetches now."""

    def __init__(self, job: Job, jobs: VideoJobs, owner: str, *, ended: bool) -> None:
        self.job, self.jobs, self.owner, self.ended = job, jobs, owner, ended
        table = clients.table(settings().table_name)
        self.record = VideoRecord(
            thing=job.thing,
            ledger=Ledger(table=table, owner=owner, media=MEDIA, keep=settings().keep),
            events=clients.events(),
            stage=settings().stage,
            moderation=settings().moderation,
        )
        self.progress = ProgressStore(clients.s3(), settings().results_bucket)

    def work(self, until: datetime) -> None:
        """Record the job's result, or why there is none; whatever happens, let others try after it."""
        try:
            self._try(until)
        except (ComeAgainError, LeaseLostError) as error:
            self._release(self.job.tries - 1, str(error))
            again = error.seconds if isinstance(error, ComeAgainError) else SOON_S
            raise ComeAgainError(str(error), seconds=again) from error
        except (BotoCoreError, ClientError) as error:
            reason = reason_of(error)
            tries = self.job.tries - 1 if fault_of(error) is Fault.WAIT else self.job.tries
            self._release(tries, reason)
            raise ComeAgainError(reason, seconds=FIRST_DELAY_S * 2 ** min(max(0, tries - 1), ATTEMPTS)) from error

    def _try(self, until: datetime) -> None:
        if self.job.tries > ATTEMPTS:
            last = self.job.reason or "none of them could say why: a timeout, or too little memory"
            self._give_up(f"{ATTEMPTS} attempts failed; {last}")
            return
        try:
            self._finish(until)
        except TokenLostError as error:
            self._give_up(str(error))
        except (BotoCoreError, ClientError) as error:
            if self._is_unknown(error):
                self._lose("Rekognition does not know the job any more")
            elif fault_of(error) in {Fault.WAIT, Fault.RETRY}:
                raise
            else:
                self._give_up(reason_of(error))

    def _finish(self, until: datetime) -> None:
        outcomes = self.record.outcomes()
        if self.job.analysis not in outcomes:
            noted = self._fetch(until)
            if noted is None:
                return
            outcomes = noted
        if set(self.job.wanted) <= set(outcomes) and self._claim(self.job.wanted):
            self.record.close(outcomes)
        self._end()

    def _fetch(self, until: datetime) -> Outcomes | None:
        """All outcomes once this job's is among them; None where there is nothing to fetch yet."""
        result = self._collector(until).collect(self.job) if self.job.job_id else Running()
        match result:
            case Running():
                self._wait()
                return None
            case Refused(reason):
                return self.record.note(self.job.analysis, {"status": REFUSED, "reason": reason})
            case Fetched():
                return self.record.note(self.job.analysis, self._store(result), result.video)

    def _store(self, fetched: Fetched) -> Outcome:
        found, ledger = fetched.tally.findings(), self.record.ledger
        items = findings.items(self.job.thing, self.job.analysis, found, media=MEDIA, shared=ledger.dated(clock.now()))
        findings.store(ledger.table, items)
        counted = {"count": fetched.tally.count, "pages": fetched.pages}
        return {"status": FOUND, "top": findings.top(found), "document": fetched.document} | counted

    def _wait(self) -> None:
        """Leave a job alone that has not ended, unless it never will."""
        age = timedelta(seconds=clock.now().timestamp() - float(self.job.started_at))
        if age > LONGEST_JOB:
            self._lose(f"no result after {LONGEST_JOB.total_seconds() / 3600:g} hours")
        elif self.ended:
            message = f"{self.job.tag} is said to have ended, and is not readable yet"
            raise ComeAgainError(message, seconds=NOT_YET_S)
        else:
            self._release(0)

    def _lose(self, reason: str) -> None:
        """Give a job up that Rekognition will not end: sent back, its dead letter begins another.

        Where nobody ever learned its name, the same token must ask for it: it may have begun, and then it is paid for.
        """
        self._fail(reason, self.job.thing.to_message(), "start", lost=self.job.job_id is not None)

    def _give_up(self, reason: str) -> None:
        """Record why a person must look: sent back, the dead letter fetches the same result."""
        self._fail(reason, way_back(self.job), "results", lost=False)

    def _fail(self, reason: str, body: str, queue: str, *, lost: bool) -> None:
        named = f"{self.job.analysis}: {reason}"
        if self._claim([self.job.analysis]):
            silent = self.job.tries > 2 * ATTEMPTS  # where nothing can be announced, the dead letter must do
            self.record.fail(named, self.record.outcomes(), lost=lost, silent=silent)
            dead_letters().park(body, named, {"Queue": queue})
        self._end()

    def _claim(self, wanted: Sequence[str]) -> bool:
        """Take the video's record; False where it is final."""
        now = clock.now()
        match self.record.ledger.claim(self.job.thing, wanted, now=now, until=now + TIME_TO_CLOSE):
            case Done():
                return False
            case Busy(seconds):
                message = f"another delivery works on {self.job.thing.uri}"
                raise ComeAgainError(message, seconds=max(SOON_S, seconds))
            case Taken():
                return True

    def _is_unknown(self, error: ClientError | BotoCoreError) -> bool:
        asked = VIDEO_ANALYSES[self.job.analysis].get
        return isinstance(error, ClientError) and (error.operation_name, code_of(error)) == (asked, UNKNOWN)

    def _end(self) -> None:
        """The job is over: give its place to the next."""
        self.jobs.leave(self.job.tag, self.owner)
        try:
            self.progress.forget(self.job)
        except (BotoCoreError, ClientError):  # nobody reads it any more
            logger.warning("the progress of %s stays in the bucket", self.job.tag, exc_info=True)

    def _release(self, tries: int, reason: str = "") -> None:
        try:
            self.jobs.release(self.job.tag, self.owner, now=clock.now(), tries=tries, reason=reason)
        except (BotoCoreError, ClientError):
            logger.warning("the hold on %s ends by itself", self.job.tag, exc_info=True)

    def _collector(self, until: datetime) -> Collector:
        return Collector(
            rekognition=clients.rekognition(),
            documents=Documents(clients.s3(), settings().results_bucket),
            progress=self.progress,
            pace=Pace(clients.table(settings().pace_table_name)),
            per_second=settings().per_second,
            until=until,
        )
