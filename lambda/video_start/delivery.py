"""One delivery of one video: the claim, the jobs begun, and the record of what came of it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from shared import clients, clock
from shared.come_again import ComeAgainError
from shared.dead_letters import DeadLetters
from shared.fault import Fault, fault_of, reason_of
from shared.ledger import REFUSED, Busy, Done, LeaseLostError, Ledger, Taken
from shared.object_version import ObjectVersion
from shared.pace import Pace
from shared.video_jobs import VideoJobs, tag_of
from shared.video_record import MEDIA, VideoRecord
from video_start.settings import settings
from video_start.starting import FullError, NoVideoError, Starter, UnstartedError, check

logger = logging.getLogger(__name__)

TIME_FOR_ONE_VIDEO = timedelta(seconds=30)
ATTEMPTS = 8
"""They last about twenty minutes, so that most of AWS's bad hours pass without anybody's help."""
FIRST_DELAY_S, SOON_S = 10.0, 2.0
WAIT_FOR_A_PLACE_S, LONGEST_WAIT_S = 30.0, 600.0
WAY_BACK = {"Queue": "start"}


def process(thing: ObjectVersion, names: Sequence[str], *, body: str, received: int, time_left: timedelta) -> None:
    """Begin the analyses ``names`` of one video; raise ComeAgainError to try later.

    ``received`` says how often the message came: who has waited long for a place looks less often.
    """
    if time_left < TIME_FOR_ONE_VIDEO:
        message = "too little time is left in this invocation"
        raise ComeAgainError(message, seconds=SOON_S)
    now = clock.now()
    table = clients.table(settings().table_name)
    ledger = Ledger(table=table, owner=uuid4().hex, media=MEDIA, keep=settings().keep)
    try:
        claim = ledger.claim(thing, names, now=now, until=now + time_left)
    except (BotoCoreError, ClientError) as error:
        raise ComeAgainError(reason_of(error), seconds=FIRST_DELAY_S) from error
    match claim:
        case Done():
            return
        case Busy(seconds):
            message = f"another delivery works on {thing.uri}"
            raise ComeAgainError(message, seconds=seconds)
        case Taken():
            try:
                Delivery(ledger, thing, tuple(names), body, claim, received).work(until=now + time_left)
            except LeaseLostError as error:
                raise ComeAgainError(str(error), seconds=SOON_S) from error


def dead_letters() -> DeadLetters:
    """The queue of what someone must look at."""
    return DeadLetters(clients.sqs(), settings().dead_letter_queue_url)


class Delivery:
    """The work on a claimed video."""

    def __init__(  # noqa: PLR0913, PLR0917 (a delivery has as many parts)
        self, ledger: Ledger, thing: ObjectVersion, names: tuple[str, ...], body: str, taken: Taken, received: int
    ) -> None:
        self.ledger, self.thing, self.names, self.body, self.taken = ledger, thing, names, body, taken
        self.received = received
        self.record = VideoRecord(
            thing=thing,
            ledger=ledger,
            events=clients.events(),
            stage=settings().stage,
            moderation=settings().options.get("moderation", {}),
        )

    def work(self, *, until: datetime) -> None:
        """Have every analysis in flight or refused, and record the outcome, whatever it is."""
        attempts = self.taken.attempts
        if attempts > ATTEMPTS:
            last = self.taken.reason or "none of them could say why: a timeout, or too little memory"
            self._give_up(f"{ATTEMPTS} attempts failed; {last}")
            return
        try:
            self._start(until)
        except NoVideoError as refusal:
            self._refuse(str(refusal))
        except UnstartedError as error:
            self._give_up(str(error))
        except FullError as error:
            self._release(str(error), attempts=attempts - 1)
            wait = min(WAIT_FOR_A_PLACE_S * self.received, LONGEST_WAIT_S)
            raise ComeAgainError(str(error), seconds=wait) from error
        except ComeAgainError as error:
            self._release(str(error), attempts=attempts - 1)
            raise
        except (BotoCoreError, ClientError) as error:
            self._mind(error)

    def _start(self, until: datetime) -> None:
        outcomes: Any = self.taken.analyses
        if missing := self._missing():
            check(self.thing, clients.s3())
            pace_table = clients.table(settings().pace_table_name)
            starter = Starter(
                rekognition=clients.rekognition(),
                record=self.record,
                jobs=VideoJobs(pace_table),
                pace=Pace(pace_table),
                settings=settings(),
                wanted=self.names,
                lost=self.taken.lost,
                until=until,
            )
            outcomes = starter.start(missing, outcomes)
        in_flight = [name for name in self.names if name not in outcomes]
        if in_flight:
            reason = f"waits for Rekognition: {', '.join(in_flight)}"
            self.ledger.released(self.thing, now=clock.now(), reason=reason, attempts=0)
        else:
            self.record.close(outcomes)

    def _missing(self) -> list[str]:
        return [name for name in self.names if name not in self.taken.analyses]

    def _mind(self, error: ClientError | BotoCoreError) -> None:
        """Decide what a failed call means for the video."""
        reason, attempts = reason_of(error), self.taken.attempts
        match fault_of(error):
            case Fault.WAIT:
                self._release(reason, attempts=attempts - 1)
                raise ComeAgainError(reason, seconds=FIRST_DELAY_S) from error
            case Fault.RETRY if attempts < ATTEMPTS:
                self._release(reason, attempts=attempts)
                raise ComeAgainError(
                    reason, seconds=min(FIRST_DELAY_S * 2 ** (attempts - 1), LONGEST_WAIT_S)
                ) from error
            case Fault.RETRY:
                self._give_up(f"{ATTEMPTS} attempts failed; {reason}")
            case Fault.REFUSE:
                self._refuse(reason)
            case Fault.GONE:
                self._abandon()
                self.record.fail(reason, self.record.outcomes())
            case Fault.PARK:
                self._give_up(reason)

    def _refuse(self, reason: str) -> None:
        """Record that no analysis takes the object."""
        self._abandon()
        outcomes: Any = self.taken.analyses
        for name in self._missing():
            outcomes = self.record.note(name, {"status": REFUSED, "reason": reason})
        self.record.close(outcomes)

    def _give_up(self, reason: str) -> None:
        """Record why a person must look, and leave the message to them; what is in flight goes on."""
        self._abandon()
        self.record.fail(reason, self.record.outcomes())
        dead_letters().park(self.body, reason, WAY_BACK)

    def _abandon(self) -> None:
        """Give the places back that earlier deliveries kept because Rekognition might have begun the job.

        Nobody will ask again now. If it did begin, the dead letter gets the same job: it comes with the same token.
        """
        if self.taken.seen_before:
            jobs = VideoJobs(clients.table(settings().pace_table_name))
            for name in self._missing():
                jobs.abandon(tag_of(self.thing, name))

    def _release(self, reason: str, *, attempts: int) -> None:
        try:
            self.ledger.released(self.thing, now=clock.now(), reason=reason, attempts=attempts)
        except (BotoCoreError, ClientError, LeaseLostError):
            logger.warning("the lease of %s ends by itself", self.thing.uri, exc_info=True)
