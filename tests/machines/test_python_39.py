"""The agents run on the Python of Amazon Linux 2023 and need nothing but its standard library."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import machine_use
import notebook_agent
import workstation_agent
from tests.machines.interpreter import OLDEST, oldest

PACKAGES = (machine_use, notebook_agent, workstation_agent)
MODULES = sorted(path for package in PACKAGES for path in Path(package.__path__[0]).glob("*.py"))
# What Python 3.10 to 3.14 brought and somebody might reach for
NEWER_NAMES = frozenset(
    {
        *("ExceptionGroup", "TaskGroup", "UTC", "StrEnum", "Self", "aiter", "anext", "assert_never", "batched"),
        *("bit_count", "chdir", "file_digest", "get_annotations", "hardlink_to", "is_junction", "override"),
        *("pairwise", "process_cpu_count", "tomllib", "TypeAlias"),
    }
)
NEWER_ARGUMENTS = frozenset(
    {"strict", "slots", "kw_only", "weakref_slot", "delete_on_close", "walk_up", "process_group"}
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_module_is_python_39_and_uses_nothing_newer(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=OLDEST)

    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    assert (names | attributes | imported) & NEWER_NAMES == set()
    assert arguments & NEWER_ARGUMENTS == set()
    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_module_imports_the_standard_library_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    qualified = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    roots = {name.partition(".")[0] for name in plain | qualified}
    assert roots <= {*sys.stdlib_module_names, *(package.__name__ for package in PACKAGES)}


def test_every_module_can_be_imported_by_the_oldest_python_here() -> None:
    names = ", ".join(f"{path.parent.name}.{path.stem}" for path in MODULES if path.stem != "__init__")
    folders = sorted({str(path.parents[1]) for path in MODULES})
    program = f"import sys; sys.path[:0] = {folders!r}; import {names}"

    ran = subprocess.run([oldest(), "-I", "-W", "error", "-c", program], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
