"""hadolint sees every Dockerfile."""

from collections.abc import Callable
from pathlib import Path

from checks import dockerfiles

GOOD = "FROM public.ecr.aws/docker/library/python:3.13-slim\nWORKDIR /app\nCOPY train.py .\n"


def test_dockerfiles_pass_when_pinned_and_plain(working_tree: Callable[[dict[str, str]], Path]) -> None:
    report = dockerfiles.check(working_tree({"containers/train/Dockerfile": GOOD}))

    assert report.findings == ()
    assert report.scope == "1 Dockerfile"


def test_dockerfiles_are_found_under_every_name(working_tree: Callable[[dict[str, str]], Path]) -> None:
    bad = "FROM ubuntu\n"
    root = working_tree({
        "a/Dockerfile": bad, "a/Dockerfile.gpu": bad, "a/serve.Dockerfile": bad,
        "a/Dockerfile.dockerignore": "*", "a/Dockerfiles.md": "FROM",
    })  # fmt: skip

    report = dockerfiles.check(root)

    assert sorted(finding.place for finding in report.findings) == [
        "a/Dockerfile.gpu:1",
        "a/Dockerfile:1",
        "a/serve.Dockerfile:1",
    ]
    assert {finding.message[:6] for finding in report.findings} == {"DL3006"}
    assert report.scope == "3 Dockerfiles"


def test_dockerfiles_are_checked_down_to_the_shell_in_them(working_tree: Callable[[dict[str, str]], Path]) -> None:
    root = working_tree({"Dockerfile": GOOD + "RUN mkdir $NAME && cd $NAME\n", "broken/Dockerfile": "FORM x\n"})

    messages = [finding.message for finding in dockerfiles.check(root).findings]

    assert any(message.startswith("SC2086") for message in messages)
    assert any("unexpected" in message for message in messages)


def test_dockerfiles_show_that_there_was_none(working_tree: Callable[[dict[str, str]], Path]) -> None:
    assert dockerfiles.check(working_tree({})).scope == "0 Dockerfiles"
