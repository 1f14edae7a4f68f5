"""An image is built by what its Dockerfile copies and sets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mlstack.local.container.build import build
from mlstack.local.container.dockerfile import DockerfileError
from mlstack.local.container.image import Image, Images

Build = Callable[..., Image]
END = '\nENTRYPOINT ["python", "-m", "app"]\n'


@pytest.fixture
def made(tmp_path: Path) -> Build:
    """Builds a Dockerfile beside some files."""

    def make(dockerfile: str, files: dict[str, str] | None = None, **arguments: str) -> Image:
        source = tmp_path / "source"
        for name, text in {"Dockerfile": dockerfile, "app/main.py": "1", "notes.md": "2", **(files or {})}.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_text(text)
        return build(source, "Dockerfile", arguments, Images(tmp_path / "images"), lambda _: None)

    return make


def tree(image: Image) -> set[str]:
    return {path.relative_to(image.root).as_posix() for path in image.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        ("COPY app ./app", {"srv/app/main.py"}),
        ("COPY app /opt/", {"opt/main.py"}),
        ("COPY --chown=1:1 notes.md renamed.md", {"srv/renamed.md"}),
        ("COPY notes.md app/main.py ./", {"srv/notes.md", "srv/main.py"}),
        ("COPY *.md docs/", {"srv/docs/notes.md"}),
        ('COPY ["notes.md", "/a b/"]', {"a b/notes.md"}),
        ("ADD https://example.com/x /x", set()),
        ("COPY --from=other.example/image /tool /tool", set()),
    ],
)
def test_what_is_copied_is_in_the_image(made: Build, copy: str, expected: set[str]) -> None:
    assert tree(made(f"FROM python\nWORKDIR /srv\n{copy}{END}")) == expected


def test_dockerignore_keeps_files_out(made: Build) -> None:
    ignored = {".dockerignore": "# all\n*\n!app\n**/*.secret\n", "app/key.secret": "x", "app/deep/b.py": "y"}

    image = made(f"FROM python\nCOPY . /srv{END}", ignored)

    assert tree(image) == {"srv/app/main.py", "srv/app/deep/b.py"}


def test_stages_hand_files_on(made: Build) -> None:
    first = "FROM python AS builder\nCOPY app /made\n"
    text = f"{first}FROM builder\nCOPY --from=builder /made /served\nCOPY --from=0 /gone /x"

    assert tree(made(text + END)) == {"made/main.py", "served/main.py"}


def test_variables_come_from_the_build_and_the_file(made: Build) -> None:
    text = "ARG BASE=python\nFROM $BASE\nARG NAME=default\nENV WHERE=/opt/$NAME\nWORKDIR $WHERE\nCOPY notes.md ." + END

    plain, told = made(text), made(text, NAME="told")

    assert (plain.workdir, plain.environment) == ("/opt/default", {"WHERE": "/opt/default"})
    assert tree(told) == {"opt/told/notes.md"}


@pytest.mark.parametrize(
    ("dockerfile", "reason"),
    [
        ("", "no FROM"),
        ("COPY a b\nFROM python", "there is no FROM before it"),
        ("FROM python", "no ENTRYPOINT"),
        ("FROM python\nENTRYPOINT python -m app", "SIGTERM never reaches the program"),
        ('FROM python\nENTRYPOINT ["/bin/sh", "run.sh"]', "can run nothing but python"),
        ("FROM python\nCOPY missing /srv" + END, '"missing" is not in the source'),
        ("FROM python\nCOPY ../etc /srv" + END, "outside the source"),
        ("FROM python\nCOPY notes.md ../../x" + END, "leaves its folder"),
        ("FROM python\nCOPY notes.md" + END, "needs a source and a target"),
    ],
)
def test_a_dockerfile_that_cannot_become_a_container_is_refused(made: Build, dockerfile: str, reason: str) -> None:
    with pytest.raises(DockerfileError, match=reason):
        made(dockerfile)


def test_a_source_without_a_dockerfile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DockerfileError, match="open Dockerfile: no such file"):
        build(tmp_path, "Dockerfile", {}, Images(tmp_path / "images"), lambda _: None)


def test_the_same_content_is_the_same_image(made: Build) -> None:
    text = "FROM python\nCOPY app /srv" + END

    first, again, other = made(text), made(text), made(text, {"app/main.py": "changed"})

    assert first.digest == again.digest != other.digest
