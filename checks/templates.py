"""cfn-lint over every template: CloudFormation's own schemas, for the region where the stack goes."""

import json
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib import import_module
from multiprocessing import get_context

from checks.placeholders import environment
from checks.report import Finding, Report
from mlstack.assembly import Assembly, Stack

# W3005 (redundant DependsOn): the CDK writes these itself, to order a role's policies before its user
# W6001 (output of an imported value): a stack's outputs name everything that its reader needs, wherever it was made
IGNORED = ["W3005", "W6001"]
PROCESSES = 2
WORTH_A_PROCESS = 3  # templates; with fewer, loading cfn-lint twice costs more than it saves


def check(assembly: Assembly) -> Report:
    """Lint every template; errors and warnings are findings."""
    subjects = [_subject(stack) for stack in assembly.stacks]
    findings = [finding for found in _linted(subjects) for finding in found]
    return Report({"templates": len(subjects)}, tuple(findings))


def lint(subject: tuple[str, str, str]) -> list[Finding]:
    """The faults of one template, given as stack name, region and JSON text; runs in a process of its own."""
    stack, region, text = subject
    # cfn-lint takes a second to load: only the processes that lint pay it. It has no types either
    config = import_module("cfnlint.config").ConfigMixIn(regions=[region], ignore_checks=IGNORED)
    template, broken = import_module("cfnlint.decode.decode").decode_str(text)
    matches = broken or import_module("cfnlint.runner").run_template_by_data(template, config, _rules())
    return sorted({_finding(stack, match.rule.id, match.message, getattr(match, "path", None)) for match in matches})


@cache
def _rules() -> object:
    """Every rule, loaded once a process; `cfnlint.api.lint` loads its hundreds of modules anew for each template."""
    return import_module("cfnlint.runner").Runner(import_module("cfnlint.config").ConfigMixIn([])).rules


def _subject(stack: Stack) -> tuple[str, str, str]:
    return stack.name, environment(stack)[1], json.dumps(stack.template)


def _linted(subjects: list[tuple[str, str, str]]) -> Iterable[list[Finding]]:
    if len(subjects) < WORTH_A_PROCESS:
        return map(lint, subjects)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        return list(pool.map(lint, sorted(subjects, key=_size, reverse=True)))


def _size(subject: tuple[str, str, str]) -> int:
    return len(subject[2])


def _finding(stack: str, rule: str, message: str, path: list[str | int] | None) -> Finding:
    section, name, *inside = [str(part) for part in path or []] + ["", ""]
    place = f"{stack}/{name if section == 'Resources' else section}".rstrip("/")
    where = "/".join(part for part in inside if part)
    return Finding(place, f"{rule} {message}" + (f" ({where})" if where else ""))
