"""A shift at the queue: receives until SIGTERM, then finishes what is in hand and gives the rest back."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Event, Thread
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from worker import clients, log
from worker.errand import Message
from worker.fate import Again
from worker.server import Server
from worker.settings import QueueSettings
from worker.visibility import EVERY_S, HIDDEN_S, Visibility

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

AT_ONCE = 10
"""SQS gives no more messages at a time."""
LOOK_S = 1.0
"""Between two looks at a server that is not well."""
LONGEST_PAUSE_S = 30.0
HOPELESS = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "InvalidAddress",
        "InvalidSecurity",
        "NoCredentialsError",
        "QueueDoesNotExist",
    }
)
"""What no waiting mends; a worker that waited all the same would be paid for."""


class QueueError(Exception):
    """The queue cannot be worked; the message says what to do, in one line."""


@dataclass(kw_only=True)
class Shift:
    """One worker's time at a queue."""

    sqs: "SQSClient"
    settings: QueueSettings
    server: Server
    run_errand: Callable[[Message], Again | None]
    stop: Event
    """Set by SIGTERM."""
    visibility: Visibility = field(init=False)
    _free: BoundedSemaphore = field(init=False)
    _well: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        """Begin with nothing in hand."""
        self.visibility = Visibility(self.sqs, self.settings.queue_url)
        self._free = BoundedSemaphore(self.settings.concurrency)

    def work(self) -> int:
        """Work until told to stop; how many messages were given back unfinished. Raise QueueError."""
        over = Event()
        keeper = Thread(target=self._keep, args=(over,), name="visibility", daemon=True)
        keeper.start()
        hands = ThreadPoolExecutor(self.settings.concurrency, thread_name_prefix="hand")
        running: set[Future[None]] = set()
        try:
            log.write("ready", concurrency=self.settings.concurrency)
            self._receive(hands, running)
        finally:
            begun = {one for one in running if not one.done()}
            log.write("draining", inside=len(begun))
            wait(begun, timeout=self.settings.drain_seconds)
            left = self.visibility.give_all_back()
            over.set()
            hands.shutdown(wait=False, cancel_futures=True)
        log.write("stopped", given_back=left)
        return left

    def _receive(self, hands: ThreadPoolExecutor, running: set[Future[None]]) -> None:
        """Receive as many messages as there are free hands, again and again."""
        failures = 0
        while not self.stop.is_set():
            if not self._server_is_well():
                self.stop.wait(LOOK_S)
                continue
            free = self._take_free()
            try:
                # A hand may have become free long after SIGTERM; every delivery of a message is one of a few.
                received = self._messages(free) if free and not self.stop.is_set() else []
                failures = 0
            except (BotoCoreError, ClientError) as error:
                received, failures = [], failures + 1
                self._unreceived(error, failures)
            for _ in range(free - len(received)):
                self._free.release()
            running -= {one for one in running if one.done()}
            for message in received:
                self.visibility.hold(message.number, message.receipt)
                running.add(hands.submit(self._handle, message))

    def _messages(self, free: int) -> list[Message]:
        answer = self.sqs.receive_message(
            QueueUrl=self.settings.queue_url,
            MaxNumberOfMessages=free,
            WaitTimeSeconds=self.settings.poll_seconds,
            VisibilityTimeout=HIDDEN_S,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return [_message(one) for one in answer.get("Messages", [])]

    def _unreceived(self, error: BotoCoreError | ClientError, failures: int) -> None:
        code = clients.code_of(error)
        if code in HOPELESS:
            message = (
                f"QUEUE_URL: {self.settings.queue_url}: {code}: it must be there, and the task's role must be allowed "
                "sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on it"
            )
            raise QueueError(message) from error
        log.write("not_received", "warning", why=code)
        self.stop.wait(min(LONGEST_PAUSE_S, 2.0 ** min(failures, 10) / 2))

    def _take_free(self) -> int:
        """Take the hands that are free, ten at most; wait a moment for the first, and give 0 where there is none."""
        if not self._free.acquire(timeout=LOOK_S):
            return 0
        more = 0
        while 1 + more < AT_ONCE and self._free.acquire(blocking=False):
            more += 1
        return 1 + more

    def _server_is_well(self) -> bool:
        """Whether to receive: a server that cannot answer would cost every message one of its few deliveries."""
        well = self.server.well()
        if well != self._well:
            log.write(*(("server_well", "info") if well else ("server_unwell", "warning")))
            self._well = well
        return well

    def _handle(self, message: Message) -> None:
        try:
            if self.stop.is_set():  # received in the same moment
                self.visibility.give_back(message.number, 0)
                return
            again = self.run_errand(message)
            if again is None:
                self.visibility.done(message.number)
            else:
                # Somebody else may take it at once where this worker ends.
                self.visibility.give_back(message.number, 0 if self.stop.is_set() else again.seconds)
        finally:
            self._free.release()

    def _keep(self, over: Event) -> None:
        while not over.wait(EVERY_S):
            self.visibility.extend()


def _message(one: "MessageTypeDef") -> Message:
    count = one.get("Attributes", {}).get("ApproximateReceiveCount", "1")
    return Message(
        number=one["MessageId"],
        receipt=one["ReceiptHandle"],
        body=one["Body"],
        receives=int(count) if count.isdecimal() else 1,
    )
