"""Archives are unpacked inside their folder, by a Python without filters too."""

import io
import tarfile
from pathlib import Path

import pytest

from mlstack.local.archive import unpack


@pytest.fixture(params=["with filters", "without filters"])
def any_python(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python of today, and one of before 3.11.4."""
    if request.param == "without filters":
        monkeypatch.delattr(tarfile, "data_filter")


def packed(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarFile:
    """An archive with one member."""
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.type, entry.size, entry.linkname = kind, 1 if kind == tarfile.REGTYPE else 0, "/etc/passwd"
        archive.addfile(entry, io.BytesIO(b"x"))
    body.seek(0)
    return tarfile.open(fileobj=body)


@pytest.mark.usefixtures("any_python")
def test_a_file_lands_in_the_folder(tmp_path: Path) -> None:
    unpack(packed("deep/model.onnx"), tmp_path)

    assert (tmp_path / "deep" / "model.onnx").read_bytes() == b"x"


@pytest.mark.usefixtures("any_python")
@pytest.mark.parametrize(
    ("name", "kind"), [("../out.txt", tarfile.REGTYPE), ("link", tarfile.SYMTYPE), ("pipe", tarfile.FIFOTYPE)]
)
def test_what_leads_out_or_is_no_file_is_refused(tmp_path: Path, name: str, kind: bytes) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    with pytest.raises(tarfile.TarError):
        unpack(packed(name, kind), folder)

    assert list(tmp_path.rglob("*.txt")) == []
