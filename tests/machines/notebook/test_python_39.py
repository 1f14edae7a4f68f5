"""The agent runs on the Python of Amazon Linux 2023 and needs nothing but its standard library."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import notebook_agent
from tests.machines.notebook.interpreter import OLDEST, oldest

MODULES = sorted(Path(notebook_agent.__path__[0]).glob("*.py"))
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


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module_is_python_39_and_uses_nothing_newer(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=OLDEST)

    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    assert (names | attributes | imported) & NEWER_NAMES == set()
    assert arguments & NEWER_ARGUMENTS == set()
    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module_imports_the_standard_library_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    qualified = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    roots = {name.partition(".")[0] for name in plain | qualified}
    assert roots <= {*sys.stdlib_module_names, "notebook_agent"}


def test_every_module_can_be_imported_by_the_oldest_python_here() -> None:
    names = ", ".join(f"notebook_agent.{path.stem}" for path in MODULES if path.stem != "__init__")
    program = f"import sys; sys.path.insert(0, {str(MODULES[0].parents[1])!r}); import {names}"

    ran = subprocess.run([oldest(), "-I", "-W", "error", "-c", program], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
