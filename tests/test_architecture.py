"""What import-linter cannot see: single modules, and whether every package stands under a contract."""

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = PYPROJECT["tool"]["importlinter"]
OURS = {"app", "checks", "mlstack", "stacks"}
ON_MACHINES = {"inference", "machine_use", "notebook_agent", "training", "worker", "workstation_agent"}
"""Packages of containers/ and machines/."""
DEPLOYED_WITH = {"training_request": {"catalogue"}}
"""What is zipped with a function beside shared/."""


def functions() -> set[str]:
    """The function packages: the importable folders of lambda/."""
    return {path.parent.name for path in (ROOT / "lambda").glob("*/__init__.py")}


def imported(path: Path) -> set[str]:
    """Every module that a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    qualified = {
        f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    return plain | qualified


def test_app_knows_only_the_platform_and_the_profile() -> None:
    ours = {name for name in imported(ROOT / "app.py") if name.partition(".")[0] in OURS}

    assert ours == {"stacks.config", "stacks.platform.Platform"}


def test_every_package_stands_under_the_import_contracts() -> None:
    assert set(CONTRACTS["root_packages"]) == (OURS - {"app"}) | functions() | ON_MACHINES


def test_no_function_knows_another_function_or_anything_that_is_not_deployed_with_it() -> None:
    for package in functions():
        others = (functions() | OURS | {"aws_cdk", "constructs", "jsii"}) - {
            package,
            "shared",
            *DEPLOYED_WITH.get(package, ()),
        }
        files = (ROOT / "lambda" / package).rglob("*.py")

        known = {name.partition(".")[0] for path in files for name in imported(path)}

        assert known & others == set(), package


def test_function_folders_have_names_that_nothing_else_on_the_path_has() -> None:
    taken = {path.name for path in ROOT.iterdir()} | {"aws_cdk", "constructs", "jsii"}

    assert functions() & taken == set()


def test_no_top_level_folder_shadows_a_library() -> None:
    assert {"aws_cdk", "boto3", "constructs", "jsii"} & {path.name for path in ROOT.iterdir()} == set()
