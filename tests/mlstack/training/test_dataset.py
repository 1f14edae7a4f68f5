"""Folders of this machine on their way to the stage's bucket: what goes, what does not, and that nothing goes twice."""

import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlstack.account import Account
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.training.dataset import channels as sources
from mlstack.training.dataset import folder as folders
from mlstack.training.dataset import upload as uploads
from mlstack.training.dataset.folder import Folder
from mlstack.training.stage import Stage
from tests.mlstack.training.conftest import DATASETS, JPEG, MACHINE, MODELS, PNG, keys
from tests.mlstack.wire import Wire, client

STAGE = Stage(
    target=Target(Account(shown="the lab", is_local=True, client=client), "sandbox"),
    state_machine=MACHINE,
    request_function="f",
    datasets_bucket=DATASETS,
    models_bucket=MODELS,
    models=("waste-sorter",),
)
pytestmark = pytest.mark.usefixtures("wire")


def sent(path: Path | str, *, own: bool = True, **others: Path | str) -> tuple[dict[str, str], str]:
    """The channels that a folder comes to, and what was told."""
    told: list[str] = []
    said = {"train": str(path), **{channel: str(other) for channel, other in others.items()}}
    return sources.channels(STAGE, said, own=own, tell=told.append), "\n".join(told)


def put(folder: Path, *names: str, content: bytes = JPEG) -> Path:
    """Write files into a folder, each with a content of its own."""
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content + name.encode(errors="surrogateescape"))
    return folder


def puts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that are sent from here on."""
    found: list[str] = []
    real = client("s3").put_object

    def noted(**asked: Any) -> Any:  # noqa: ANN401 (S3's answer)
        found.append(asked["Key"])
        return real(**asked)

    monkeypatch.setattr(client("s3"), "put_object", noted)
    return found


def test_a_folder_without_channels_is_the_training_data(tmp_path: Path) -> None:
    data = put(tmp_path / "my pictures!", "compost/a b.jpg", "compost/c.jpg", "landfill/d.jpg", "landfill/ü.jpg")

    found, told = sent(data)

    assert list(found) == ["train"]
    there = [key.partition("/train/")[2] for key in keys()]
    assert there == ["compost/a b.jpg", "compost/c.jpg", "landfill/d.jpg", "landfill/ü.jpg"]
    assert found["train"].startswith(f"s3://{DATASETS}/datasets/my-pictures-")
    assert f"train: 4 files, 0.0 MB: {found['train']}" in told


def test_what_lies_there_is_not_sent_again(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = sent(pictures)
    again = puts(monkeypatch)

    second, told = sent(pictures)

    assert (second, again) == (first, [])
    assert "2 of them there already" in told


def test_only_what_an_interrupted_upload_left_out_is_sent(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(pictures)
    whole = keys()
    client("s3").delete_object(Bucket=DATASETS, Key=whole[0])
    client("s3").put_object(Bucket=DATASETS, Key=whole[1], Body=b"half")
    again = puts(monkeypatch)

    sent(pictures)

    assert sorted(again) == whole[:2]
    assert keys() == whole


def test_other_content_lies_elsewhere_and_the_same_content_never_does(pictures: Path) -> None:
    first, _ = sent(pictures)
    put(pictures, "train/compost/9.jpg")

    second, _ = sent(pictures)

    assert first["train"] != second["train"]
    assert (first["test"], first["validation"]) == (second["test"], second["validation"])


def test_a_label_with_very_few_pictures_is_warned_of(tmp_path: Path) -> None:
    data = put(tmp_path / "waste", "compost/1.jpg", "compost/2.jpg", "compost/3.jpg", "[red]/1.jpg", "[red]/2.jpg")
    put(data, *(f"landfill/{number}.jpg" for number in range(5)))

    _, told = sent(data)

    assert "warning: fewer than 5 pictures of [red] (2), compost (3): too few to learn a label from" in told


def test_many_labels_with_few_pictures_are_one_line(tmp_path: Path) -> None:
    data = put(tmp_path / "waste", *(f"label{number}/{place}.jpg" for number in range(8) for place in (1, 2)))

    _, told = sent(data)

    assert "label4 (2) and 3 more: too few" in told


def test_what_cannot_be_learnt_from_is_left_out_with_words(tmp_path: Path) -> None:
    data = put(tmp_path / "waste", "compost/1.jpg", "compost/2.jpg", "landfill/1.jpg", "landfill/2.jpg")
    put(data, "stray.jpg", "compost/.DS_Store", ".git/x.jpg")
    put(data, "compost/note.txt", "compost/_old.jpg", "compost/line\nbreak.jpg", "compost/bytes\udcff.jpg")
    put(data, "compost/fake.jpg", content=b"<svg>")
    (data / "compost/empty.jpg").touch()
    (data / "compost/link.jpg").symlink_to("/etc/passwd")
    (data / "outside").symlink_to("/etc")
    (data / "loop").symlink_to(data)
    os.mkfifo(data / "compost/pipe.jpg")
    with (data / "compost/huge.jpg").open("wb") as huge:
        huge.truncate(folders.LARGEST_PICTURE + 1)

    _, told = sent(data)

    there = [key.partition("/train/")[2] for key in keys()]
    assert there == ["compost/1.jpg", "compost/2.jpg", "landfill/1.jpg", "landfill/2.jpg"]
    assert {
        "2 hidden (.git, compost/.DS_Store",
        "3 behind a symbolic link (compost/link.jpg, loop, outside",
        "1 in no label's folder (stray.jpg",
        "1 called neither .jpg nor .jpeg nor .png (compost/note.txt",
        "1 with a name that begins with _ (compost/_old.jpg",
        "2 with a name that no key in S3 should have (compost/bytes\ufffd.jpg, compost/line\ufffdbreak.jpg",
        "1 neither JPEG nor PNG (compost/fake.jpg",
        "1 empty (compost/empty.jpg",
        "1 no ordinary file (compost/pipe.jpg",
        "1 larger than 64 MB (compost/huge.jpg",
    } == set(told.partition("train: left out: ")[2].splitlines()[0].removesuffix(")").split("), "))


def test_a_few_of_many_that_are_left_out_are_named_and_none_at_length(tmp_path: Path) -> None:
    long = f"{'a' * 100}/{'b' * 40}.txt"
    data = put(tmp_path / "waste", *(f"{label}/{number}.jpg" for label in "xy" for number in (1, 2)))
    put(data, long, "x/1.txt", "x/2.txt", "x/3.txt")

    _, told = sent(data)

    assert f"4 called neither .jpg nor .jpeg nor .png (...{long[-60:]}, x/1.txt, x/2.txt and others)" in told


def test_what_is_left_out_is_told_before_anything_is_sent(pictures: Path) -> None:
    put(pictures, "train/compost/x.gif", "test/landfill/y.gif")
    told: list[str] = []

    sources.gathered({"train": str(pictures)}, own=True, tell=told.append)

    assert "train: left out: 1 called neither .jpg nor .jpeg nor .png (compost/x.gif)" in told
    assert "test: left out: 1 called neither .jpg nor .jpeg nor .png (landfill/y.gif)" in told
    assert keys() == []


def test_a_batch_tells_what_is_left_out_of_it(tmp_path: Path) -> None:
    told: list[str] = []

    sources.batch(STAGE, str(put(tmp_path / "new", "a.jpg", "b.txt")), pictures=True, tell=told.append)

    assert told[0] == "batch: left out: 1 called neither .jpg nor .jpeg nor .png (b.txt)"


def test_another_algorithm_gets_every_ordinary_file(tmp_path: Path) -> None:
    data = put(tmp_path / "churn", "train.csv", "more/rest.csv", ".hidden", content=b"1,2\n")

    found, told = sent(data, own=False)

    assert [key.partition("/train/")[2] for key in keys()] == ["more/rest.csv", "train.csv"]
    assert ("left out: 1 hidden" in told, list(found)) == (True, ["train"])


def test_a_pretrained_model_is_no_picture(pictures: Path, tmp_path: Path) -> None:
    model = put(tmp_path / "resnet", "config.json", "model.safetensors", content=b"{}")

    found, _ = sent(pictures, pretrained=model)

    assert sum(key.endswith("config.json") for key in keys()) == 1
    assert found["pretrained"].endswith("/pretrained/")


def test_data_in_s3_is_taken_as_it_is() -> None:
    found, told = sent("s3://a/b", test="s3://c")

    assert (found, told, keys()) == ({"train": "s3://a/b", "test": "s3://c/"}, "", [])


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([], "holds nothing to send; put pictures (JPEG or PNG) into it, each in the folder of its label"),
        (["a.jpg", "b.jpg"], "holds nothing to send (left out: 2 in no label's folder (a.jpg, b.jpg))"),
        (["compost/1.jpg", "compost/2.jpg"], "has pictures of one label alone, compost"),
        (["test/compost/1.jpg"], "has test/ and no train/; call one of its folders train"),
    ],
)
def test_a_folder_that_nothing_can_be_learnt_from_is_refused(tmp_path: Path, files: list[str], reason: str) -> None:
    (tmp_path / "waste").mkdir()
    put(tmp_path / "waste", *files)

    with pytest.raises(UserError, match=r"^[^\n]+$") as error:
        sent(tmp_path / "waste")

    assert reason in str(error.value)
    assert keys() == []


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no folder; name a folder, or s3://BUCKET/PREFIX/"):
        sent(put(tmp_path, "x.jpg") / "x.jpg")


def test_nothing_is_sent_where_one_of_the_channels_is_of_no_use(pictures: Path) -> None:
    (pictures / "validation/compost/3.jpg").write_bytes(b"no picture")

    with pytest.raises(UserError, match="holds nothing to send"):
        sent(pictures)

    assert keys() == []


def test_a_channel_that_is_said_twice_is_refused(pictures: Path, tmp_path: Path) -> None:
    other = put(tmp_path / "other", "compost/1.jpg")

    with pytest.raises(UserError, match="has test/, and --test is said too"):
        sent(pictures, test=other)


def test_what_lies_beside_the_channels_is_told(pictures: Path) -> None:
    put(pictures, "README.md", "raw/1.jpg", ".hidden/x")

    _, told = sent(pictures)

    assert "left out beside train/: README.md, raw" in told
    assert len(keys()) == 4


def test_a_file_that_changes_on_its_way_is_an_error(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = uploads.missing

    def changed(*asked: Any) -> Any:  # noqa: ANN401 (as it is)
        (pictures / "train/compost/1.jpg").write_bytes(JPEG + b"changed")
        return real(*asked)

    monkeypatch.setattr(sources, "missing", changed)

    with pytest.raises(UserError, match=r"1\.jpg was changed meanwhile; run the same command again"):
        sent(pictures)


def test_a_large_file_is_sent_in_parts_and_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST_WHOLE", 10)
    data = put(tmp_path / "d", "large.csv", content=b"1,2,3,4,5,6\n")
    whole = Folder.look(data, pictures=False)
    (data / "large.csv").write_bytes(b"another content\n")

    with pytest.raises(UserError, match="was changed meanwhile"):
        uploads.upload(client("s3"), DATASETS, "p/", whole.files, lambda _: None)
    uploads.upload(client("s3"), DATASETS, "p/", Folder.look(data, pictures=False).files, lambda _: None)

    assert client("s3").get_object(Bucket=DATASETS, Key="p/large.csv")["Body"].read() == b"another content\n"


def test_the_first_fault_of_s3_ends_the_upload(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")

    def refuse(**_: object) -> None:
        raise refusal

    monkeypatch.setattr(client("s3"), "put_object", refuse)

    with pytest.raises(ClientError, match="AccessDenied"):
        sent(pictures)


def test_a_batch_needs_no_labels(tmp_path: Path) -> None:
    data = put(tmp_path / "new", "1.jpg", "deeper/2.png", "note.txt", content=PNG)

    uri = sources.batch(STAGE, str(data), pictures=True, tell=lambda _: None)

    assert [key.partition("/batch/")[2] for key in keys()] == ["1.jpg", "deeper/2.png"]
    assert uri.endswith("/batch/")


def test_a_picture_that_no_request_holds_stays_here_with_words(tmp_path: Path) -> None:
    data = put(tmp_path / "new", "1.jpg", "2.jpg", "3.csv")
    for name, size in (("1.jpg", 20 * 1024**2), ("2.jpg", 20 * 1024**2 + 1), ("3.csv", 20 * 1024**2 + 1)):
        with (data / name).open("r+b") as file:
            file.truncate(size)
    told: list[str] = []

    sources.batch(STAGE, str(data), pictures=True, tell=told.append)
    pictures = keys()
    sources.batch(STAGE, str(data), pictures=False, tell=told.append)

    assert [key.partition("/batch/")[2] for key in pictures] == ["1.jpg"]
    assert "2 larger than 20 MB" in told[0]
    assert len(keys()) == 1 + 3


def test_two_folders_of_one_name_and_other_content_do_not_meet(tmp_path: Path, wire: Wire) -> None:
    one, two = (
        put(tmp_path / place / "waste", "x/1.jpg", "x/2.jpg", f"{label}/1.jpg", f"{label}/2.jpg")
        for place, label in (("a", "y"), ("b", "z"))
    )

    assert sent(one)[0] != sent(two)[0]
    assert wire.calls() == []
