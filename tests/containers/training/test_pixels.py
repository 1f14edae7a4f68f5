"""Pictures decoded once, good ones and others."""

import shutil
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from tests.containers.training.processor_lab import squeeze
from training import pictures, pixels
from training.dataset import Pictures
from training.pictures import UnreadableError
from training.pixels import Pixels
from training.problem import ProblemError


def listed(folder: Path, *contents: bytes, labels: list[int] | None = None) -> Pictures:
    (folder / "cat").mkdir()
    paths = [folder / "cat" / f"{number}.png" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return Pictures(paths, labels or [0] * len(paths))


def drawn(level: int, kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (9, 9)) -> bytes:
    written = BytesIO()
    Image.new(mode, size, (level,) * len(mode) if len(mode) > 1 else level).save(written, kind)
    return written.getvalue()


def decoded(given: Pictures, folder: Path, part: float = 0.0) -> Pixels:
    pixels.decode(given, squeeze(), folder / "made", channel="train", unreadable_part=part)
    return Pixels.open(folder / "made")


def test_pictures_lie_in_their_order_with_their_labels(tmp_path: Path) -> None:
    given = listed(tmp_path, *(drawn(level) for level in range(0, 250, 10)), labels=[*range(25)])

    made = decoded(given, tmp_path)

    assert len(made) == 25
    assert made.values(slice(0, 3)).shape == (3, 3, 4, 4)
    assert made.values(np.array([24, 0, 7])).max(axis=(1, 2, 3)).tolist() == [240, 0, 70]
    assert made.labels.tolist() == [*range(25)]


class Bad(NamedTuple):
    """A file that holds no picture."""

    name: str
    content: bytes


BAD = [
    Bad("empty", b""),
    Bad("text", b"not a picture"),
    Bad("cut short", drawn(90, "JPEG", size=(64, 64))[:300]),
    Bad("half a PNG", drawn(90, size=(400, 400))[:300]),
    Bad("GIF", drawn(90, "GIF", "L")),
    Bad("huge by its header", drawn(1)[:16] + b"\x7f\xff\xff\xff\x7f\xff\xff\xff" + drawn(1)[24:]),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_picture_that_cannot_be_read_is_left_out_and_named(
    tmp_path: Path, bad: Bad, capsys: pytest.CaptureFixture[str]
) -> None:
    given = listed(tmp_path, drawn(10), bad.content, drawn(30), labels=[0, 1, 1])

    made = decoded(given, tmp_path, part=0.5)

    assert made.values(slice(None)).max(axis=(1, 2, 3)).tolist() == [10, 30]
    assert made.labels.tolist() == [0, 1]
    assert "channel train: left out: cat/1.png: it is no JPEG or PNG" in capsys.readouterr().err


def test_too_many_pictures_that_cannot_be_read_end_the_job_and_some_are_named(tmp_path: Path) -> None:
    given = listed(tmp_path, drawn(10), *[b"bad"] * 9)

    with pytest.raises(ProblemError) as failed:
        decoded(given, tmp_path, part=0.5)

    assert str(failed.value).startswith(
        "channel train: 9 of 10 pictures cannot be read, more than the hyperparameter unreadable_part (0.5) allows: "
        "cat/1.png: it is no JPEG or PNG, damaged or cut short; cat/2.png: "
    )
    assert "cat/4.png" not in str(failed.value)


def test_label_whose_pictures_cannot_be_read_ends_the_job(tmp_path: Path) -> None:
    given = listed(tmp_path, drawn(10), drawn(20), b"bad", labels=[0, 0, 1])

    with pytest.raises(ProblemError, match="not one picture of the label cat can be read"):
        decoded(given, tmp_path, part=0.5)


def test_pictures_that_do_not_fit_on_the_disk_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = listed(tmp_path, drawn(10))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10}))

    with pytest.raises(ProblemError, match="give the job a larger volume, or a smaller image_size"):
        decoded(given, tmp_path)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "I;16", "CMYK"])
def test_picture_of_every_kind_becomes_red_green_and_blue(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "picture.png"
    grey = Image.new("I;16", (9, 9), 200 * 256) if mode == "I;16" else Image.new("L", (9, 9), 200).convert(mode)
    grey.save(path, "JPEG" if mode == "CMYK" else "PNG")

    picture = pictures.read(path, side=4)

    levels = picture.getpixel((4, 4))
    assert (picture.mode, picture.size) == ("RGB", (9, 9))
    assert isinstance(levels, tuple)
    assert all(abs(level - (255 if mode == "1" else 200)) <= 2 for level in levels)


def test_picture_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(tmp_path / "a.jpg", exif=exif)

    assert pictures.read(tmp_path / "a.jpg", side=8).size == (20, 30)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "a.png")

    assert pictures.read(tmp_path / "a.png", side=4).getpixel((0, 0)) == (255, 255, 255)


def test_large_jpeg_is_decoded_smaller_but_not_too_small(tmp_path: Path) -> None:
    Image.new("RGB", (4000, 3000)).save(tmp_path / "a.jpg")

    width, height = pictures.read(tmp_path / "a.jpg", side=64).size

    assert 3 * 64 <= height <= width < 4000


def test_picture_that_is_missing_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        pictures.read(tmp_path / "nothing.png", side=4)
