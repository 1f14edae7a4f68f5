"""Write the data set that ships with the project: drawings of waste (see waste_drawings.py), a folder for each label.

`python scripts/waste_dataset.py` writes examples/waste/dataset/. The same version of Pillow writes the same bytes;
tests/containers/training/test_waste_dataset.py compares them.
"""

import io
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from scripts import waste_drawings  # noqa: E402  # the project's folder is on the path only now

DATASET = ROOT / "examples" / "waste" / "dataset"
LABELS = tuple(waste_drawings.THINGS)
SEED = 11
EACH: Mapping[str, int] = {"train": 40, "validation": 10, "test": 10}
"""Pictures of each label in each channel."""
SIDE, QUALITY = 64, 80


def main() -> None:
    """Write the files, and remove what is there besides."""
    made = dict(files())
    for old in DATASET.rglob("*.jpg"):
        if old.relative_to(DATASET).as_posix() not in made:
            old.unlink()
    for name, content in made.items():
        path = DATASET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    sys.stdout.write(f"{len(made)} drawings; {sum(map(len, made.values())):,} bytes\n")


def files() -> Iterator[tuple[str, bytes]]:
    """The data set: names and contents."""
    random = waste_drawings.seeded(SEED)
    for channel, count in EACH.items():
        for label in LABELS:
            for number in range(1, count + 1):
                yield f"{channel}/{label}/{number:02}.jpg", _jpeg(waste_drawings.picture(label, random))


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


if __name__ == "__main__":
    main()
