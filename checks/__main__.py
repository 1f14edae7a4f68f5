"""`python -m checks`: run the gates and show what each looked at and found."""

import json
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter

import click
from rich.table import Table

from checks.report import Report
from mlstack.assembly import Assembly
from mlstack.console import err, out
from mlstack.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
# Each gate is the module of its name, and what its `check` takes
GATES = {
    "templates": ("assembly",),
    "state-machines": ("assembly",),
    "service-calls": ("assembly",),
    "scripts": ("root", "assembly"),
    "dockerfiles": ("root",),
    "docs": ("root",),
    "spelling": ("root",),
}
FOUND, MISUSED = 1, 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """One gate's report and how long it took."""

    gate: str
    report: Report
    seconds: float


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: `python -m checks --assembly cdk.out templates docs`",
)
@click.argument("gates", nargs=-1, metavar="[GATE]...")
@click.option(
    "--assembly", type=click.Path(path_type=Path), default=Path("cdk.out"), help="The cloud assembly to read."
)
@click.option("--root", type=click.Path(path_type=Path, file_okay=False, exists=True), default=ROOT, hidden=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def checks(gates: tuple[str, ...], assembly: Path, root: Path, *, as_json: bool) -> None:
    """Run the project's own gates: all, or those named.

    Gates: templates, state-machines, service-calls, scripts (these four read the cloud assembly), dockerfiles, docs,
    spelling.
    The exit code is 1 where something is found.
    """
    outcomes = run(gates or tuple(GATES), assembly, root)
    if as_json:
        click.echo(json.dumps([_as_json(outcome) for outcome in outcomes], indent=2))
    else:
        _show(outcomes)
    if any(outcome.report.findings for outcome in outcomes):
        sys.exit(FOUND)


def run(gates: tuple[str, ...], assembly: Path, root: Path) -> list[Outcome]:
    """Run the named gates in order; raise UserError for an unknown gate or where there is no assembly."""
    unknown = [gate for gate in gates if gate not in GATES]
    if unknown:
        message = f"there is no gate {unknown[0]}; the gates are {', '.join(GATES)}"
        raise UserError(message)
    inputs: dict[str, Path | Assembly] = {"root": root}
    if any("assembly" in GATES[gate] for gate in gates):
        inputs["assembly"] = Assembly.read(assembly)
    return [_run(gate, inputs) for gate in dict.fromkeys(gates)]


def _run(gate: str, inputs: dict[str, Path | Assembly]) -> Outcome:
    start = perf_counter()
    # Only the gates that run are loaded: some bring a second of imports
    check = import_module(f"checks.{gate.replace('-', '_')}").check
    report: Report = check(*(inputs[name] for name in GATES[gate]))
    return Outcome(gate, report, perf_counter() - start)


def _show(outcomes: list[Outcome]) -> None:
    if out.is_terminal:
        table = Table("Gate", "Looked at", "Findings", "Seconds", box=None, header_style="bold")
        for outcome in outcomes:
            colour = "red" if outcome.report.findings else "green"
            findings = f"[{colour}]{len(outcome.report.findings)}[/]"
            table.add_row(outcome.gate, outcome.report.scope, findings, f"{outcome.seconds:.1f}")
        out.print(table)
    else:
        for outcome in outcomes:
            number = len(outcome.report.findings)
            out.print(
                f"{outcome.gate}: {outcome.report.scope}; findings: {number}; {outcome.seconds:.1f} s", markup=False
            )
    for outcome in outcomes:
        for finding in outcome.report.unjudged:
            out.print(f"not checked: {finding}", markup=False)
    for outcome in outcomes:
        for finding in outcome.report.findings:
            out.print(str(finding), markup=False)


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "gate": outcome.gate,
        "looked_at": dict(outcome.report.looked_at),
        "findings": [asdict(finding) for finding in outcome.report.findings],
        "unjudged": [asdict(finding) for finding in outcome.report.unjudged],
        "seconds": round(outcome.seconds, 3),
    }


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; misuse is one line on stderr and exit code 2."""
    try:
        checks.main(args=arguments, prog_name="python -m checks", standalone_mode=False)
    except click.ClickException as error:
        err.print(f"checks: {' '.join(error.format_message().split())}; see `python -m checks --help`", markup=False)
        sys.exit(MISUSED)
    except UserError as error:
        err.print(f"checks: {error}", markup=False)
        sys.exit(MISUSED)


if __name__ == "__main__":
    main()
