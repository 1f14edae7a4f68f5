"""The docs check: links, commands, paths, decision records and the changelog hold."""

from importlib import import_module
from pathlib import Path

import click

from checks import commands, decisions, links, paths
from checks.markdown import Page
from checks.report import Report
from checks.repository import Repository
from mlstack.errors import UserError

HISTORY = "CHANGELOG.md"  # may name what is no more


def check(root: Path, group: click.Group | None = None) -> Report:
    """Check every page of the repository; ``group`` is the command line they speak of, by default the project's."""
    repository = Repository.read(root)
    pages = [Page.parse(name, repository.text(name)) for name in repository.named("*.md")]
    current = [page for page in pages if page.path != HISTORY]
    typed = commands.mentions(current)
    known = commands.Known(commands.targets(repository), group or command_line(), repository)
    findings = [
        *links.broken(repository, pages),
        *(finding for mention in typed for finding in known.faults(mention)),
        *paths.missing(repository, current),
        *decisions.faults(repository),
    ]
    looked_at = {
        "pages": len(pages),
        "links": len(links.relative(pages)),
        "commands": len(typed),
        "paths": len(paths.named(repository, current)),
        "decisions": len(decisions.records(repository)),
    }
    return Report(looked_at, tuple(findings))


def command_line() -> click.Group:
    """The project's own command line, to look its commands up."""
    try:
        group = import_module("mlstack.command").mlstack
    except ImportError as error:
        message = f"the command line cannot be imported ({error}), so its mentions cannot be checked"
        raise UserError(message) from error
    if not isinstance(group, click.Group):
        message = "mlstack.command.mlstack is no group of commands"
        raise UserError(message)
    return group
