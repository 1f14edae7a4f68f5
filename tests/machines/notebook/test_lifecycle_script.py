"""The scripts are short enough, the same each time, and carry the agent and a person's own script as they are."""

import ast
import base64
import hashlib
import re
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.shell import Script, lint
from machine_use import aws, gpus, jupyter
from notebook_agent.settings import NEXT_TICK_S, TICK_S, Settings
from stacks.ml_services.lifecycle_script import (
    LONGEST,
    MACHINE_ROOT,
    PACKAGES,
    ScriptTooLongError,
    content,
    lean,
    on_create,
    on_start,
)

OWN = '#!/bin/bash\nset -euo pipefail\nsudo -u ec2-user pip install lightgbm==4.6.0\necho "d\'accord" $HOME é\n'
PLAIN = on_start(idle_minutes=60, max_hours=12)
SCRIPTS = {
    "start": PLAIN,
    "start with own": on_start(idle_minutes=60, max_hours=12, own=OWN),
    "create": on_create(own=OWN),
}
MODULES = sorted(path for package in PACKAGES for path in package.glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_script_has_no_fault_and_no_placeholder(script: str, tmp_path: Path) -> None:
    path = tmp_path / "script.sh"
    path.write_text(script, encoding="utf-8")

    parsed = subprocess.run(["/bin/bash", "-n", path], capture_output=True, text=True, check=False)

    assert (parsed.returncode, parsed.stderr) == (0, "")
    assert lint([Script("script", script)]) == []
    assert script.startswith("#!/bin/bash\n")
    assert not re.search(r"@[A-Z_]+@", re.sub(r'"""\n.*?\n"""', "", script, flags=re.DOTALL))


@pytest.mark.parametrize("name", ["on_create.sh", "on_start.sh"])
def test_template_itself_has_no_fault(name: str) -> None:
    assert lint([Script(name, (MACHINE_ROOT / name).read_text(encoding="utf-8"))]) == []


def test_script_leaves_room_for_an_own_one() -> None:
    assert len(content(PLAIN)) <= LONGEST - 1000


def test_settings_stand_in_the_script() -> None:
    script = on_start(idle_minutes=45, max_hours=8)

    assert "IDLE_MINUTES=45 MAX_HOURS=8\n" in script


def test_script_is_the_same_each_time_and_another_for_another_own_script() -> None:
    assert on_start(idle_minutes=60, max_hours=12) == PLAIN
    assert on_start(idle_minutes=60, max_hours=12, own=OWN) not in {
        PLAIN,
        on_start(idle_minutes=60, max_hours=12, own="x"),
    }


def test_content_is_the_script_in_base64() -> None:
    assert base64.b64decode(content(PLAIN), validate=True).decode() == PLAIN


@pytest.mark.parametrize("script", [on_create, partial(on_start, idle_minutes=60, max_hours=12)])
def test_own_script_that_is_too_long_is_refused_with_figures(script: Callable[..., str]) -> None:
    own = "".join(hashlib.sha256(bytes([number % 256, number // 256])).hexdigest() for number in range(400))

    with pytest.raises(ScriptTooLongError, match=r"SageMaker takes 16,384 .* own script of 25,600 bytes is too long"):
        script(own=own)


@given(own=st.text(max_size=300))
def test_any_own_script_is_carried_as_it_is(own: str) -> None:
    if not own.isascii():
        own = own.encode(errors="replace").decode()

    carried = re.search(r"<<'OWN'.*?\n(.*?)\nOWN\n", on_create(own=own), re.DOTALL)

    assert carried is not None
    assert base64.b64decode(carried[1]).decode() == own


class Spoken(ast.NodeTransformer):
    """Takes out of a module what `lean` takes out, by another way."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) else node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        return None if node.module == "collections.abc" else node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        return node


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_lean_module_says_the_same_to_python(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    written = lean(source)

    assert source.isascii()
    spoken = ast.dump(Spoken().visit(ast.parse(source)))
    assert ast.dump(Spoken().visit(ast.parse(written))) == spoken
    assert "#" not in written.replace("#!", "")
    assert len(written) < len(source)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_what_comes_from_collections_abc_stands_in_annotations_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "collections.abc"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(0)

    used = {node.id for node in ast.walk(Spoken().visit(tree)) if isinstance(node, ast.Name)}

    assert used & names == set()


def test_units_agree_with_the_agent() -> None:
    assert "OnUnitActiveSec=5min" in PLAIN
    assert TICK_S == 5 * 60 < NEXT_TICK_S
    longest = 2 * (3 * jupyter.TIMEOUT_S + gpus.TIMEOUT_S) + Settings.second_look_s + aws.ALL_S
    [timeout] = re.findall(r"TimeoutStartSec=(\d+)", PLAIN)
    assert longest < int(timeout) < TICK_S
