"""Checkpoints on their way to S3 and back."""

import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.functions.shared.cloud import Answer, Call, Cloud, Fault, raising, refusing
from training import checkpoints, courier
from training.courier import Courier
from training.deadline import StoppedError
from training.objects import Objects
from training.place import Place
from training.problem import ProblemError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PLACE = Place("models", "checkpoints/run/")
FAULTS = {
    "denied": refusing("AccessDenied", 403),
    "throttled": refusing("SlowDown", 503),
    "unreachable": raising(EndpointConnectionError(endpoint_url="https://s3")),
}


class Never:
    """A task that is not to end."""

    def asked(self) -> bool:
        return False


class Always:
    """A task that is to end."""

    def asked(self) -> bool:
        return True


def opened(folder: Path) -> Courier:
    return Courier(Objects.of({"AWS_REGION": "us-east-1"}), folder, PLACE)


def save(folder: Path, steps: int, content: str = "weights", *, best: int | None = None, whole: bool = True) -> Path:
    """A checkpoint, as a training writes it."""
    checkpoint = folder / f"checkpoint-{steps}"
    (checkpoint / "more").mkdir(parents=True, exist_ok=True)
    (checkpoint / "model.safetensors").write_text(f"{content} {steps}", encoding="utf-8")
    (checkpoint / "more" / "rng").write_text("1", encoding="utf-8")
    state = {"best_model_checkpoint": f"checkpoints/run/checkpoint-{best or steps}"}
    (checkpoint / "trainer_state.json").write_text(json.dumps(state), encoding="utf-8")
    if whole:
        checkpoints.complete(checkpoint, f"{content}")
    return checkpoint


def there(s3: "S3Client") -> Mapping[str, bytes]:
    listed = s3.list_objects_v2(Bucket="models").get("Contents", [])
    return {
        one["Key"].removeprefix(PLACE.prefix): s3.get_object(Bucket="models", Key=one["Key"])["Body"].read()
        for one in listed
    }


def names(s3: "S3Client") -> set[str]:
    return {key.partition("/")[0] for key in there(s3)}


def contents(folder: Path) -> Mapping[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_whole_checkpoints_are_copied_and_others_are_not(s3: "S3Client", tmp_path: Path) -> None:
    save(tmp_path, 4)
    save(tmp_path, 8, whole=False)

    with opened(tmp_path) as courier:
        assert courier.finish()

    assert there(s3) == {
        name: content for name, content in contents(tmp_path).items() if name.startswith("checkpoint-4")
    }


def test_list_of_a_checkpoint_is_copied_last(cloud: Cloud, tmp_path: Path) -> None:
    save(tmp_path, 4)

    with opened(tmp_path) as courier:
        courier.finish()

    assert [call.parameters["Key"] for call in cloud.calls][-1] == "checkpoints/run/checkpoint-4/complete.json"


def test_what_is_copied_is_not_copied_again(cloud: Cloud, tmp_path: Path) -> None:
    save(tmp_path, 4)

    with opened(tmp_path) as courier:
        courier.finish()
        before = len(cloud.calls)
        courier.look()
        courier.finish()

    assert len(cloud.calls) == before


def test_checkpoint_that_is_written_anew_is_copied_anew_and_is_not_whole_meanwhile(
    s3: "S3Client", cloud: Cloud, tmp_path: Path
) -> None:
    with opened(tmp_path) as courier:
        save(tmp_path, 4)
        courier.finish()
        save(tmp_path, 4, "other")
        before = len(cloud.calls)
        courier.finish()

    assert cloud.calls[before].operation == "DeleteObjects"
    assert there(s3) == contents(tmp_path)


def test_list_that_another_task_has_left_is_gone_before_a_checkpoint_of_its_name_is_copied(
    s3: "S3Client", cloud: Cloud, tmp_path: Path
) -> None:
    s3.put_object(Bucket="models", Key=f"{PLACE.prefix}checkpoint-4/complete.json", Body=b'{"files": {"a": 1}}')
    with opened(tmp_path) as courier:
        courier.restore(Never())
        save(tmp_path, 4)
        cloud.calls.clear()
        courier.finish()

    assert cloud.calls[0].operation == "DeleteObjects"
    assert there(s3) == contents(tmp_path)


def test_checkpoints_that_the_training_gives_up_are_dropped_once_the_newer_ones_are_copied(
    s3: "S3Client", tmp_path: Path
) -> None:
    with opened(tmp_path) as courier:
        for steps in (4, 8):
            save(tmp_path, steps)
        courier.finish()
        shutil.rmtree(tmp_path / "checkpoint-4")
        shutil.rmtree(tmp_path / "checkpoint-8")
        courier.finish()
        kept = names(s3)
        save(tmp_path, 12)
        courier.finish()
        courier.finish()

    assert kept == {"checkpoint-4", "checkpoint-8"}
    assert names(s3) == {"checkpoint-12"}


def test_checkpoint_that_disappears_while_it_is_copied_is_no_trouble(
    s3: "S3Client", cloud: Cloud, tmp_path: Path
) -> None:
    doomed = save(tmp_path, 4)
    cloud.wait = lambda call, _: shutil.rmtree(doomed, ignore_errors=True) if call.operation == "PutObject" else None

    with opened(tmp_path) as courier:
        assert courier.finish()
        save(tmp_path, 8)
        cloud.wait = lambda _call, _done: None
        courier.finish()
        courier.finish()

    assert names(s3) == {"checkpoint-8"}


@pytest.mark.parametrize(("fault", "place"), [(fault, place) for fault in FAULTS for place in range(5)])
def test_checkpoint_whose_copy_breaks_off_anywhere_is_not_whole_and_is_copied_by_the_next_look(
    s3: "S3Client", cloud: Cloud, tmp_path: Path, fault: str, place: int
) -> None:
    save(tmp_path / "one", 4)
    cloud.faults = [Fault(answer=FAULTS[fault], place=place, operation="PutObject")]

    with opened(tmp_path / "one") as courier:
        copied = courier.finish()
        half = opened(tmp_path / "two").restore(Never())
        cloud.faults = []
        again = courier.finish()

    struck = bool(cloud.struck)
    assert (copied, half) == ((False, None) if struck else (True, "checkpoint-4"))
    assert again
    assert there(s3) == contents(tmp_path / "one")


def test_look_that_fails_does_not_end_the_training(
    cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path, 4)
    cloud.faults = [Fault(answer=FAULTS["denied"], operation="PutObject")]

    with opened(tmp_path) as courier:
        courier.look()

    said = capsys.readouterr().err
    assert said.startswith("a checkpoint is not copied: s3://models/checkpoints/run/: AccessDenied: the task's role")
    assert said.count("\n") == 1


def test_newest_whole_checkpoint_comes_back_with_the_best_one_that_it_names(s3: "S3Client", tmp_path: Path) -> None:
    with opened(tmp_path / "one") as courier:
        for steps in (4, 8, 12):
            save(tmp_path / "one", steps, best=8)
        courier.finish()
    s3.delete_object(Bucket="models", Key=f"{PLACE.prefix}checkpoint-12/more/rng")
    save(tmp_path / "one", 10, best=4)
    with opened(tmp_path / "one") as courier:
        courier.finish()
    s3.delete_object(Bucket="models", Key=f"{PLACE.prefix}checkpoint-12/more/rng")

    restored = opened(tmp_path / "two").restore(Never())

    assert restored == "checkpoint-10"
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == ["checkpoint-10", "checkpoint-4"]
    back = contents(tmp_path / "two")
    assert back == {name: content for name, content in contents(tmp_path / "one").items() if name in back}
    assert checkpoints.newest(tmp_path / "two", "weights") == tmp_path / "two" / "checkpoint-10"


def test_nothing_comes_back_where_nothing_is(s3: "S3Client", tmp_path: Path) -> None:
    s3.put_object(Bucket="models", Key=f"{PLACE.prefix}checkpoint-4/complete.json", Body=b'{"files": {"a": 1}}')
    s3.put_object(Bucket="models", Key=f"{PLACE.prefix}README", Body=b"x")

    assert opened(tmp_path).restore(Never()) is None
    assert contents(tmp_path) == {}


def test_list_that_is_too_large_is_not_even_read(
    s3: "S3Client", cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "LARGEST_LIST", 10)
    s3.put_object(Bucket="models", Key=f"{PLACE.prefix}checkpoint-4/complete.json", Body=b"x" * 11)
    cloud.calls.clear()

    assert opened(tmp_path).restore(Never()) is None
    assert [call.operation for call in cloud.calls] == ["ListObjectsV2"]


def test_restored_checkpoints_are_not_copied_again_and_dropped_in_their_time(
    s3: "S3Client", cloud: Cloud, tmp_path: Path
) -> None:
    with opened(tmp_path / "one") as courier:
        for steps in (4, 8):
            save(tmp_path / "one", steps)
        courier.finish()

    with opened(tmp_path / "two") as courier:
        courier.restore(Never())
        before = [call.operation for call in cloud.calls].count("PutObject")
        courier.finish()
        copied = [call.operation for call in cloud.calls].count("PutObject") - before
        kept = names(s3)
        save(tmp_path / "two", 12)
        shutil.rmtree(tmp_path / "two" / "checkpoint-8")
        courier.finish()
        courier.finish()

    assert copied == 0
    assert kept == {"checkpoint-8"}
    assert names(s3) == {"checkpoint-12"}


@pytest.mark.usefixtures("s3")
def test_task_that_is_to_end_brings_nothing_back(tmp_path: Path) -> None:
    save(tmp_path / "one", 4)
    with opened(tmp_path / "one") as courier:
        courier.finish()

    with pytest.raises(StoppedError):
        opened(tmp_path / "two").restore(Always())

    assert checkpoints.whole(tmp_path / "two") == []


@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject"])
@pytest.mark.parametrize("fault", FAULTS)
def test_trouble_in_bringing_back_is_said(cloud: Cloud, tmp_path: Path, operation: str, fault: str) -> None:
    answers: Mapping[str, Answer] = FAULTS
    save(tmp_path / "one", 4)
    with opened(tmp_path / "one") as courier:
        courier.finish()
    cloud.faults = [Fault(answer=answers[fault], operation=operation)]

    with pytest.raises(ProblemError, match=r"^s3://models/checkpoints/run/"):
        opened(tmp_path / "two").restore(Never())
    assert checkpoints.whole(tmp_path / "two") == []


def test_copy_that_is_underway_at_the_end_is_waited_for_and_deleted_too(
    s3: "S3Client", cloud: Cloud, tmp_path: Path
) -> None:
    free, begun = Event(), Event()

    def hold(call: Call, done: bool) -> None:  # noqa: FBT001  # as Cloud calls it
        if call.operation == "PutObject" and not done:
            begun.set()
            free.wait()

    cloud.wait = hold
    save(tmp_path, 4)

    with opened(tmp_path) as courier, ThreadPoolExecutor(1) as other:
        courier.look()
        begun.wait()
        cleared = other.submit(courier.clear)
        with pytest.raises(TimeoutError):
            cleared.result(timeout=0.1)
        free.set()
        cleared.result()

    assert there(s3) == {}


def test_all_of_a_done_training_is_deleted_and_nothing_of_another(s3: "S3Client", tmp_path: Path) -> None:
    s3.put_object(Bucket="models", Key="checkpoints/run-2/checkpoint-4/a", Body=b"x")
    save(tmp_path, 4)

    with opened(tmp_path) as courier:
        courier.finish()
        courier.clear()

    assert [one["Key"] for one in s3.list_objects_v2(Bucket="models")["Contents"]] == [
        "checkpoints/run-2/checkpoint-4/a"
    ]
