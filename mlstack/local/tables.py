"""The local AWS's report as people read it; the commands and the demo show the same."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from rich.table import Table

from mlstack import clock
from mlstack.console import grid
from mlstack.local.leftovers import Resource
from mlstack.local.machine.told import Told
from mlstack.local.report import NOT_RUNNABLE, Facts, Gap

MADE = re.compile(r"mlstack-.+-(?P<stack>\w+)-(?P<id>\w+?)(?:CustomResourceProviderHandler)?[0-9A-F]{8}-\w+")

PULLED = re.compile(
    r"(?:mlstack-.+-images-(?P<id>\w+?)(?:repository)?[0-9a-f]{8}-\w+|(?P<name>[^:@]+))(?P<rest>[:@].+)?"
)
HASH = re.compile(r"[0-9a-f]{13,}$")


def readable(function: str) -> str:
    """The stack and construct of a function that the stacks made, without what CloudFormation adds to be unique."""
    made = MADE.fullmatch(function)
    return f"{made['stack']}/{made['id']}" if made else function


def pictured(image: str) -> str:
    """The last part of an image's repository and its tag, a long hash cut to the 12 digits that Docker shows."""
    made = PULLED.fullmatch(image.rpartition("/")[2])
    if made is None:
        return image
    return (made["id"] or made["name"]) + HASH.sub(lambda found: found[0][:12], made["rest"] or "")


def stacks(statuses: Mapping[str, str]) -> Table:
    """Every stack with its status."""
    table = grid("Stacks")
    table.add_column("stack")
    table.add_column("status")
    for name, status in sorted(statuses.items()):
        table.add_row(name, status)
    return table


def functions(facts: Facts) -> Table:
    """Every function that ran, on what, and how often."""
    table = grid("What ran, in the deployed zips")
    for column in ("function", "declared", "ran on"):
        table.add_column(column, overflow="fold")
    for column in ("runs", "errors", "timeouts"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, run in sorted(facts["functions"].items()):
        counts = (str(run[count]) for count in ("count", "errors", "timeouts"))
        table.add_row(readable(name), run["declared"], run["runs_on"], *counts)
    return table


def rekognition(facts: Facts) -> Table:
    """Every operation of Rekognition that was called, and how often it would have been charged."""
    table = grid("What Rekognition was asked")
    table.add_column("operation")
    for column in ("calls", "billed", "throttled", "refused"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, called in sorted(facts["rekognition"].items()):
        counts = (called["calls"], called["billed"], called["throttled"], called["refused"])
        table.add_row(name, *map(str, counts))
    return table


def endpoints(facts: Facts) -> Table:
    """Every endpoint and inference component, whether a container runs for it now, and what it answered."""
    table = grid("What endpoints answered")
    for column in ("endpoint", "hosting", "image", "container"):
        table.add_column(column, overflow="fold")
    for column in ("requests", "errors", "cold starts"):
        table.add_column(column, justify="right", no_wrap=True)
    running = {one["owner"]: str(one["pid"]) for one in facts["containers"].values()}
    for name, served in sorted(facts["endpoints"].items()):
        counts = (served["invocations"], served["errors"], served["cold_starts"])
        ours = not served["runs_on"].startswith(NOT_RUNNABLE)
        image = pictured(served["runs_on"]) if ours else served["runs_on"]
        runs = f"process {running[name]}" if name in running else "none"
        table.add_row(name, served["hosting"], image, runs, *map(str, counts))
    return table


def jobs(facts: Facts) -> Table:
    """Every job of SageMaker's, how it stands, and why it failed."""
    table = grid("What SageMaker and ECS ran")
    for column in ("kind", "job", "status", "why"):
        table.add_column(column, overflow="fold")
    for name, done in sorted(facts["jobs"].items()):
        table.add_row(done["kind"], name.removeprefix(f"{done['kind']} "), done["status"], done["why"])
    return table


def machines(found: Mapping[str, Told]) -> Table:
    """Every machine behind an instance, how it is, and where its log is."""
    table = grid("What stands behind instances")
    for column in ("instance", "state", "up for", "log"):
        table.add_column(column, overflow="fold")
    for name, machine in sorted(found.items()):
        seconds = timedelta(seconds=machine["uptime_seconds"])
        table.add_row(name, machine["state"], clock.span(seconds) if seconds else "", machine["log"])
    return table


def builds(facts: Facts) -> Table:
    """Every project that built images, and how often."""
    table = grid("What CodeBuild built, without Docker")
    table.add_column("project", overflow="fold")
    for column in ("builds", "failures"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, built in sorted(facts["builds"].items()):
        table.add_row(name, str(built["builds"]), str(built["failures"]))
    return table


def gaps(found: Sequence[Gap]) -> Table:
    """Everything that is not as on AWS, and why."""
    table = grid(f"Not as on AWS: {len(found)}")
    for column in ("stack", "resource", "type", "why"):
        table.add_column(column, overflow="fold")
    for gap in found:
        table.add_row(gap["stack"], gap["logical_id"], gap["type"], gap["reason"])
    return table


def resources(found: Sequence[Resource], title: str) -> Table:
    """What exists, one row each."""
    table = grid(title)
    for column in ("kind", "name"):
        table.add_column(column, overflow="fold")
    for resource in found:
        table.add_row(resource.kind, resource.name)
    return table
