"""What the pages say holds: links, commands, paths and records."""

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import docs
from checks.markdown import Page, slug

RECORD = "# 1. Templates are the source\n\n2026-11-01, accepted\n\n## Why\n\nOne truth.\n"
FILES = {
    "CHANGELOG.md": "# Changelog\n\n## Unreleased\n",
    "Makefile": ".PHONY: demo\nVERSION := 1\ndemo test: setup\n\tpython demo.py\nsetup:\n",
    "config/sandbox.toml": "",
    "docs/decisions/0001-templates.md": RECORD,
    "docs/guide.md": "# Guide\n\n## Set-up & use: `mlstack`\n\n## Twice\n\n## Twice\n\n<a id='hand'></a>\n",
    "stacks/vision/queue.py": "",
}


@click.group()
def mlstack() -> None:
    pass


@mlstack.group()
def local() -> None:
    pass


@local.command()
@click.option("--port", type=int)
@click.option("--quiet/--loud")
def up(port: int, *, quiet: bool) -> None:
    raise NotImplementedError(port, quiet)


@pytest.fixture
def messages(working_tree: Callable[[dict[str, str]], Path]) -> Callable[..., list[str]]:
    def messages(readme: str, **more: str) -> list[str]:
        files = {**FILES, "README.md": readme, **{name.replace("__", "/"): text for name, text in more.items()}}
        return [str(finding) for finding in docs.check(working_tree(files), mlstack).findings]

    return messages


def console(*lines: str) -> str:
    return "\n".join(("```console", *lines, "```", ""))


@pytest.mark.parametrize(
    "readme",
    [
        "[guide](docs/guide.md), [its use](docs/guide.md#set-up--use-mlstack), [2nd](docs/guide.md#twice-1)\n",
        "[folder](docs), [root](/docs/guide.md), [hand](docs/guide.md#hand), [web](https://example.com/x#y)\n",
        "# Here\n\n[here](#here) <a href='docs/guide.md'>g</a> ![q](stacks/vision/queue.py)\n",
        "```text\n[not a link](nowhere.md)\n```\n",
        console("$ make demo", "make: *** says the output", "$ cd x && VERSION=2 make test setup -j2 # both"),
        console("mlstack local up --port 80 --quiet", "mlstack --help", ".venv/bin/mlstack local \\", "  up"),
        console("npx cdk deploy --all -c profile=sandbox", "cdk synth -c profile=NAME", "cdk ls -c profile=<yours>"),
        console("cdk synth -c profile=config/sandbox.toml", "cat <<'", "an open quote"),
        "Use `make demo`, `stacks/vision/queue.py:12`, `stacks/<layer>/queue.py`, `stacks/*/`, `config/NAME.toml`.\n",
        "`s3/key`, `and/or`, `https://docs/x`, `cdk.out/manifest.json`\n",
    ],
)
def test_docs_pass_where_everything_exists(messages: Callable[..., list[str]], readme: str) -> None:
    assert messages(readme) == []


@pytest.mark.parametrize(
    ("readme", "message"),
    [
        ("\n[guide](docs/gide.md)\n", "README.md:2: the link docs/gide.md leads to no file"),
        ("a\n[guide](docs/guide.md#use)\n", "README.md:2: the link docs/guide.md#use leads to no heading"),
        ("[case](docs/Guide.md)\n", "leads to no file"),
        ("[out](../elsewhere.md)\n", "leads to no file"),
        ("# Here\n\n[there](#there)\n", "README.md:3: the link #there leads to no heading of README.md"),
        ("![picture](docs/picture.png)\n", "leads to no file"),
        ("<img src='docs/picture.png'>\n", "leads to no file"),
        ("| a |\n| --- |\n| [x](y.md) |\n", "README.md:3: the link y.md"),
        (console("make demo", "make dmeo"), "README.md:3: `make dmeo`: the Makefile has no target dmeo"),
        (console("$ sudo make demo nothing"), "`make nothing`"),
        ("Say `make nothing`.\n", "`make nothing`"),
        (console("make version"), "`make version`"),
        (console("mlstack nowhere up"), "`mlstack nowhere`: mlstack has no command nowhere"),
        (console("uv run mlstack local down"), "`mlstack local down`: mlstack local has no command down"),
        (console("mlstack local up --prt 80"), "`mlstack local up --prt`: mlstack local up has no option --prt"),
        (console("cdk deploy -c profile=team"), "`-c profile=team`: config/team.toml does not exist"),
        (console("cdk deploy -c profile=config/team.toml"), "config/team.toml does not exist"),
        ("See `stacks/vision/que.py`.\n", "README.md:1: stacks/vision/que.py is not in the repository"),
        ("See `stacks/<layer>/topic.py`.\n", "stacks/<layer>/topic.py is not in the repository"),
    ],
)
def test_docs_catch_what_does_not_hold(messages: Callable[..., list[str]], readme: str, message: str) -> None:
    found = messages(readme)

    assert [message in each for each in found] == [True], found


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("docs__decisions__0003-late.md", RECORD.replace("1.", "3."), "its number is 0003, the next one is 0002"),
        ("docs__decisions__0001-again.md", RECORD, "its number is 0001, the next one is 0002"),
        ("docs__decisions__0002-Title.md", RECORD, "is called NNNN-title.md"),
        ("docs__decisions__0002-title.md", RECORD, "the title is '# 1. Templates are the source', not '# 2. Title'"),
        ("docs__decisions__0002-long.md", RECORD.replace("1.", "2.") + "more\n" * 30, "told in less than 30"),
        ("CHANGELOG.md", "# Changelog\n", "no heading '## Unreleased'"),
    ],
)
def test_records_keep_their_form(messages: Callable[..., list[str]], path: str, text: str, message: str) -> None:
    found = messages("", **{path: text})

    assert any(message in each for each in found), found


def test_changelog_must_exist_but_may_name_what_is_no_more(
    working_tree: Callable[[dict[str, str]], Path], tmp_path: Path
) -> None:
    history = {**FILES, "CHANGELOG.md": "## [1.2.0] - 2026-11-01\n\nRemoved `stacks/old.py` and `make old`.\n"}
    root = working_tree(history)

    with_history = docs.check(root, mlstack)
    (tmp_path / "tree" / "CHANGELOG.md").unlink()
    without = docs.check(root, mlstack)

    assert with_history.findings == ()
    assert [str(finding) for finding in without.findings] == ["CHANGELOG.md: there is none"]


def test_docs_say_how_much_they_looked_at(working_tree: Callable[[dict[str, str]], Path]) -> None:
    readme = "[guide](docs/guide.md) `stacks/vision` `make demo`\n"

    report = docs.check(working_tree({**FILES, "README.md": readme}), mlstack)

    assert report.scope == "4 pages, 1 link, 2 commands, 1 path, 1 decision"


def test_docs_know_the_command_line_of_the_project() -> None:
    assert docs.command_line().name == "mlstack"


@settings(deadline=None)  # a busy machine is no fault
@given(st.text())
def test_slug_of_a_slug_is_itself(title: str) -> None:
    assert slug(slug(title)) == slug(title)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["Set-up", "Why?", "Set up", "a `b`"])))
def test_every_heading_of_a_page_has_an_anchor_of_its_own(titles: list[str]) -> None:
    page = Page.parse("page.md", "\n\n".join(f"## {title}" for title in titles))

    assert len(page.anchors) == len(titles)


@pytest.mark.parametrize(
    ("title", "anchor"),
    [
        ("What it costs", "what-it-costs"),
        ("`make demo`, and then?", "make-demo-and-then"),
        ("Layer 1: Rekognition & co.", "layer-1-rekognition--co"),
        ("snake_case stays", "snake_case-stays"),
        ("Größe", "größe"),
        ("A [link](x.md) in it", "a-link-in-it"),
    ],
)
def test_anchor_of_a_heading_is_that_of_github(title: str, anchor: str) -> None:
    assert Page.parse("page.md", f"# {title}\n").anchors == {anchor}
