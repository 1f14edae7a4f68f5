"""`mlstack service discard`: what can never be answered wakes a service no longer, and only where somebody said so."""

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.mlstack.ecs.conftest import TRAFFIC, Answer, Lab, Run, keys, put, refused
from tests.mlstack.wire import client

DISCARD = ("service", "discard", "sorter")


@pytest.fixture(autouse=True)
def deployed(lab: Lab) -> Lab:
    """A stage with a service, two requests of which wait, and one lies among the dead letters."""
    lab.service()
    put(TRAFFIC, "sorter/requests/a.jpg")
    for kind, number in (("queue", 2), ("dead", 1)):
        for _ in range(number):
            client("sqs").send_message(QueueUrl=url(kind), MessageBody="{}")
    return lab


def url(kind: str) -> str:
    """The address of a queue."""
    found: str = client("sqs").get_queue_url(QueueName=f"sorter-{kind}")["QueueUrl"]
    return found


def there(kind: str) -> int:
    """What lies in a queue, seen or not."""
    names = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"
    told = client("sqs").get_queue_attributes(QueueUrl=url(kind), AttributeNames=list(names))["Attributes"]
    return sum(int(told[name]) for name in names)


def test_without_a_yes_nothing_is_dropped(run: Run) -> None:
    code, _, errors = run(*DISCARD)

    assert code == 0
    assert "about 2 requests waiting and 0 in hand; nothing is changed" in errors
    assert "`mlstack service discard sorter --yes --aws` drops them all, and nobody will answer them" in errors
    assert there("queue") == 2


def test_with_a_yes_all_that_waits_is_dropped_and_nothing_else(run: Run) -> None:
    client("sqs").receive_message(QueueUrl=url("queue"), MaxNumberOfMessages=1)

    code, _, errors = run(*DISCARD, "--yes")

    assert code == 0
    assert "dropped about 1 request waiting and 1 in hand; SQS needs up to a minute for it" in errors
    assert "their photos stay in s3://traffic-here/sorter/requests/" in errors
    assert "`mlstack service sleep sorter --aws` sends the service to sleep now" in errors
    assert (there("queue"), there("dead")) == (0, 1)
    assert keys(TRAFFIC) == ["sorter/requests/a.jpg"]


def test_an_empty_queue_is_not_emptied(lab: Lab, run: Run) -> None:
    client("sqs").purge_queue(QueueUrl=url("queue"))
    lab.asked.clear()

    code, _, errors = run(*DISCARD, "--yes")

    assert code == 0
    assert "nothing waits for sorter in stage sandbox on account 1" in errors
    assert not lab.calls("PurgeQueue")


FAULTS: list[tuple[str, Answer, str]] = [
    ("PurgeQueue", refused("AWS.SimpleQueueService.PurgeQueueInProgress"), "is being emptied already"),
    ("PurgeQueue", refused("PurgeQueueInProgress"), "wait a minute"),
    ("PurgeQueue", refused("AccessDenied", "not you"), "AWS allows you no PurgeQueue (not you)"),
    ("PurgeQueue", refused("QueueDoesNotExist"), "deploy the stage again"),
    ("GetQueueAttributes", refused("QueueDoesNotExist"), "a queue of stage sandbox on account 1 is gone"),
    ("GetQueueAttributes", EndpointConnectionError(endpoint_url="https://x"), "AWS could not be asked"),
    ("GetParametersByPath", refused("ThrottlingException"), "asked too often"),
]


@pytest.mark.parametrize(("operation", "answer", "reason"), FAULTS)
def test_what_cannot_be_dropped_is_one_line(lab: Lab, run: Run, operation: str, answer: Answer, reason: str) -> None:
    lab.answer(operation, answer)

    code, _, errors = run(*DISCARD, "--yes")

    assert code == 2
    assert reason in errors
    assert len(errors.splitlines()) == 1
    assert "dropped" not in errors
