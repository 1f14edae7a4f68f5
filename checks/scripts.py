"""shellcheck on every script of the repository, and on every script in a template that lands on a machine."""

import re
from pathlib import Path

from checks.machine_scripts import embedded
from checks.report import Finding, Report
from checks.repository import Repository
from checks.shell import Script, lint
from mlstack.assembly import Assembly

SHEBANG = re.compile(rb"#!\s*/\S*?(?:/env\s+(?:-S\s+)?)?(?:ba|da|k)?sh\b")


def check(root: Path, assembly: Assembly) -> Report:
    """Lint them all."""
    repository = Repository.read(root)
    files = [name for name in repository.files if name.endswith(".sh") or _is_shell(root / name)]
    inside = list(embedded(assembly))
    scripts = [each.shell for each in inside if each.script or each.commands]
    findings = lint([*(Script(name, repository.text(name)) for name in files), *scripts])
    findings += [Finding(each.place, each.fault) for each in inside if each.fault]
    unjudged = tuple(Finding(each.place, each.limit) for each in inside if each.limit)
    looked_at = {"script files": len(files), "embedded scripts": len(scripts), "unchecked scripts": len(unjudged)}
    return Report(looked_at, tuple(findings), unjudged)


def _is_shell(path: Path) -> bool:
    with path.open("rb") as file:
        return SHEBANG.match(file.readline(200)) is not None
