"""A stack and a working tree, each made of values that the test shows."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlstack.assembly import Assembly, Stack


@pytest.fixture
def stack_of() -> Callable[..., Assembly]:
    def stack_of(
        resources: dict[str, Any], environment: str = "aws://unknown-account/us-east-1", **more: dict[str, Any]
    ) -> Assembly:
        return Assembly((make_stack("Lab", {"Resources": resources, **more}, environment),))

    return stack_of


@pytest.fixture
def working_tree(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    def working_tree(files: dict[str, str]) -> Path:
        root = tmp_path / "tree"
        root.mkdir()
        subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)  # noqa: S607
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return root

    return working_tree


def make_stack(name: str, template: dict[str, Any], environment: str = "aws://unknown-account/us-east-1") -> Stack:
    return Stack(
        id=name, name=name, environment=environment, template=template, template_path=Path(f"{name}.template.json")
    )


@pytest.fixture
def assembly_of() -> Callable[[dict[str, dict[str, Any]]], Assembly]:
    def assembly_of(templates: dict[str, dict[str, Any]]) -> Assembly:
        return Assembly(tuple(make_stack(name, template) for name, template in templates.items()))

    return assembly_of
