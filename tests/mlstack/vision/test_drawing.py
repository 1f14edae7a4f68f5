"""Boxes land where Rekognition saw them, on photos as people see them."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mlstack.vision.drawing import CAPTION, GAP, SIDE, boxed, panel, sheet
from mlstack.vision.gallery.marks import Box, Mark
from mlstack.vision.results import Outcome
from tests.mlstack.vision.results_lab import Lab

BOX = Mark("labels", "Cat", 98.5, Box(left=0.25, top=0.25, width=0.5, height=0.5))


def response(*instances: dict[str, Any]) -> dict[str, Any]:
    """A DetectLabels response with one label."""
    return {"Labels": [{"Name": "Cat", "Confidence": 97.0, "Instances": list(instances)}]}


def test_what_has_a_box_is_drawn_whatever_analysis_found_it(lab: Lab) -> None:
    square = {"Left": 0.25, "Top": 0.25, "Width": 0.5, "Height": 0.5}
    cat = lab.document("cat.json", response({"BoundingBox": square, "Confidence": 98.5}, {"Confidence": 50.0}))
    face = lab.document("face.json", {"FaceDetails": [{"BoundingBox": square, "Confidence": 99.0}]})
    analyses = {
        "labels": Outcome(status="found", document=cat),
        "faces": Outcome(status="found", document=face),
        "text": Outcome(status="refused", reason="odd"),
    }

    found = boxed(lab.results, analyses)

    assert found == [BOX, Mark("faces", "Face", 99.0, BOX.box)]


def test_a_label_without_instances_has_no_box(lab: Lab) -> None:
    scene = lab.document("scene.json", {"Labels": [{"Name": "Outdoors", "Confidence": 99.0}]})

    assert boxed(lab.results, {"labels": Outcome(status="found", document=scene)}) == []


def differing(first: Image.Image, second: Image.Image) -> set[tuple[int, int]]:
    """The pixels in which two pictures differ."""
    one, other = first.load(), second.load()
    assert one
    assert other
    return {(x, y) for x in range(first.width) for y in range(first.height) if one[x, y] != other[x, y]}


def test_a_box_is_drawn_around_its_part_of_the_photo(tmp_path: Path) -> None:
    photo = tmp_path / "grey.png"
    Image.new("RGB", (SIDE, SIDE), "#808080").save(photo)

    drawn = differing(panel(photo, [BOX], ""), panel(photo, [], ""))

    left, right = min(x for x, _ in drawn), max(x for x, _ in drawn)
    assert (left, right) == (SIDE // 4, SIDE // 4 * 3)
    assert (SIDE // 2, SIDE // 2) not in drawn


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_photo_is_drawn_upright_whatever_its_exif_says(tmp_path: Path, orientation: int) -> None:
    photo = tmp_path / "rotated.jpg"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (200, 100), "#303030").save(photo, exif=exif)

    whole = panel(photo, [], "")
    upright = whole.crop((0, 0, SIDE, whole.height - CAPTION))

    dark = upright.convert("L").point(lambda value: 255 if value < 128 else 0).getbbox()
    assert dark is not None
    assert (dark[2] - dark[0] > dark[3] - dark[1]) is (orientation == 3)


@pytest.mark.parametrize(("panels", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (3, 2, 2), (6, 2, 3)])
def test_a_sheet_is_as_large_as_its_panels(panels: int, columns: int, rows: int) -> None:
    one = Image.new("RGB", (SIDE, SIDE + CAPTION))

    whole = sheet([one] * panels)

    assert whole.size == (columns * (SIDE + GAP) + GAP, rows * (SIDE + CAPTION + GAP) + GAP)


def test_a_caption_of_any_letters_can_be_drawn(tmp_path: Path) -> None:
    photo = tmp_path / "日本語 🐈.png"
    Image.new("L", (100, 100)).save(photo)

    assert panel(photo, [Mark("labels", "ネコ", 1.0, Box(0, 0, 1, 1))], "café 🐈").size == (SIDE, 100 + CAPTION)
