"""`mlstack service predict`: what it sends, what it waits for, and what it says of every answer."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.mlstack.ecs.conftest import BEGAN, TRAFFIC, Answer, Lab, Run, counts, keys, put, refused
from tests.mlstack.training.conftest import JPEG, PNG
from tests.mlstack.wire import Clock, client

REQUESTS, ANSWERS, FAILURES = "sorter/requests/", "sorter/answers/", "sorter/failures/"
PREDICTIONS = {"predictions": [{"label": "compost", "score": 0.93}, {"label": "landfill", "score": 0.07}]}
DOWN = EndpointConnectionError(endpoint_url="https://x")


@pytest.fixture(autouse=True)
def deployed(lab: Lab) -> Lab:
    """A stage with a service."""
    lab.service()
    return lab


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Path, Path]:
    """Two photos."""
    found = tmp_path / "one.jpg", tmp_path / "two[red].png"
    found[0].write_bytes(JPEG)
    found[1].write_bytes(PNG)
    return found


def names() -> list[str]:
    """The requests that lie in the bucket, without their prefix."""
    return [key.removeprefix(REQUESTS) for key in keys(TRAFFIC) if key.startswith(REQUESTS)]


def reply(told: object = PREDICTIONS, place: str = ANSWERS, end: str = "") -> Callable[[], None]:
    """Have the service answer every request whose name ends so."""

    def replying() -> None:
        for name in names():
            if name.endswith(end):
                put(TRAFFIC, f"{place}{name}.json", json.dumps(told))

    return replying


def test_photos_are_put_with_their_types_and_answered_in_one_table(
    lab: Lab, run: Run, photos: tuple[Path, Path]
) -> None:
    lab.happenings.append(reply())

    code, output, _ = run("service", "predict", "sorter", *photos)

    types = {client("s3").head_object(Bucket=TRAFFIC, Key=f"{REQUESTS}{name}")["ContentType"] for name in names()}
    assert code == 0
    assert types == {"image/jpeg", "image/png"}
    assert output.count("compost") == 2
    assert output.index("one.jpg") < output.index("two[red].png")
    assert "0.930" in output


def test_the_same_photo_twice_is_two_requests(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    lab.happenings.append(reply())
    run("service", "predict", "sorter", photos[0])
    lab.happenings.append(reply())

    run("service", "predict", "sorter", photos[0])

    assert len(names()) == 2


def test_an_earlier_answer_about_the_same_photo_is_not_taken_for_a_new_one(
    lab: Lab, run: Run, photos: tuple[Path, Path]
) -> None:
    lab.happenings.append(reply())
    run("service", "predict", "sorter", photos[0])

    code, output, _ = run("service", "predict", "sorter", photos[0], "--timeout", "10")

    assert code == 1
    assert "late" in output


def test_machines_get_json(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    lab.happenings.append(reply())

    _, output, _ = run("service", "predict", "sorter", photos[0], "--json", "--top", "1")

    (found,) = json.loads(output)
    assert (found["status"], found["predictions"]) == ("predicted", [{"label": "compost", "score": 0.93}])
    assert found["answer_at"].startswith(f"s3://{TRAFFIC}/{ANSWERS}")


def test_one_that_sleeps_says_that_waking_takes_minutes_and_what_it_costs(
    lab: Lab, run: Run, photos: tuple[Path, Path]
) -> None:
    lab.happenings.append(reply())

    _, _, errors = run("service", "predict", "sorter", photos[0])

    assert "sorter is asleep; waking takes some minutes, and costs $0.0395 an hour a task until 10 min after" in errors


def test_one_that_is_awake_says_nothing_of_that(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    lab.answer("DescribeServices", counts(1, 1))
    lab.happenings.append(reply())

    _, _, errors = run("service", "predict", "sorter", photos[0])

    assert "waking" not in errors


def test_a_wait_is_told_where_no_terminal_shows_it(
    lab: Lab, run: Run, photos: tuple[Path, Path], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlstack.endpoint.asking.monotonic", lambda: clock.now)
    lab.answer("DescribeServices", counts(), counts(), counts(1), counts(1, 1))
    lab.happenings.extend([lambda: None] * 100 + [reply()])

    _, _, errors = run("service", "predict", "sorter", photos[0])

    assert "\n10 s, 1 to come, waking, 0 waiting, 0 in hand\n" in errors
    assert "\n70 s, 1 to come, awake, 1 task, 0 waiting, 0 in hand\n" in errors


@pytest.mark.parametrize("operation", ["DescribeServices", "GetQueueAttributes"])
def test_a_service_out_of_sight_still_answers(lab: Lab, run: Run, photos: tuple[Path, Path], operation: str) -> None:
    def blind() -> None:
        lab.answer(operation, DOWN)

    lab.happenings.extend([blind, *[lambda: None] * 6, reply()])

    assert run("service", "predict", "sorter", photos[0])[0] == 0


def test_what_the_server_refuses_is_refused_with_its_reason(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    failure = {"request": "s3://x/y", "status": 422, "error": {"code": "damaged", "reason": "it ends too \x1bsoon"}}
    lab.happenings.extend([reply(failure, FAILURES, ".png"), reply(end=".jpg")])

    code, output, _ = run("service", "predict", "sorter", *photos)

    assert code == 1
    assert "refused: it ends too \N{REPLACEMENT CHARACTER}soon" in output
    assert "compost" in output


@pytest.mark.parametrize(
    ("failure", "shown"),
    [
        ({"status": 404, "error": {"code": "gone", "reason": "the object is gone"}}, "refused: the object is gone"),
        ({"status": 500, "error": {"code": "fault", "reason": "broken"}}, "failed: broken"),
        ({"status": "422", "error": {"reason": "odd"}}, "failed: odd"),
        ({"status": None}, "failed: "),
        ([1, 2], "failed: [1, 2]"),
        ("", 'failed: ""'),
    ],
)
def test_a_failure_of_any_shape_is_shown(
    lab: Lab, run: Run, photos: tuple[Path, Path], failure: object, shown: str
) -> None:
    lab.happenings.append(reply(failure, FAILURES))

    code, output, _ = run("service", "predict", "sorter", photos[0])

    assert code == 1
    assert shown in output


def test_what_comes_too_late_says_where_it_will_lie_and_what_to_look_at(
    lab: Lab, run: Run, photos: tuple[Path, Path]
) -> None:
    code, output, errors = run("service", "predict", "sorter", photos[0], "--timeout", "30")

    assert code == 1
    assert "no answer within 30 s" in output
    assert f"s3://{TRAFFIC}/{ANSWERS}" in output
    assert "`mlstack service status sorter --aws` says how it is" in errors
    assert "`mlstack service redrive sorter --aws` whether it gave requests up" in errors
    assert lab.calls("DescribeServices")


def test_a_late_answer_does_not_hide_the_others(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    lab.happenings.append(reply(end=".jpg"))

    code, output, _ = run("service", "predict", "sorter", *photos, "--timeout", "30")

    assert code == 1
    assert "compost" in output
    assert "late" in output


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"GIF89a", "is a GIF"), (b"%PDF-1", "is a PDF"), (b"hello", "is neither JPEG nor PNG")],
)
def test_a_file_that_is_no_photo_is_not_sent(lab: Lab, run: Run, tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "x\x1b[31m.jpg"
    file.write_bytes(content)

    code, _, errors = run("service", "predict", "sorter", file)

    assert code == 2
    assert reason in errors
    assert "\x1b" not in errors
    assert not lab.calls("PutObject")


def test_a_photo_that_no_service_takes_is_not_sent(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "huge.jpg"
    with file.open("wb") as huge:
        huge.write(JPEG)
        huge.truncate(101 * 1024**2)

    code, _, errors = run("service", "predict", "sorter", file)

    assert code == 2
    assert "a service takes at most 100 MB, make it smaller" in errors
    assert not names()


GONE: list[tuple[str, Answer, str]] = [
    ("DescribeServices", {"services": [], "failures": [{"reason": "MISSING"}]}, "service sorter of stage sandbox"),
    ("DescribeServices", counts(status="INACTIVE"), "is gone from cluster mlstack-sandbox"),
    ("DescribeServices", refused("ClusterNotFoundException"), "the cluster of stage sandbox on account 1 is gone"),
    ("DescribeServices", refused("ThrottlingException"), "run the same command again in a minute"),
    ("DescribeServices", refused("AccessDeniedException"), "AWS allows you no DescribeServices"),
    ("GetQueueAttributes", refused("AWS.SimpleQueueService.NonExistentQueue"), "a queue of stage sandbox"),
    ("GetQueueAttributes", refused("QueueDoesNotExist"), "deploy the stage again"),
    ("GetParametersByPath", refused("ThrottlingException"), "asked too often"),
    ("GetParametersByPath", DOWN, "AWS could not be asked"),
]


@pytest.mark.parametrize("gone", GONE)
def test_nothing_is_sent_to_what_cannot_answer(
    lab: Lab, run: Run, photos: tuple[Path, Path], gone: tuple[str, Answer, str]
) -> None:
    operation, answer, reason = gone
    lab.answer(operation, answer)

    code, output, errors = run("service", "predict", "sorter", photos[0])

    assert (code, output) == (2, "")
    assert reason in errors
    assert len(errors.splitlines()) == 1
    assert not names()


def test_a_deleted_queue_is_found_out_before_anything_is_sent(run: Run, photos: tuple[Path, Path]) -> None:
    urls = client("sqs").list_queues(QueueNamePrefix="sorter-queue")["QueueUrls"]
    client("sqs").delete_queue(QueueUrl=urls[0])

    code, _, errors = run("service", "predict", "sorter", photos[0])

    assert code == 2
    assert "a queue of stage sandbox on account 1 is gone, though the stage names it" in errors
    assert not names()


def test_a_bucket_that_is_gone_is_one_line(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    lab.service(bucket="never-made")

    code, _, errors = run("service", "predict", "sorter", photos[0])

    assert code == 2
    assert "never-made" in errors or "a bucket of stage sandbox" in errors
    assert "Traceback" not in errors


def test_a_name_that_nobody_knows_is_answered_with_those_there_are(
    lab: Lab, run: Run, photos: tuple[Path, Path]
) -> None:
    lab.service("classifier")

    code, _, errors = run("service", "predict", "sortre\x1b", photos[0])

    assert code == 2
    assert "has no service sortre\N{REPLACEMENT CHARACTER}; it has classifier, sorter; did you mean sorter?" in errors


def test_the_services_own_name_on_ecs_is_known_too(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    lab.happenings.append(reply())

    assert run("service", "predict", "mlstack-sandbox-sorter", photos[0])[0] == 0


def lost(number: int, **more: object) -> dict[str, object]:
    """A task whose model is not there."""
    return {
        "taskArn": f"arn:aws:ecs:us-east-1:1:task/c/{number:032x}",
        "lastStatus": "STOPPED",
        "stopCode": "TaskFailedToStart",
        "stoppedReason": "Task failed to start",
        "stoppedAt": BEGAN + timedelta(minutes=number),
        "containers": [{"name": "server"}, {"name": "model", "exitCode": 1}],
        **more,
    }


def failing(lab: Lab, *tasks: dict[str, object]) -> Callable[[], None]:
    """Have a service that wakes fail with these."""

    def happen() -> None:
        lab.answer("DescribeServices", counts(1))
        lab.answer("ListTasks", {"taskArns": [one["taskArn"] for one in tasks]})
        lab.answer("DescribeTasks", {"tasks": list(tasks)})

    return happen


def test_a_service_that_does_not_start_is_given_up_with_its_reason(
    lab: Lab, run: Run, photos: tuple[Path, Path]
) -> None:
    lab.answer(
        "GetLogEvents", {"events": [{"message": "MODEL_URI: 404: there is \x1bno such object"}, {"message": " "}]}
    )
    lab.happenings.append(failing(lab, lost(1), lost(3), lost(2)))

    code, output, errors = run("service", "predict", "sorter", *photos, "--json")

    found = json.loads(output)
    assert code == 1
    assert [one["status"] for one in found] == ["late", "late"]
    assert (
        "sorter does not start: its container model ended with 1: MODEL_URI: 404: there is \N{REPLACEMENT CHARACTER}no "
        "such object; mend `model` in [ecs.services.sorter] of its profile and deploy the stage; the request still"
    ) in found[0]["reason"]
    assert lab.calls("GetLogEvents")[0]["logStreamName"] == f"sorter/model/{3:032x}"
    assert "2 requests stay in the queue and wake sorter ($0.0395 an hour a task, until 10 min after" in errors
    assert "`mlstack service discard sorter --aws` drops all that waits for sorter" in errors


def test_what_failed_before_it_was_asked_gives_nobody_up(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    failing(lab, lost(1), lost(2), lost(3))()
    lab.happenings.extend([lambda: None] * 20 + [reply()])

    code, _, errors = run("service", "predict", "sorter", photos[0])

    assert code == 0
    assert "the last task of sorter failed, 2026-11-22 09:33 UTC: its container model ended with 1" in errors
    assert "; it is tried again" in errors


@pytest.mark.parametrize(
    "tasks",
    [
        [lost(1), lost(2)],
        [lost(number, stopCode="SpotInterruption") for number in range(9)],
        [lost(number, stopCode="ServiceSchedulerInitiated") for number in range(9)],
        [lost(number, lastStatus="DEPROVISIONING") for number in range(9)],
    ],
)
def test_what_may_still_start_is_waited_for(
    lab: Lab, run: Run, photos: tuple[Path, Path], tasks: list[dict[str, object]]
) -> None:
    lab.happenings.extend([failing(lab, *tasks), *[lambda: None] * 20, reply()])

    assert run("service", "predict", "sorter", photos[0])[0] == 0


def test_one_whose_other_tasks_answer_is_waited_for(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    fail = failing(lab, *map(lost, range(9)))

    def one_of_two() -> None:
        fail()
        lab.answer("DescribeServices", counts(2, 1))

    lab.happenings.append(one_of_two)
    lab.happenings.extend([*[lambda: None] * 20, reply()])

    assert run("service", "predict", "sorter", photos[0])[0] == 0


@pytest.mark.parametrize("operation", ["ListTasks", "DescribeTasks"])
@pytest.mark.parametrize("fault", [refused("AccessDeniedException"), DOWN])
def test_who_may_not_see_tasks_still_gets_answers(
    lab: Lab, run: Run, photos: tuple[Path, Path], operation: str, fault: Answer
) -> None:
    failing(lab, lost(1))()
    lab.answer(operation, fault)
    lab.happenings.extend([lambda: None] * 20 + [reply()])

    assert run("service", "predict", "sorter", photos[0])[0] == 0


def test_a_log_that_cannot_be_read_leaves_the_words_of_ecs(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    lab.answer("GetLogEvents", refused("AccessDeniedException"))
    lab.happenings.append(failing(lab, lost(1), lost(2), lost(3)))

    code, output, _ = run("service", "predict", "sorter", photos[0], "--json")

    assert code == 1
    assert "its container model ended with 1; Task failed to start; mend `model`" in json.loads(output)[0]["reason"]


def interrupt() -> None:
    """Ctrl-C."""
    raise KeyboardInterrupt


def test_an_interrupt_says_what_stays_and_what_it_costs(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    lab.happenings.append(interrupt)

    code, _, errors = run("service", "predict", "sorter", *photos)

    folder = names()[0].partition("/")[0]
    assert code == 130
    assert (
        "2 requests stay in the queue and wake sorter ($0.0395 an hour a task, until 10 min after its last request); "
        f"answers will lie in s3://{TRAFFIC}/{ANSWERS}{folder}/"
    ) in errors
    assert "`mlstack service discard sorter --aws`" in errors


def test_an_interrupt_counts_only_what_has_no_answer(lab: Lab, run: Run, photos: tuple[Path, Path]) -> None:
    lab.happenings.extend([reply(end=".jpg"), interrupt])

    code, output, errors = run("service", "predict", "sorter", *photos)

    assert code == 130
    assert "compost" in output
    assert "1 request stays in the queue and wakes sorter" in errors
