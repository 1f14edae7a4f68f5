"""The dead letters of a stage: why each lies there, and back to the queue that it came from."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.errors import UserError
from mlstack.target import Target

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

NO_REASON = "no reason recorded: the function ended without a word"
REASON = "Reason"
BATCH, BATCH_BYTES = 10, 256 * 1024  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/
HOLD_S = 300
"""How long a message is out of others' sight while it is looked at; it comes back by itself if this process dies."""
EMPTY_ANSWERS = 2
"""SQS asks a part of its servers at a time: one empty answer means little."""
LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """One message among the dead letters, held for a while."""

    message: "MessageTypeDef"

    @property
    def number(self) -> str:
        """What tells it from others, however often it is delivered."""
        return self.message["MessageId"]

    @property
    def body(self) -> str:
        """What it says, which may be anything."""
        return self.message.get("Body", "")

    @property
    def reason(self) -> str:
        """Why it lies there, where the function said so."""
        told = self.message.get("MessageAttributes", {})
        if REASON in told:
            return told[REASON].get("StringValue", NO_REASON)
        # What EventBridge says of an event that it could not hand over.
        said = [told[name].get("StringValue", "") for name in ("ERROR_CODE", "ERROR_MESSAGE") if name in told]
        return f"EventBridge could not hand it over: {': '.join(said)}" if said else NO_REASON

    @property
    def subject(self) -> str:
        """The object that it speaks of, or its own first words."""
        try:
            detail = json.loads(self.body)["detail"]
            return f"s3://{detail['bucket']['name']}/{detail['object']['key']}"
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
            return self.body[:LONGEST_SUBJECT]

    @property
    def announces_an_upload(self) -> bool:
        """Whether it is S3's event, and not Rekognition's word that a job has ended."""
        try:
            return "object" in json.loads(self.body)["detail"]
        except (KeyError, RecursionError, TypeError, ValueError):
            return False


@dataclass(slots=True)
class Moved:
    """What came of a redrive."""

    moved: int = 0
    refused: int = 0
    """Not taken by the queue; still among the dead letters."""
    doubled: int = 0
    """Taken by the queue, but still among the dead letters too; the ledger does the work once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetters:
    """A dead letter queue and the queues whose letters it holds."""

    sqs: "SQSClient"
    url: str
    uploads: str
    """The queue of S3's events."""
    others: str
    """The queue of everything else."""

    @classmethod
    def find(cls, target: Target, *, video: bool) -> Self:
        """Find those of a stage's images or videos; raise UserError where it has none."""
        outputs, kind = target.outputs("Vision"), "Video" if video else ""
        uploads = f"{kind}QueueUrl"
        others = "VideoResultsQueueUrl" if video else uploads
        if not {f"{kind}DeadLetterQueueUrl", uploads, others} <= outputs.keys():
            message = f"{target.shown} has no queue of {'videos' if video else 'images'}; deploy it with them first"
            raise UserError(message)
        return cls(
            sqs=target.account.client("sqs"),
            url=outputs[f"{kind}DeadLetterQueueUrl"],
            uploads=outputs[uploads],
            others=outputs[others],
        )

    def count(self) -> int:
        """About how many there are."""
        answer = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def hold(self, most: int) -> Iterator[Letter]:
        """Take up to so many letters out of others' sight until there are no more, each once."""
        seen: set[str] = set()
        empty = 0
        while len(seen) < most and empty < EMPTY_ANSWERS:
            answer = self.sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=min(BATCH, most - len(seen)),
                MessageAttributeNames=["All"],
                VisibilityTimeout=HOLD_S,
                WaitTimeSeconds=1,
            )
            fresh = [letter for letter in map(Letter, answer.get("Messages", ())) if letter.number not in seen]
            empty = 0 if fresh else empty + 1
            seen.update(letter.number for letter in fresh)
            yield from fresh

    def give_back(self, letters: Iterable[Letter]) -> None:
        """Let others see letters again at once; where that fails they come back by themselves."""
        for batch in _batches(letters):
            entries = [
                {"Id": number, "ReceiptHandle": letter.message["ReceiptHandle"], "VisibilityTimeout": 0}
                for number, letter in batch.items()
            ]
            try:
                self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)  # type: ignore[arg-type]
            except (BotoCoreError, ClientError):
                return

    def move(self, letters: Iterable[Letter], so_far: Moved) -> Iterator[Letter]:
        """Send letters to their queues, and only then delete them here; yield those that are gone."""
        for queue, chosen in self._by_queue(letters).items():
            for batch in _batches(chosen):
                sent = self._sent(queue, batch)
                so_far.moved += len(sent)
                so_far.refused += len(batch) - len(sent)
                so_far.doubled += len(sent)
                for number in self._deleted({number: batch[number] for number in sent}):
                    so_far.doubled -= 1
                    yield batch[number]

    def _by_queue(self, letters: Iterable[Letter]) -> dict[str, list[Letter]]:
        queues: dict[str, list[Letter]] = {}
        for letter in letters:
            queues.setdefault(self.uploads if letter.announces_an_upload else self.others, []).append(letter)
        return queues

    def _sent(self, queue: str, batch: Mapping[str, Letter]) -> set[str]:
        entries: list[Any] = []
        for number, letter in batch.items():
            told = letter.message.get("MessageAttributes", {})
            kept = {name: value for name, value in told.items() if name != REASON}
            entries.append({"Id": number, "MessageBody": letter.body, "MessageAttributes": kept})
        answer = self.sqs.send_message_batch(QueueUrl=queue, Entries=entries)
        return {one["Id"] for one in answer.get("Successful", ())}

    def _deleted(self, batch: Mapping[str, Letter]) -> set[str]:
        if not batch:
            return set()
        entries: list[Any] = [
            {"Id": number, "ReceiptHandle": letter.message["ReceiptHandle"]} for number, letter in batch.items()
        ]
        answer = self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)
        return {one["Id"] for one in answer.get("Successful", ())}


def _batches(letters: Iterable[Letter]) -> Iterator[dict[str, Letter]]:
    """Letters in batches that SQS takes, each by its number."""
    batch: dict[str, Letter] = {}
    size = 0
    for letter in letters:
        length = len(letter.body.encode()) + 4096  # its attributes
        if batch and (len(batch) == BATCH or size + length > BATCH_BYTES):
            yield batch
            batch, size = {}, 0
        batch[str(len(batch))] = letter
        size += length
    if batch:
        yield batch
