"""Keeps the messages that are in hand invisible to others for as long as they are, and no longer."""

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from worker import clients, log

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HIDDEN_S = 60
"""How long a message stays invisible if nobody says anything more: the worker may be killed."""
EVERY_S = 20
"""Between two extensions: two may fail before a message is delivered to somebody else too."""


class Visibility:
    """The messages in hand: their receipts by their ids. Its methods may be called from any thread."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs, self._queue_url = sqs, queue_url
        self._held: dict[str, str] = {}
        self._lock = Lock()

    def hold(self, number: str, receipt: str) -> None:
        """Keep a message that was received."""
        with self._lock:
            self._held[number] = receipt

    def extend(self) -> None:
        """Keep all that are in hand for a while longer."""
        for number, receipt in self._all().items():
            self._change(number, receipt, HIDDEN_S)

    def done(self, number: str) -> None:
        """Take a message that is done out of the queue."""
        receipt = self._drop(number)
        if receipt is None:
            return  # it was given back meanwhile
        try:
            self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=receipt)
        except (BotoCoreError, ClientError) as error:
            # It comes again and is answered again, with the same answer.
            log.write("not_deleted", "warning", message=number, why=clients.code_of(error))

    def give_back(self, number: str, seconds: int) -> None:
        """Let a message be delivered again after so long."""
        receipt = self._drop(number)
        if receipt is not None:
            self._change(number, receipt, seconds)

    def give_all_back(self) -> int:
        """Let all that are in hand be delivered again at once; how many they were."""
        held = self._all()
        for number in held:
            self.give_back(number, 0)
        return len(held)

    def _all(self) -> Mapping[str, str]:
        with self._lock:
            return dict(self._held)

    def _drop(self, number: str) -> str | None:
        with self._lock:
            return self._held.pop(number, None)

    def _change(self, number: str, receipt: str, seconds: int) -> None:
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            )
        except (BotoCoreError, ClientError) as error:
            # It is delivered when its time is over, only later, or sooner, than it was meant to.
            log.write("visibility_unchanged", "warning", message=number, why=clients.code_of(error))
