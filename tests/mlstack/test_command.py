"""Bad input to any command is one line on stderr, code 2, no traceback, and nothing is made."""

import os
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from mlstack import command
from mlstack.project import BIN, ROOT

PHOTO = str(ROOT / "examples" / "photos" / "cat at home.jpg")

MISUSES = [
    (["run", "training", "sorter", "--data", ".", "--on", "sagemaker"], "mlstack train"),
    (["nope"], "No such command 'nope'"),
    (["--nope"], "No such option"),
    (["vision", "analyse"], "Missing argument 'PHOTO...'"),
    (["vision", "analyse", "no-such-photo.jpg"], "File 'no-such-photo.jpg' does not exist"),
    (["vision", "analyse", "."], "File '.' is a directory"),
    (["vision", "analyse", PHOTO, "--timeout", "0"], "0 is not in the range"),
    (["vision", "analyse", PHOTO, "--timeout", "soon"], "'soon' is not a valid integer"),
    (["vision", "analyse", PHOTO, "--draw", "out.gif"], "out.gif must end in .png, .jpg, .jpeg"),
    (["vision", "analyse", PHOTO, "--draw", "no/such/folder/out.png"], "there is no folder"),
    (["vision", "analyse", PHOTO], "no local AWS is up; run `mlstack local deploy` first, or say --aws"),
    (["vision", "analyse", PHOTO, "--local"], "no local AWS is up; run `mlstack local deploy` first, or say --aws"),
    (["vision", "analyse", PHOTO, "--aws", "--region", "not a region"], "region"),
    (["demo", "--profile"], "requires an argument; see `mlstack demo --help`"),
    (["image", "uri", "xgboost", "--region"], "requires an argument; see `mlstack image uri --help`"),
    (["notebook", "start", "--nope"], "see `mlstack notebook start --help`"),
    (["local", "nope"], "No such command 'nope'"),
    (["local", "deploy", "--profile", "nope"], "profile = 'nope': must be one of production, sandbox, team"),
]


@pytest.fixture
def odd_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a photo and files that are none, which the test is in."""
    folder = tmp_path / "odd"
    folder.mkdir()
    shutil.copy(PHOTO, folder / "photo.jpg")
    (folder / "precious.png").write_text("precious")
    (folder / "link.jpg").symlink_to(folder / "photo.jpg")
    with (folder / "huge.jpg").open("wb") as huge:
        huge.truncate(65 * 1024 * 1024)
    os.mkfifo(folder / "pipe.jpg")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["photo.jpg", "--draw", "photo.jpg"], "photo.jpg is one of the photos"),
        (["photo.jpg", "--draw", "link.jpg", "--force"], "link.jpg is one of the photos"),
        (["photo.jpg", "--draw", "precious.png"], "precious.png is there already; name another file, or say --force"),
        (["huge.jpg"], "huge.jpg has 68,157,440 bytes; Rekognition takes at most 15,728,640"),
        (["pipe.jpg"], "pipe.jpg is no ordinary file"),
    ],
)
def test_analyse_harms_no_file_and_reads_no_odd_one(
    capsys: pytest.CaptureFixture[str], odd_files: Path, arguments: list[str], reason: str
) -> None:
    code, _, errors = run(["vision", "analyse", *arguments], capsys)

    assert code == 2
    assert reason in errors
    assert (odd_files / "precious.png").read_text() == "precious"
    assert (odd_files / "photo.jpg").read_bytes() == Path(PHOTO).read_bytes()


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A working folder of the test's own, in which no local AWS is up."""
    for module in ("account", "demo", "local.command"):
        monkeypatch.setattr(f"mlstack.{module}.WORK", tmp_path)
    return tmp_path


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit code of a command, and what it wrote."""
    code = 0
    try:
        command.main(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    written = capsys.readouterr()
    return code, written.out, written.err


@pytest.mark.parametrize(("arguments", "reason"), MISUSES, ids=[" ".join(words) for words, _ in MISUSES])
def test_misuse_is_one_line_and_code_2(
    capsys: pytest.CaptureFixture[str], alone: Path, arguments: list[str], reason: str
) -> None:
    code, output, errors = run(arguments, capsys)

    assert code == 2
    assert output == ""
    [line] = errors.splitlines()
    assert line.startswith("mlstack")
    assert reason in line
    assert list(alone.iterdir()) == []


def test_what_aws_refuses_is_one_line_and_code_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = ClientError({"Error": {"Code": "AccessDenied", "Message": "no\nway"}}, "DescribeStacks")

    def refuse(*_: object) -> None:
        raise refusal

    monkeypatch.setattr("mlstack.account.choose", refuse)

    code, _, errors = run(["vision", "analyse", PHOTO], capsys)

    assert code == 2
    assert len(errors.splitlines()) == 1
    assert "AccessDenied" in errors
    assert "no way" in errors


def test_an_interrupt_is_one_line_and_code_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mlstack.account.choose", interrupt)

    code, output, errors = run(["vision", "analyse", PHOTO], capsys)

    assert (code, output, errors.strip()) == (130, "", "mlstack: interrupted")


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that call it."""
    found = []
    for name, one in sorted(group.commands.items()):
        here = (*path, name)
        found += commands(one, here) if isinstance(one, click.Group) else [(here, one)]
    return found


@pytest.mark.parametrize(("path", "_command"), commands(command.mlstack), ids=str)
def test_every_command_explains_itself_with_an_example_of_itself(
    capsys: pytest.CaptureFixture[str], path: tuple[str, ...], _command: click.Command
) -> None:
    code, output, _ = run([*path, "--help"], capsys)

    assert code == 0
    assert f"Example: mlstack {' '.join(path)}" in output


def summaries(group: click.Group, path: tuple[str, ...] = ()) -> dict[str, str]:
    """What the help of each group says of what is in it."""
    found = {}
    for name, one in group.commands.items():
        found[" ".join((*path, name))] = one.get_short_help_str()
        if isinstance(one, click.Group):
            found |= summaries(one, (*path, name))
    return found


def test_no_summary_of_a_command_is_cut() -> None:
    told = dict(summaries(command.mlstack).items())

    assert [text for text in told.values() if text.endswith(("...", "…")) or len(text) > 60] == []


def test_the_groups_have_examples_too(capsys: pytest.CaptureFixture[str]) -> None:
    for path in (
        ["vision", "backfills"],
        ["vision", "review"],
        ["faces"],
        ["local"],
        ["notebook"],
        ["endpoint"],
        ["image"],
        ["models"],
    ):
        assert f"Example: mlstack {' '.join(path)}" in run([*path, "--help"], capsys)[1]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (EndpointConnectionError(endpoint_url="https://x"), "AWS could not be asked: Could not connect"),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "DescribeStacks"), "AWS answered: An error occurred"),
        (
            ClientError({"Error": {"Code": "NotImplemented", "Message": "the local AWS\nlacks it"}}, "X"),
            "mlstack: the local AWS lacks it",
        ),
        (ClientError({"Error": {"Code": "NotImplemented", "Message": "a header"}}, "X"), "AWS answered: An error"),
    ],
)
def test_only_what_aws_said_is_called_its_answer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("mlstack.account.choose", fail)

    code, _, errors = run(["vision", "analyse", PHOTO], capsys)

    assert code == 2
    assert said in errors


def test_a_profile_that_nobody_has_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobodys")

    code, _, errors = run(["vision", "find", "--label", "Dog", "--aws"], capsys)

    assert (code, len(errors.splitlines())) == (2, 1)
    assert "there is no AWS profile nobodys; `aws configure list-profiles` shows yours" in errors


def test_the_installed_command_answers(tmp_path: Path) -> None:
    outcome = subprocess.run(
        [str(BIN / "mlstack"), "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert outcome.stdout.startswith("mlstack, version ")
