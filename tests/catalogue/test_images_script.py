"""scripts/images.py: what it writes comes from the SDK's files alone, and it says when the two disagree."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from catalogue.image_lines import LINES, Line
from scripts import images as script

REGIONS = {"us-east-1": "111122223333", "cn-north-1": "444455556666"}
FEWER = {"us-east-1": "111122223333"}
CONFIGS: dict[str, Any] = {
    "torch": {
        "training": {
            "processors": ["cpu", "gpu"],
            "versions": {
                "2.9": {"repository": "torch", "registries": REGIONS, "py_versions": ["py312"]},
                "2.10": {"repository": "torch", "registries": FEWER, "py_versions": ["py313"]},
            },
        }
    },
    "amzn": {
        "training": {
            "processors": ["cpu", "gpu"],
            "versions": {
                "2.14": {
                    "repository": "torch",
                    "registries": REGIONS,
                    "tag_prefix": "2.14",
                    "processor_in_tag": False,
                    "container_version": {"cpu": "cpu-amzn2023", "gpu": "cu133-amzn2023"},
                }
            },
        }
    },
    "face": {
        "inference": {
            "processors": ["gpu"],
            "versions": {
                "5.3": {
                    "version_aliases": {},
                    "pytorch2.9": {
                        "repository": "face",
                        "registries": REGIONS,
                        "py_versions": ["py312"],
                        "container_version": {"gpu": "cu130"},
                    },
                }
            },
        }
    },
    "lda": {"versions": {"1": {"repository": "lda", "registries": FEWER}}},
}
TORCH = Line(config="torch", version="2.10", scope="training", use="training", processor="gpu")


def written(**lines: Line) -> dict[str, Any]:
    """The document of some lines over the files above."""
    found: dict[str, Any] = script.document(CONFIGS, "9.9", "2026-11-22", lines)
    return found


@pytest.mark.parametrize(
    ("line", "tag"),
    [
        (TORCH, "2.10-gpu-py313"),
        (replace(TORCH, config="amzn", version="2.14"), "2.14-cu133-amzn2023"),
        (replace(TORCH, config="amzn", version="2.14", processor="cpu"), "2.14-cpu-amzn2023"),
        (
            replace(TORCH, config="face", version="5.3", scope="inference", base="pytorch2.9"),
            "2.9-transformers5.3-gpu-py312-cu130",
        ),
        (replace(TORCH, config="lda", version="1", scope="", processor=None), "1"),
        (replace(TORCH, architecture="arm64"), "2.10-gpu-py313-sagemaker"),
        (replace(TORCH, published_tag="2.10-as-published"), "2.10-as-published"),
    ],
)
def test_the_tag_is_made_of_what_the_file_says(line: Line, tag: str) -> None:
    assert written(one=line)["images"]["one"]["tag"] == tag


def test_accounts_are_written_once_a_group_and_each_image_says_where_it_is_not() -> None:
    found = written(new=TORCH, old=replace(TORCH, version="2.9"))

    assert found["accounts"] == {
        "deep-learning-containers": {"cn-north-1": "444455556666", "us-east-1": "111122223333"}
    }
    assert [found["images"][name]["not in"] for name in ("new", "old")] == [["cn-north-1"], []]


def test_the_source_its_version_licence_and_day_are_written_with_it() -> None:
    found = written(one=TORCH)

    assert "sagemaker-core/9.9" in found["source"]
    assert (found["version"], found["licence"], found["published"]) == ("9.9", "Apache-2.0", "2026-11-22")


def test_two_accounts_for_one_group_and_region_are_refused() -> None:
    other = {**CONFIGS, "lda": {"versions": {"1": {"repository": "lda", "registries": {"us-east-1": "9" * 12}}}}}

    with pytest.raises(script.SourceError, match="two lies in 999999999999 in us-east-1, others of "):
        script.document(other, "9", "2026", {"one": TORCH, "two": Line(config="lda", version="1", use="both")})


@pytest.mark.parametrize("line", [replace(TORCH, version="3.0"), replace(TORCH, version="2")])
def test_a_version_that_the_sdk_has_not_is_refused(line: Line) -> None:
    with pytest.raises(script.SourceError, match=r"torch\.json has no version"):
        written(one=line)


def test_newer_versions_are_told_once_and_compared_as_numbers() -> None:
    assert script.newer(CONFIGS, {"one": replace(TORCH, version="2.9")}) == [
        "torch training is 2.9 in the catalogue; the SDK has 2.10"
    ]
    assert script.newer(CONFIGS, {"one": replace(TORCH, version="2.9"), "two": TORCH}) == []


def test_the_file_in_the_catalogue_is_as_the_script_writes_one() -> None:
    text = script.TARGET.read_text(encoding="utf-8")
    found = json.loads(text)

    assert script.text(found) == text
    assert list(found["images"]) == list(LINES)
    assert found["version"] == script.VERSION


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the test's own, instead of the catalogue's."""
    path = tmp_path / "images.json"
    path.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(script, "TARGET", path)
    return path


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel with one file in it, and a catalogue of one image."""
    path = tmp_path / "sagemaker_core-9.9-py3-none-any.whl"
    with ZipFile(path, "w") as archive:
        archive.writestr(f"{script.FOLDER}torch.json", json.dumps(CONFIGS["torch"]))
    monkeypatch.setattr(script, "LINES", {"one": TORCH})
    return path


def test_a_check_tells_a_difference_and_writes_nothing(
    target: Path, wheel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main(["--check", "--wheel", str(wheel)]) == 1
    assert target.read_text(encoding="utf-8") == "{}"
    assert "images.json is not as sagemaker-core 9.9 says" in capsys.readouterr().err


def test_what_was_written_passes_the_check(target: Path, wheel: Path) -> None:
    assert script.main(["--wheel", str(wheel)]) == 0
    assert script.main(["--check", "--wheel", str(wheel)]) == 0
    assert json.loads(target.read_text(encoding="utf-8"))["images"]["one"]["repository"] == "torch"


def test_pip_is_asked_for_that_version_alone(target: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def fetch(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        folder = Path(command[command.index("--dest") + 1])
        (folder / wheel.name).write_bytes(wheel.read_bytes())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", fetch)

    assert script.main(["--version", "9.9"]) == 0
    assert "--no-deps" in asked[0]
    assert asked[0][-1] == "sagemaker-core==9.9"
    assert '"9.9"' in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (subprocess.CompletedProcess("pip", 1, "", "long\nERROR: no such version\n"), "said: ERROR: no such version"),
        (subprocess.CompletedProcess("pip", 1, "", ""), "said: nothing"),
        (subprocess.CompletedProcess("pip", 0, "", ""), "said: nothing"),
        (subprocess.TimeoutExpired("pip", 300), "pip took more than 300 s"),
    ],
)
def test_a_wheel_that_cannot_be_had_is_one_line_and_code_2(
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outcome: subprocess.CompletedProcess[str] | subprocess.TimeoutExpired,
    said: str,
) -> None:
    def fail(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        if isinstance(outcome, subprocess.TimeoutExpired):
            raise outcome
        return outcome

    monkeypatch.setattr(subprocess, "run", fail)

    assert script.main([]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert said in line
    assert target.read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_a_broken_wheel_is_one_line_and_code_2(
    target: Path, wheel: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    wheel.write_bytes(content)

    assert script.main(["--wheel", str(wheel)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert target.read_text(encoding="utf-8") == "{}"
