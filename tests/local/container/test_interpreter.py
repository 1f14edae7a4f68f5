"""An image is run by the first Python that has what its requirements name."""

import sys
from pathlib import Path

import pytest

from mlstack.local.container.image import Image
from mlstack.local.container.interpreter import NoPythonError, python_of


def image(folder: Path, *requirements: str) -> Image:
    root = folder / "root"
    (root / "srv").mkdir(parents=True)
    (root / "srv" / "requirements.txt").write_text("\n".join(requirements))
    return Image("", root, ("python",), {}, "/srv", 0)


def environment(folder: Path, *names: str) -> Path:
    """An environment in which some distributions are installed."""
    packages = folder / "lib" / "python3.11" / "site-packages"
    for name in names:
        (packages / f"{name}-1.0.dist-info").mkdir(parents=True)
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "bin" / "python").touch()
    return folder


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# torch",
        "Moto==5.2.5",
        "boto3[crt]>=1 ; python_version > '3'",
        "pywin32; sys_platform == 'win32'",
        "--require-hashes",
        "boto3==1.44 \\\n    --hash=sha256:00",
    ],
)
def test_what_this_python_has_it_runs(tmp_path: Path, line: str) -> None:
    assert python_of(image(tmp_path, line), [environment(tmp_path / "other", "torch")]) == sys.executable


def test_another_environment_runs_what_it_alone_has(tmp_path: Path) -> None:
    lacking, having = environment(tmp_path / "a"), environment(tmp_path / "b", "Some_Thing", "boto3")

    found = python_of(image(tmp_path, "some.thing==1.0", "boto3"), [tmp_path / "gone", lacking, having])

    assert found == str(having / "bin" / "python")


def test_an_image_that_none_fits_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NoPythonError, match=r"no Python with some-thing for this image; run `make setup`"):
        python_of(image(tmp_path, "some_thing", "boto3"), [environment(tmp_path / "a")])
