"""`mlstack service redrive`: why requests were given up, and only what somebody can answer goes back."""

import json

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.mlstack.ecs.conftest import TRAFFIC, Answer, Lab, Run, put, refused
from tests.mlstack.wire import client

REDRIVE = ("service", "redrive", "sorter")
DOWN = EndpointConnectionError(endpoint_url="https://x")
GIVEN_UP = "it was tried several times without an answer; the service's log says why"


@pytest.fixture(autouse=True)
def deployed(lab: Lab) -> Lab:
    """A stage with a service, and one request of it that can be answered."""
    lab.service()
    put(TRAFFIC, "sorter/requests/a.jpg")
    return lab


def queue(kind: str) -> str:
    """The address of a queue."""
    found: str = client("sqs").get_queue_url(QueueName=f"sorter-{kind}")["QueueUrl"]
    return found


def event(key: str, bucket: str = TRAFFIC) -> str:
    """S3's event of an upload."""
    detail = {"bucket": {"name": bucket}, "object": {"key": key, "size": 1, "etag": "x"}}
    return json.dumps({"detail-type": "Object Created", "detail": detail})


def park(*bodies: str, **told: str) -> None:
    """Put messages among the dead letters."""
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in told.items()}
    for body in bodies:
        client("sqs").send_message(QueueUrl=queue("dead"), MessageBody=body, MessageAttributes=attributes)


def bodies(kind: str) -> list[str]:
    """What others can see in a queue now."""
    found: list[str] = []
    while answer := client("sqs").receive_message(QueueUrl=queue(kind), MaxNumberOfMessages=10).get("Messages"):
        found += [message["Body"] for message in answer]
    return sorted(found)


def test_letters_are_shown_and_stay_where_they_are(run: Run) -> None:
    park(event("sorter/requests/a.jpg"))

    code, output, errors = run(*REDRIVE)

    assert code == 0
    assert GIVEN_UP in output
    assert f"s3://{TRAFFIC}/sorter/requests/a.jpg" in output
    assert "looked at 1 dead letter and moved none" in errors
    assert (
        "`mlstack service redrive sorter --yes --aws` sends 1 back to the queue, "
        "which wakes the service ($0.0395 an hour a task)"
    ) in errors
    assert (len(bodies("dead")), bodies("queue")) == (1, [])


def test_letters_go_back_where_somebody_said_yes(run: Run) -> None:
    park(event("sorter/requests/a.jpg"))

    code, _, errors = run(*REDRIVE, "--yes")

    assert code == 0
    assert "moved 1 of 1" in errors
    assert (bodies("dead"), bodies("queue")) == ([], [event("sorter/requests/a.jpg")])


HOPELESS = [
    ("hello", "it is no event of S3, so nobody can answer it"),
    ("[" * 5_000, "it is no event of S3"),
    ('{"detail": null}', "it is no event of S3"),
    ('{"detail": {"bucket": {"name": 3}, "object": {"key": []}}}', "it is no event of S3"),
    (event("sorter/requests/a.jpg", "another-bucket"), "it speaks of an object that is no request of this service"),
    (event("other/requests/a.jpg"), "it speaks of an object that is no request of this service"),
    (event("sorter/answers/a.jpg.json"), "it speaks of an object that is no request"),
    (event("sorter/requests/gone.jpg"), "its object is gone, so there is nothing to answer"),
]


@pytest.mark.parametrize(("body", "reason"), HOPELESS)
def test_what_nobody_could_answer_is_shown_with_its_reason(run: Run, body: str, reason: str) -> None:
    park(body)

    _, output, errors = run(*REDRIVE)

    assert reason in " ".join(output.split())
    assert "it stays" in output
    assert "back to the queue" not in errors


@pytest.mark.parametrize("body", [body for body, _ in HOPELESS])
def test_what_nobody_could_answer_wakes_no_service(run: Run, body: str) -> None:
    park(body, event("sorter/requests/a.jpg"))

    code, _, errors = run(*REDRIVE, "--yes")

    assert code == 0
    assert "moved 1 of 2; 1 stay, because nobody could answer them" in errors
    assert (bodies("dead"), bodies("queue")) == ([body], [event("sorter/requests/a.jpg")])


@pytest.mark.parametrize(
    ("place", "reason"), [("answers", "its answer is there"), ("failures", "its failure is written")]
)
def test_what_is_done_already_is_not_done_again(run: Run, place: str, reason: str) -> None:
    put(TRAFFIC, f"sorter/{place}/a.jpg.json")
    park(event("sorter/requests/a.jpg"))

    _, output, _ = run(*REDRIVE)
    _, _, errors = run(*REDRIVE, "--yes")

    assert reason in output
    assert "moved 0 of 1; 1 stay" in errors


def test_what_eventbridge_could_not_hand_over_says_why_and_goes_back(run: Run) -> None:
    park(event("sorter/requests/a.jpg"), ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="no way")

    _, output, _ = run(*REDRIVE)

    assert "EventBridge could not hand it over: NO_PERMISSIONS: no way" in output


def test_reasons_are_counted(run: Run) -> None:
    park("x", "y", event("sorter/requests/a.jpg"))

    found = json.loads(run(*REDRIVE, "--json")[1])

    assert (found["looked_at"], found["would_move"]) == (3, 1)
    assert [(one["number"], one["goes_back"]) for one in found["reasons"]] == [(2, False), (1, True)]


def test_what_was_moved_is_said_to_machines(run: Run) -> None:
    park("x", event("sorter/requests/a.jpg"))

    found = json.loads(run(*REDRIVE, "--yes", "--json")[1])

    assert found == {"moved": 1, "refused": 0, "doubled": 0, "kept": 1}


@pytest.mark.parametrize("options", [(), ("--yes",)])
def test_no_letters_are_good_news(run: Run, options: tuple[str, ...]) -> None:
    code, output, errors = run(*REDRIVE, *options)

    assert (code, output) == (0, "")
    assert "sorter has no dead letters in stage sandbox on account 1" in errors


def test_letters_of_any_name_cannot_move_a_cursor(run: Run) -> None:
    put(TRAFFIC, "sorter/requests/\x1b[2J[red].jpg")
    park(event("sorter/requests/\x1b[2J[red].jpg"), "\x1b[31m\n[bold]")

    _, output, _ = run(*REDRIVE)

    assert "\x1b" not in output
    assert "[red].jpg" in output
    assert "[bold]" in output


@pytest.mark.parametrize("options", [(), ("--yes",)])
@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("HeadObject", DOWN),
        ("ReceiveMessage", refused("ThrottlingException")),
        ("GetQueueAttributes", refused("AWS.SimpleQueueService.NonExistentQueue")),
        ("GetQueueAttributes", refused("AccessDenied")),
    ],
)
def test_a_fault_on_the_way_loses_nothing(
    lab: Lab, run: Run, operation: str, fault: Answer, options: tuple[str, ...]
) -> None:
    park(event("sorter/requests/a.jpg"))
    lab.answer(operation, fault)

    code, _, errors = run(*REDRIVE, *options)

    del lab.answers[operation]
    assert code == 2
    assert len(errors.splitlines()) == 1
    assert (len(bodies("dead")), bodies("queue")) == (1, [])


@pytest.mark.parametrize("fault", [refused("ThrottlingException"), DOWN])
def test_a_queue_that_does_not_take_a_letter_leaves_it_among_the_dead(lab: Lab, run: Run, fault: Answer) -> None:
    park(event("sorter/requests/a.jpg"))
    lab.answer("SendMessageBatch", fault)

    code, _, errors = run(*REDRIVE, "--yes")

    assert code == 2
    assert "0 were moved when AWS answered" in errors
    assert len(bodies("dead")) == 1


def test_a_letter_that_a_queue_refuses_ends_with_1(lab: Lab, run: Run) -> None:
    park(event("sorter/requests/a.jpg"))
    lab.answer("SendMessageBatch", {"Successful": [], "Failed": []})

    code, _, errors = run(*REDRIVE, "--yes")

    assert code == 1
    assert "moved 0 of 1; 1 were not taken" in errors
    assert len(bodies("dead")) == 1
