"""Dead letters are shown by reason, and on request go back to their queue; none is ever lost on the way."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3
import click
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from mlstack.account import Account
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.vision import dead_letters, redrive
from mlstack.vision.dead_letters import NO_REASON, DeadLetters, Letter, Moved

EXECUTE = ["--stage", "sandbox", "--execute"]
STUBBORN = "s3://media/photos/a\N{REPLACEMENT CHARACTER}[red]b \N{CAT FACE}.jpg"


def event(key: str) -> str:
    """S3's event of an upload."""
    detail = {"bucket": {"name": "media"}, "object": {"key": key, "size": 1, "etag": "x"}}
    return json.dumps({"detail-type": "Object Created", "detail": detail})


@cache
def client() -> Any:  # noqa: ANN401 (boto3 makes its clients' types at run time)
    """SQS for all labs, because making a client takes longer than a test; moto forgets everything in between."""
    return boto3.client("sqs")


class Lab:
    """A stage's queues in moto, and a tap on every call that the commands make."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sqs = client()
        self.outputs = {
            f"{name}Url": self.sqs.create_queue(QueueName=name)["QueueUrl"]
            for name in (
                "Queue",
                "DeadLetterQueue",
                "VideoQueue",
                "VideoResultsQueue",
                "VideoDeadLetterQueue",
            )
        }
        account = Account(shown="the lab", is_local=True, client=lambda _: self.sqs)
        monkeypatch.setattr("mlstack.target.account.choose", lambda *_: account)
        monkeypatch.setattr("mlstack.target.deployment.outputs", lambda *_: self.outputs)
        self.target = Target(account, "sandbox")

    def park(self, body: str, reason: str | None = None, *, queue: str = "DeadLetterQueueUrl") -> None:
        """Put a message among the dead letters."""
        told = {} if reason is None else {"Reason": {"DataType": "String", "StringValue": reason}}
        self.sqs.send_message(QueueUrl=self.outputs[queue], MessageBody=body, MessageAttributes=told)

    def bodies(self, queue: str) -> list[str]:
        """What others can see in a queue now."""
        found: list[str] = []
        while answer := self.sqs.receive_message(QueueUrl=self.outputs[queue], MaxNumberOfMessages=10).get("Messages"):
            found += [message["Body"] for message in answer]
        return sorted(found)

    def fail(self, monkeypatch: pytest.MonkeyPatch, operation: str, error: Exception, *, after: int = 0) -> None:
        """Make an operation fail from its ``after``-th call on."""
        real, calls = getattr(self.sqs, operation), iter(range(1_000))

        def failing(**parameters: Any) -> Any:  # noqa: ANN401 (it stands for any operation)
            if next(calls) >= after:
                raise error
            return real(**parameters)

        monkeypatch.setattr(self.sqs, operation, failing)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A stage with empty queues, whose SQS answers at once."""
    monkeypatch.setattr(dead_letters, "EMPTY_ANSWERS", 1)
    with mock_aws():
        made = Lab(monkeypatch)
        real = made.sqs.receive_message
        monkeypatch.setattr(made.sqs, "receive_message", lambda **asked: real(**{**asked, "WaitTimeSeconds": 0}))
        yield made


def run(*arguments: str) -> int:
    """The exit code of the command, errors of its user raised."""
    try:
        redrive.redrive.main(args=list(arguments), standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2
    return 0


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The command's JSON."""
    assert run(*arguments, "--json") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_letters_are_grouped_by_reason_and_stay_where_they_are(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(12):
        lab.park(event(f"photos/{number}.jpg"), "DetectLabels: AccessDenied: no")
    lab.park("garbage", "not an S3 Object Created event")
    lab.park(event("photos/crash.jpg"))

    told = shown(capsys)

    assert [(group["number"], group["reason"]) for group in told["reasons"]] == [
        (12, "DetectLabels: AccessDenied: no"),
        (1, NO_REASON),
        (1, "not an S3 Object Created event"),
    ]
    assert told["reasons"][1]["examples"] == ["s3://media/photos/crash.jpg"]
    assert told["looked_at"] == told["about"] == 14
    assert len(lab.bodies("DeadLetterQueueUrl")) == 14
    assert lab.bodies("QueueUrl") == []


def test_a_letter_from_eventbridge_says_what_eventbridge_said(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    said = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "not authorized"}
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
    lab.sqs.send_message(
        QueueUrl=lab.outputs["DeadLetterQueueUrl"], MessageBody=event("photos/a.jpg"), MessageAttributes=attributes
    )

    [group] = shown(capsys)["reasons"]

    assert group["reason"] == "EventBridge could not hand it over: NO_PERMISSIONS: not authorized"


def test_the_table_shows_hostile_keys_and_bodies_harmlessly(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.park(event("photos/a\n[red]b \N{CAT FACE}.jpg"), "because \N{CAT FACE} [bold]")
    lab.park("null", "none")
    lab.park('{"detail": 3}', "none")

    assert run() == 0

    output = capsys.readouterr().out
    assert STUBBORN in output
    assert "because \N{CAT FACE} [bold]" in output


def test_execute_moves_everything_without_the_old_reason(lab: Lab) -> None:
    bodies = sorted(event(f"photos/{number}.jpg") for number in range(13))
    for body in bodies:
        lab.park(body, "DetectLabels: AccessDenied: no")

    assert run(*EXECUTE) == 0

    first = lab.sqs.receive_message(
        QueueUrl=lab.outputs["QueueUrl"], MessageAttributeNames=["All"], VisibilityTimeout=0
    )["Messages"][0]
    assert "MessageAttributes" not in first
    assert lab.bodies("QueueUrl") == bodies
    assert lab.bodies("DeadLetterQueueUrl") == []


def test_only_the_reason_that_is_meant_is_moved_and_the_rest_is_visible_at_once(lab: Lab) -> None:
    lab.park("denied", "DetectLabels: AccessDenied: no")
    lab.park("other", "InvalidImageFormat")
    lab.park("silent")

    assert run(*EXECUTE, "--reason", "accessdenied") == 0

    assert lab.bodies("QueueUrl") == ["denied"]
    assert lab.bodies("DeadLetterQueueUrl") == ["other", "silent"]


def test_execute_wants_the_stage_said(lab: Lab) -> None:
    lab.park("stays")

    with pytest.raises(click.UsageError, match="--execute wants the stage said: --stage sandbox"):
        run("--execute")

    assert lab.bodies("DeadLetterQueueUrl") == ["stays"]


def test_letters_of_videos_go_back_to_the_queue_that_each_came_from(lab: Lab) -> None:
    completion = json.dumps({"Type": "Notification", "Message": json.dumps({"JobId": "1", "Status": "SUCCEEDED"})})
    for body in (event("videos/a.mp4"), completion, "garbage", '{"detail": "object"}'):
        lab.park(body, queue="VideoDeadLetterQueueUrl")

    assert run(*EXECUTE, "--video") == 0

    assert event("videos/a.mp4") in lab.bodies("VideoQueueUrl")
    assert set(lab.bodies("VideoResultsQueueUrl")) >= {completion, "garbage"}
    assert lab.bodies("VideoDeadLetterQueueUrl") == []


@pytest.mark.parametrize(("missing", "arguments"), [("VideoQueueUrl", ["--video"]), ("QueueUrl", [])])
def test_a_stage_without_such_queues_says_so(lab: Lab, missing: str, arguments: list[str]) -> None:
    del lab.outputs[missing]

    with pytest.raises(UserError, match=r"has no queue of (videos|images); deploy it with them first"):
        run(*arguments)


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow\ndown"}}, "SendMessageBatch"),
        EndpointConnectionError(endpoint_url="https://sqs"),
    ],
)
def test_a_fault_before_sending_leaves_the_rest_among_the_dead_letters(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    for number in range(20):
        lab.park(str(number))
    lab.fail(monkeypatch, "send_message_batch", error, after=1)

    with pytest.raises(UserError, match=r"10 were moved when AWS answered: .*; nothing is lost, run the same"):
        run(*EXECUTE)

    there, here = lab.bodies("QueueUrl"), lab.bodies("DeadLetterQueueUrl")
    assert (len(there), len(here)) == (10, 10)
    assert {*there, *here} == {str(number) for number in range(20)}


def test_a_fault_before_deleting_leaves_them_in_both_queues(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.park("twice")
    error = ClientError({"Error": {"Code": "InternalError", "Message": ""}}, "DeleteMessageBatch")
    lab.fail(monkeypatch, "delete_message_batch", error)

    with pytest.raises(UserError, match="nothing is lost"):
        run(*EXECUTE)

    assert lab.bodies("QueueUrl") == lab.bodies("DeadLetterQueueUrl") == ["twice"]


def test_what_a_queue_refuses_stays_and_is_counted(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.park("refused")
    monkeypatch.setattr(lab.sqs, "send_message_batch", lambda **_: {"Failed": [{"Id": "0"}]})

    assert run(*EXECUTE) == 1

    assert lab.bodies("DeadLetterQueueUrl") == ["refused"]


def test_a_letter_that_is_sent_and_not_deleted_is_counted_as_doubled(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.park("twice")
    monkeypatch.setattr(lab.sqs, "delete_message_batch", lambda **_: {"Failed": [{"Id": "0"}]})
    letters, done = DeadLetters.find(lab.target, video=False), Moved()

    gone = list(letters.move(letters.hold(1), done))

    assert gone == []
    assert done == Moved(moved=1, refused=0, doubled=1)


def test_a_fault_while_looking_gives_back_what_was_held(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(15):
        lab.park(str(number))
    with monkeypatch.context() as patched:
        error = ClientError({"Error": {"Code": "InternalError", "Message": ""}}, "ReceiveMessage")
        lab.fail(patched, "receive_message", error, after=1)

        with pytest.raises(ClientError):
            run()

    assert len(lab.bodies("DeadLetterQueueUrl")) == 15


def test_a_letter_that_comes_straight_back_is_not_moved_in_circles(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.park("first")
    lab.park("second")
    real, sent = lab.sqs.send_message_batch, []

    def bounce(**asked: Any) -> Any:  # noqa: ANN401 (it stands for SQS's own operation)
        sent.extend(asked["Entries"])
        return real(**{**asked, "QueueUrl": lab.outputs["DeadLetterQueueUrl"]})

    monkeypatch.setattr(lab.sqs, "send_message_batch", bounce)

    assert run(*EXECUTE) == 0
    assert len(sent) == 2


def test_more_letters_than_can_be_held_are_told_of(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(redrive, "LOOKED_AT", 3)
    for number in range(5):
        lab.park(str(number))

    assert run() == 0
    assert "looked at 3 of about 5 dead letters and moved none" in capsys.readouterr().err
    assert run(*EXECUTE) == 0
    assert "moved 3 of 3 in stage sandbox on the lab" in (told := capsys.readouterr().err)
    assert "there were about 5, run it again" in told
    assert len(lab.bodies("DeadLetterQueueUrl")) == 2


@pytest.mark.parametrize("arguments", [(), EXECUTE])
def test_without_dead_letters_that_is_all_there_is_to_say(
    lab: Lab, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert lab.bodies("DeadLetterQueueUrl") == []

    assert run(*arguments) == 0

    assert capsys.readouterr().err == "there are no dead letters in stage sandbox on the lab\n"


def test_large_bodies_go_in_batches_that_sqs_takes(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        lab.park(str(number) * 100_000)
    real, sizes = lab.sqs.send_message_batch, []

    def weigh(**asked: Any) -> Any:  # noqa: ANN401 (it stands for SQS's own operation)
        sizes.append(sum(len(entry["MessageBody"]) for entry in asked["Entries"]))
        return real(**asked)

    monkeypatch.setattr(lab.sqs, "send_message_batch", weigh)

    assert run(*EXECUTE) == 0
    assert max(sizes) <= 256 * 1024
    assert len(lab.bodies("QueueUrl")) == 6


def test_a_subject_is_the_object_or_the_first_words() -> None:
    assert Letter({"Body": event("photos/a.jpg")}).subject == "s3://media/photos/a.jpg"
    assert Letter({"Body": "x" * 1_000}).subject == "x" * 200
    assert Letter({"Body": "[" * 100_000}).subject == "[" * 200
