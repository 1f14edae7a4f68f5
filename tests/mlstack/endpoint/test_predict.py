"""`mlstack predict`, for every kind of endpoint."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from mlstack.endpoint import asking
from tests.mlstack.endpoint.conftest import BUCKET, COMPOST, JPEG, PNG, Run, answered, described
from tests.mlstack.wire import Clock, Spoken, Wire, client, refused

ASLEEP = refused("ValidationError", "Inference Component has no capacity to process this request.")
BUSY = refused("ServiceUnavailable", status=503)
ABSENT = refused("ValidationError", "Endpoint mlstack-sandbox-fast of account 1 not found.")
ANSWER, FAILURE = "answers/slow/1.out", "answers/slow/1-error.out"


def from_model(status: int, said: object) -> Spoken:
    """What AWS says when the container answers with an error."""
    message = said if isinstance(said, str) else json.dumps(said)
    return refused("ModelError", "Received", 424, OriginalStatusCode=status, OriginalMessage=message)


def queued(failure: str = FAILURE, answer: str = ANSWER) -> Spoken:
    """What InvokeEndpointAsync answers."""
    places = {"X-Amzn-SageMaker-OutputLocation": f"s3://{BUCKET}/{answer}"}
    if failure:
        places["X-Amzn-SageMaker-FailureLocation"] = f"s3://{BUCKET}/{failure}"
    return Spoken(b'{"InferenceId": "1"}', 202, {"Content-Type": "application/json", **places})


def verdicts(run: Run, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code, and the verdicts as a script gets them."""
    code, output, _ = run("predict", *arguments, "--json")
    return code, json.loads(output)


@pytest.mark.parametrize("name", ["fast", "waste-sorter", "steady"])
def test_a_photo_goes_out_as_what_it_is_and_comes_back_with_labels(wire: Wire, run: Run, photo: str, name: str) -> None:
    code, [found] = verdicts(run, name, photo)

    [request] = wire.requests["InvokeEndpoint"]
    assert code == 0
    assert found == {
        "photo": "photo.png",
        "status": "predicted",
        "predictions": COMPOST["predictions"],
        "answer": None,
        "reason": None,
        "answer_at": None,
    }
    assert request.body == JPEG
    assert request.headers["Content-Type"] == b"image/jpeg"
    assert request.url.endswith(f"/endpoints/mlstack-sandbox-{name}/invocations")
    component = request.headers.get("X-Amzn-SageMaker-Inference-Component", b"")
    assert component == (b"mlstack-sandbox-waste-sorter" if name == "waste-sorter" else b"")


@pytest.mark.usefixtures("wire")
def test_the_table_shows_the_best_labels(run: Run, photo: str) -> None:
    code, output, errors = run("predict", "fast", photo, "--top", "1")

    assert code == 0
    assert [line.split() for line in output.splitlines() if "photo.png" in line] == [["photo.png", "compost", "0.900"]]
    assert errors == ""


def test_a_terminal_shows_bars(wire: Wire, run: Run, photo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlstack.console.out._force_terminal", True)
    wire.answer("InvokeEndpoint", answered(COMPOST))

    output = run("predict", "fast", photo)[1]

    assert "██████████▊" in output
    assert output.count("photo.png") == 1


def test_names_from_outside_cannot_move_the_cursor_or_style_the_table(wire: Wire, run: Run, photo: str) -> None:
    Path(photo).rename("[red]a\x1b[2J.jpg")
    wire.answer("InvokeEndpoint", answered({"predictions": [{"label": "[b]x\x1b[2J", "score": 1}]}))

    output = run("predict", "fast", "[red]a\x1b[2J.jpg")[1]

    assert "[red]a�[2J.jpg" in output
    assert "[b]x�[2J" in output
    assert "\x1b" not in output


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ([0.25, 0.75], "photo.png:\n[\n  0.25,\n  0.75\n]\n"),
        (b"a cat,\nprobably\x1b[2J", "photo.png:\na cat,\nprobably�[2J\n"),
        (b"\xff\xfe\x00", "3 bytes of application/json"),
        (b"", "photo.png:\n\n"),
    ],
)
def test_another_models_answer_is_shown_as_it_is(wire: Wire, run: Run, photo: str, body: object, shown: str) -> None:
    wire.answer("InvokeEndpoint", answered(body))

    code, output, _ = run("predict", "fast", photo)

    assert code == 0
    assert shown in output


def test_a_photo_that_the_model_refuses_does_not_keep_the_others(wire: Wire, run: Run, photo: str) -> None:
    Path("b.png").write_bytes(PNG)
    reason = {"error": {"code": "truncated", "reason": "it is cut off"}}
    wire.answer("InvokeEndpoint", from_model(400, reason), from_model(500, "boom"), answered(COMPOST))

    code, output, _ = run("predict", "fast", photo, "b.png", photo)

    rows = [line.split() for line in output.splitlines() if ".png" in line]
    assert code == 1
    assert rows[0] == ["photo.png", "refused:", "it", "is", "cut", "off"]
    assert sorted(row[1] for row in rows) == ["compost", "failed:", "paper", "refused:"]
    assert wire.requests["InvokeEndpoint"][1].headers["Content-Type"] == b"image/png"


def test_one_that_sleeps_is_asked_often_enough_to_be_woken(wire: Wire, run: Run, clock: Clock, photo: str) -> None:
    wire.answer("InvokeEndpoint", *[ASLEEP] * 30, answered(COMPOST))

    code, [found] = verdicts(run, "waste-sorter", photo)

    assert (code, found["status"]) == (0, "predicted")
    assert sum(clock.slept) == 300
    assert max(clock.slept) < 30  # the alarm that wakes it wants two failed requests in a minute


def test_one_that_does_not_wake_is_late_for_all_photos_at_once(wire: Wire, run: Run, clock: Clock, photo: str) -> None:
    wire.answer("InvokeEndpoint", ASLEEP)

    code, found = verdicts(run, "waste-sorter", photo, photo, photo, "--timeout", "60")

    assert code == 1
    assert [one["status"] for one in found] == ["late"] * 3
    assert "it sleeps at zero, and takes minutes to wake; waited for 60 s" in found[0]["reason"]
    assert sum(clock.slept) == 60


@pytest.mark.parametrize(
    "error", [BUSY, from_model(503, "draining"), refused("InternalDependencyException", status=530)]
)
def test_what_is_busy_is_asked_again(wire: Wire, run: Run, photo: str, error: Spoken) -> None:
    wire.answer("InvokeEndpoint", error, error, answered(COMPOST))

    assert verdicts(run, "steady", photo)[0] == 0


def test_the_patience_begins_anew_with_every_answer(wire: Wire, run: Run, clock: Clock, photo: str) -> None:
    wire.answer("InvokeEndpoint", *[BUSY] * 50, answered(COMPOST), *[BUSY] * 50, answered(COMPOST))

    code, _ = verdicts(run, "steady", photo, photo, "--timeout", "110")

    assert code == 0
    assert sum(clock.slept) == 200


def test_a_model_that_takes_longer_than_a_minute_has_failed(wire: Wire, run: Run, photo: str) -> None:
    wire.answer("InvokeEndpoint", ReadTimeoutError(endpoint_url="https://x"), answered(COMPOST))

    code, found = verdicts(run, "steady", photo, photo)

    assert code == 1
    assert [one["status"] for one in found] == ["failed", "predicted"]


def test_what_aws_does_not_take_is_refused(wire: Wire, run: Run, photo: str) -> None:
    wire.answer("InvokeEndpoint", refused("413", status=413))

    assert verdicts(run, "steady", photo)[1][0]["status"] == "refused"


@pytest.mark.parametrize(("operation", "name"), [("InvokeEndpoint", "fast"), ("InvokeEndpointAsync", "slow")])
def test_an_endpoint_that_does_not_serve_says_how_it_is(
    wire: Wire, run: Run, photo: str, operation: str, name: str
) -> None:
    wire.answer(operation, ABSENT)
    wire.answer("DescribeEndpoint", described("Failed", FailureReason="no quota"))

    code, output, errors = run("predict", name, photo)

    assert (code, output, len(errors.splitlines())) == (2, "", 1)
    assert f"endpoint {name} is Failed: no quota, see `mlstack endpoint status {name}`" in errors


@pytest.mark.parametrize(
    "error", [refused("AccessDeniedException", "no\nway"), EndpointConnectionError(endpoint_url="https://x")]
)
@pytest.mark.parametrize("name", ["fast", "slow"])
def test_what_aws_refuses_for_all_is_one_line_and_code_2(
    wire: Wire, run: Run, photo: str, name: str, error: Spoken | Exception
) -> None:
    wire.answer("InvokeEndpoint", error)
    wire.answer("InvokeEndpointAsync", error)

    code, output, errors = run("predict", name, photo)

    assert (code, output, len(errors.splitlines())) == (2, "", 1)
    assert errors.startswith("mlstack: AWS ")


def test_what_was_answered_before_a_failure_is_shown(wire: Wire, run: Run, photo: str) -> None:
    wire.answer("InvokeEndpoint", answered(COMPOST), refused("AccessDeniedException"))

    code, output, errors = run("predict", "fast", photo, photo)

    assert code == 2
    assert "compost" in output
    assert "AccessDenied" in errors


def test_a_wait_is_said_aloud_where_no_terminal_shows_it(
    wire: Wire, run: Run, clock: Clock, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.answer("InvokeEndpoint", *[ASLEEP] * 20, answered(COMPOST))
    monkeypatch.setattr(asking, "monotonic", lambda: clock.now)

    errors = run("predict", "waste-sorter", photo)[2]

    assert [line.rpartition("for ")[2] for line in errors.splitlines()] == ["10 s", "70 s", "130 s", "190 s"]


def text(header: Any) -> str:  # noqa: ANN401 (bytes or text, as botocore likes)
    """A header as text."""
    return header.decode() if isinstance(header, bytes) else str(header)


def put(key: str, body: object) -> None:
    """Put an answer where the endpoint would."""
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=body if isinstance(body, bytes) else json.dumps(body).encode())


def test_an_asynchronous_answer_is_waited_for_in_s3(
    wire: Wire, run: Run, clock: Clock, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.answer("InvokeEndpointAsync", queued())

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if clock.now > 100:
            put(ANSWER, COMPOST)

    monkeypatch.setattr("mlstack.patience.sleep", sleep)

    code, [found] = verdicts(run, "slow", photo)

    request = wire.requests["InvokeEndpointAsync"][0]
    place = text(request.headers["X-Amzn-SageMaker-InputLocation"])
    sent = client("s3").get_object(Bucket=BUCKET, Key=place.removeprefix(f"s3://{BUCKET}/"))
    assert code == 0
    assert found["predictions"] == COMPOST["predictions"]
    assert found["answer_at"] == f"s3://{BUCKET}/{ANSWER}"
    assert place.startswith(f"s3://{BUCKET}/requests/slow/")
    assert (sent["Body"].read(), sent["ContentType"]) == (JPEG, "image/jpeg")


def test_asynchronous_answers_come_in_any_order_and_each_renews_the_patience(
    wire: Wire, run: Run, clock: Clock, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("b.png").write_bytes(PNG)
    wire.answer("InvokeEndpointAsync", queued(answer="late", failure=""), queued(answer="early", failure=""))

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if clock.now == 80:
            put("early", COMPOST)
        if clock.now == 160:
            put("late", COMPOST)

    monkeypatch.setattr("mlstack.patience.sleep", sleep)

    code, found = verdicts(run, "slow", photo, "b.png", "--timeout", "100")

    assert code == 0
    assert [(one["photo"], one["answer_at"]) for one in found] == [
        ("photo.png", f"s3://{BUCKET}/late"),
        ("b.png", f"s3://{BUCKET}/early"),
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            b'Received client error (400) from primary with message "{"error": {"reason": "it is cut off"}}". See x',
            ("refused", "it is cut off"),
        ),
        (b"Received server error (500) from primary", ("failed", "Received server error (500) from primary")),
        (b"\xff\x1b[2J", ("failed", "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[2J")),
        (b"", ("failed", "it gives no reason")),
    ],
)
def test_an_asynchronous_failure_has_the_models_reason(
    wire: Wire, run: Run, photo: str, said: bytes, expected: tuple[str, str]
) -> None:
    wire.answer("InvokeEndpointAsync", queued())
    put(FAILURE, said)

    code, [found] = verdicts(run, "slow", photo)

    assert (code, found["status"], found["reason"]) == (1, *expected)


def test_an_asynchronous_answer_that_does_not_come_says_where_it_will_lie(
    wire: Wire, run: Run, clock: Clock, photo: str
) -> None:
    wire.answer("InvokeEndpointAsync", queued(failure=""))

    code, [found] = verdicts(run, "slow", photo, "--timeout", "300")

    assert (code, found["status"], found["answer_at"]) == (1, "late", f"s3://{BUCKET}/{ANSWER}")
    assert "no answer within 300 s; it is still in the queue" in found["reason"]
    assert sum(clock.slept) == 300


def test_an_answer_that_is_too_large_to_show_is_named(
    wire: Wire, run: Run, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlstack.endpoint.queue.LARGEST_ANSWER", 10)
    wire.answer("InvokeEndpointAsync", queued())
    put(ANSWER, b"0123456789x")

    assert verdicts(run, "slow", photo)[1][0]["answer"] == f"11 bytes at s3://{BUCKET}/{ANSWER}"


@contextmanager
def refusing(code: str, status: int, *operations: str) -> Iterator[None]:
    """S3 refuses some operations."""
    events = client("s3").meta.events

    def refuse(http_response: Any, parsed: dict[str, Any], **_: object) -> None:  # noqa: ANN401 (botocore's own)
        http_response.status_code = status
        parsed["Error"] = {"Code": code, "Message": "no"}
        parsed["ResponseMetadata"]["HTTPStatusCode"] = status

    for operation in operations:
        events.register(f"after-call.s3.{operation}", refuse)
    yield
    for operation in operations:
        events.unregister(f"after-call.s3.{operation}", refuse)


@pytest.mark.parametrize(
    ("operation", "code", "status"),
    [("PutObject", "AccessDenied", 403), ("GetObject", "NoSuchBucket", 404), ("GetObject", "SlowDown", 503)],
)
@pytest.mark.usefixtures("photo")
def test_what_s3_refuses_is_one_line_and_code_2(wire: Wire, run: Run, operation: str, code: str, status: int) -> None:
    wire.answer("InvokeEndpointAsync", queued())

    with refusing(code, status, operation):
        ended, output, errors = run("predict", "slow", "photo.png")

    assert (ended, output, len(errors.splitlines())) == (2, "", 1)
    assert code in errors


def test_whoever_may_not_read_the_answers_is_told(wire: Wire, run: Run, photo: str) -> None:
    wire.answer("InvokeEndpointAsync", queued())

    with refusing("AccessDenied", 403, "GetObject", "HeadObject"):
        code, output, _ = run("predict", "slow", photo, "--timeout", "10")

    assert code == 1
    assert f"S3 forbids to look at s3://{BUCKET}/{ANSWER}: you need s3:GetObject" in output


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["fast"], "Missing argument 'FILE...'"),
        (["fast", "absent.jpg"], "'absent.jpg' does not exist"),
        (["fast", "."], "'.' is a directory"),
        (["fast", "x" * 5_000], "does not exist"),
        (["fast", "photo.png", "empty.jpg"], "empty.jpg is empty"),
        (["fast", "photo.png", "text.jpg"], "text.jpg is neither JPEG nor PNG; convert it to JPEG or PNG"),
        (["fast", "photo.png", "large.jpg"], "large.jpg has 4,194,305 bytes; AWS takes at most 4 MB for fast"),
        (["fst", "photo.png"], "did you mean fast?"),
        (["fast", "photo.png", "--top", "0"], "0 is not in the range"),
        (["fast", "photo.png", "--timeout", "0"], "0 is not in the range"),
    ],
)
def test_misuse_is_one_line_and_code_2_and_nothing_is_sent(
    wire: Wire, run: Run, photo: str, arguments: list[str], reason: str
) -> None:
    Path("empty.jpg").touch()
    Path("text.jpg").write_text("hello")
    Path("large.jpg").write_bytes(JPEG.ljust(4 * 1024 * 1024 + 1))
    assert Path(photo).is_file()

    code, output, errors = run("predict", *arguments)

    assert (code, output, len(errors.splitlines())) == (2, "", 1)
    assert reason in errors
    assert wire.calls("InvokeEndpoint", "InvokeEndpointAsync") == []


def test_a_stack_that_names_no_place_for_requests_is_said_to_be_odd(
    wire: Wire, run: Run, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"SlowKind": "asynchronous", "SlowEndpointName": "mlstack-sandbox-slow", "SlowName": "slow"}
    monkeypatch.setattr("mlstack.deployment.outputs", lambda *_: found)

    code, _, errors = run("predict", "slow", photo)

    assert code == 2
    assert "nothing is no place in S3, though the stack says so" in errors
    assert wire.calls() == []
