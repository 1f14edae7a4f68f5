"""One delivery of one object: the claim, the work, and the record of what came of it."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from image_analysis.analysing import Image, Laboratory, RefusedError, UnfinishedError, analyse, inspect
from image_analysis.settings import settings
from shared import announcement, clients, clock
from shared.come_again import ComeAgainError
from shared.dead_letters import DeadLetters
from shared.documents import Documents
from shared.fault import Fault, fault_of, reason_of
from shared.ledger import FAILED, REFUSED, Busy, Done, LeaseLostError, Ledger, Outcome, Taken
from shared.object_version import ObjectVersion
from shared.pace import Pace
from shared.verdict import flags, verdict

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

logger = logging.getLogger(__name__)

TIME_FOR_ONE_IMAGE = timedelta(seconds=30)
"""One call and what surrounds it; an image with many analyses may need a second delivery, and loses nothing by it."""
ATTEMPTS = 5
FIRST_DELAY_S = 10.0
SOON_S = 2.0


def process(thing: ObjectVersion, names: Sequence[str], *, body: str, time_left: timedelta) -> None:
    """Do the analyses ``names`` of one object and record what came of it; raise ComeAgainError to try later."""
    if time_left < TIME_FOR_ONE_IMAGE:
        message = "too little time is left in this invocation"
        raise ComeAgainError(message, seconds=SOON_S)
    now = clock.now()
    ledger = Ledger(table=clients.table(settings().table_name), owner=uuid4().hex, keep=settings().keep)
    try:
        claim = ledger.claim(thing, names, now=now, until=now + time_left)
    except (BotoCoreError, ClientError) as error:
        if fault_of(error) is Fault.PARK:
            dead_letters().park(body, reason_of(error))
            return
        raise ComeAgainError(reason_of(error), seconds=FIRST_DELAY_S) from error
    match claim:
        case Done(outcomes):
            # The same content under the same key: what was put away before must not stand there again.
            if thing.version_id is None:
                _flag_again(thing, outcomes)
        case Busy(seconds):
            message = f"another delivery works on {thing.uri}"
            raise ComeAgainError(message, seconds=seconds)
        case Taken():
            try:
                Delivery(thing, names, body, claim, ledger).work(until=now + time_left)
            except LeaseLostError as error:
                raise ComeAgainError(str(error), seconds=SOON_S) from error


def _flag_again(thing: ObjectVersion, outcomes: Mapping[str, Outcome]) -> None:
    """Tell of flagged content once more; who acts on it knows what was decided."""
    try:
        announcement.announce(clients.events(), _flagged(thing, outcomes, media="image"))
    except (BotoCoreError, ClientError) as error:
        raise ComeAgainError(reason_of(error), seconds=FIRST_DELAY_S) from error


def _flagged(
    thing: ObjectVersion, outcomes: Mapping[str, Outcome], *, media: str
) -> list["PutEventsRequestEntryTypeDef"]:
    moderation = settings().options.get("moderation", {})
    if not (labels := flags(outcomes, moderation)):
        return []
    return [announcement.flagged(settings().stage, thing, media=media, action=moderation["action"], labels=labels)]


def dead_letters() -> DeadLetters:
    """The queue of what someone must look at."""
    return DeadLetters(clients.sqs(), settings().dead_letter_queue_url)


class Delivery:
    """The work on a claimed object."""

    def __init__(self, thing: ObjectVersion, names: Sequence[str], body: str, taken: Taken, ledger: Ledger) -> None:
        self.thing = thing
        self.names = names
        self.body = body
        self.taken = taken
        self.outcomes = dict(taken.analyses)
        self.ledger = ledger

    def work(self, *, until: datetime) -> None:
        """Analyse the object and record the outcome, whatever it is."""
        if self.taken.attempts > ATTEMPTS:
            last = self.taken.reason or "none of them could say why: a timeout, or too little memory"
            self._give_up(f"{ATTEMPTS} attempts failed; {last}")
            return
        try:
            self._settle(until)
        except UnfinishedError as error:
            self._give_up(str(error))
        except ComeAgainError as error:
            self._release(str(error), attempts=self.taken.attempts - 1)
            raise
        except (BotoCoreError, ClientError) as error:
            self._mind(error)

    def _settle(self, until: datetime) -> None:
        try:
            self._analyse(until)
        except RefusedError as refusal:
            self._refuse(str(refusal))

    def _analyse(self, until: datetime) -> None:
        header = inspect(self.thing, clients.s3())
        lab = Laboratory(
            rekognition=clients.rekognition(),
            documents=Documents(clients.s3(), settings().results_bucket),
            ledger=self.ledger,
            pace=Pace(clients.table(settings().pace_table_name)),
            settings=settings(),
        )
        image = Image(header=header, seen_before=self.taken.seen_before, until=until)
        analyse(self.thing, self.names, self.outcomes, lab, image)
        status, reason = verdict(self.outcomes)
        self._announce(status, reason)
        if status == REFUSED:
            self.ledger.refused(self.thing, now=clock.now(), reason=reason)
            return
        found = {"format": header.format, "width": header.width, "height": header.height}
        self.ledger.analysed(self.thing, now=clock.now(), found=found)

    def _mind(self, error: ClientError | BotoCoreError) -> None:
        """Decide what a failed call means for the object."""
        reason, attempts = reason_of(error), self.taken.attempts
        match _fault_of(error):
            case Fault.WAIT:
                self._release(reason, attempts=attempts - 1)
                raise ComeAgainError(reason, seconds=FIRST_DELAY_S) from error
            case Fault.RETRY if attempts < ATTEMPTS:
                self._release(reason, attempts=attempts)
                raise ComeAgainError(reason, seconds=FIRST_DELAY_S * 2 ** (attempts - 1)) from error
            case Fault.RETRY:
                self._give_up(f"{ATTEMPTS} attempts failed; {reason}")
            case Fault.REFUSE:
                self._refuse(reason)
            case Fault.GONE:
                self._announce(FAILED, reason)
                self.ledger.failed(self.thing, now=clock.now(), reason=reason)
            case Fault.PARK:
                self._give_up(reason)

    def _refuse(self, reason: str) -> None:
        """Record that no analysis takes the object."""
        refused: dict[str, Outcome] = {
            name: {"status": REFUSED, "reason": reason} for name in self.names if name not in self.outcomes
        }
        self.outcomes |= refused
        self._announce(REFUSED, reason)
        self.ledger.refused(self.thing, now=clock.now(), reason=reason, analyses=refused)

    def _give_up(self, reason: str) -> None:
        """Record why a person must look, and leave the message to them."""
        try:
            self._announce(FAILED, reason)
        except (BotoCoreError, ClientError) as error:  # the very thing that is broken may be the bus
            reason = f"{reason}; nobody was told: {reason_of(error)}"
        self.ledger.failed(self.thing, now=clock.now(), reason=reason)
        dead_letters().park(self.body, reason)

    def _release(self, reason: str, *, attempts: int) -> None:
        try:
            self.ledger.released(self.thing, now=clock.now(), reason=reason, attempts=attempts)
        except (BotoCoreError, ClientError, LeaseLostError):
            logger.warning("the lease of %s ends by itself", self.thing.uri, exc_info=True)

    def _announce(self, status: str, reason: str) -> None:
        """Tell everybody, before the record is final: an event may come twice, and is never lost."""
        stage, media = settings().stage, self.ledger.media
        told = announcement.analysed(
            stage, self.thing, media=media, status=status, reason=reason, analyses=self.outcomes
        )
        announcement.announce(clients.events(), [told, *_flagged(self.thing, self.outcomes, media=media)])


def _fault_of(error: ClientError | BotoCoreError) -> Fault:
    """As for any call; but an answer that S3 does not take is lost and paid for anew, which must not go on for ever."""
    lost = isinstance(error, ClientError) and error.operation_name == "PutObject"
    fault = fault_of(error)
    return Fault.RETRY if lost and fault is Fault.WAIT else fault
