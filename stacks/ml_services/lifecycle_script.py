"""The scripts of a notebook instance's lifecycle: machines/notebook/on_create.sh and on_start.sh, filled in.

SageMaker takes one script for each moment, and the agent must come in it: a notebook may have no way to the internet or
to S3. So its sources are stripped of what only readers need and packed; equal sources give equal scripts, byte for byte
and by every Python, and nothing but their own edit changes a template.
"""

import ast
import base64
import bz2
import io
import json
import tokenize
from collections.abc import Iterator
from pathlib import Path

MACHINES_ROOT = Path(__file__).resolve().parents[2] / "machines"
MACHINE_ROOT = MACHINES_ROOT / "notebook"
PACKAGES = (MACHINE_ROOT / "notebook_agent", MACHINES_ROOT / "shared" / "machine_use")
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_NotebookInstanceLifecycleHook.html
LONGEST = 16_384
"""Characters of a script in base64: three quarters of it in bytes of the script itself."""
WIDTH = 1000
MAIN = "import sys\nfrom notebook_agent.tick import main\nsys.exit(main())\n"


class ScriptTooLongError(ValueError):
    """A lifecycle script is longer than SageMaker takes."""


def on_start(*, idle_minutes: int, max_hours: int, own: str | None = None) -> str:
    """The script for each start: installs the agent, then starts ``own``, a person's script, beside the notebook.

    Raises:
        ScriptTooLongError: where SageMaker would not take it, which only ``own`` can cause.
    """
    settings = {"@IDLE_MINUTES@": str(idle_minutes), "@MAX_HOURS@": str(max_hours)}
    template = (MACHINE_ROOT / "on_start.sh").read_text(encoding="utf-8")
    for placeholder, value in settings.items():
        template = template.replace(placeholder, value)
    return _short_enough(template.replace("@AGENT@", _packed(own)), own)


def on_create(*, own: str) -> str:
    """The script for the creation, of use only with ``own``, a person's script, which it starts.

    Raises:
        ScriptTooLongError: where SageMaker would not take it.
    """
    template = (MACHINE_ROOT / "on_create.sh").read_text(encoding="utf-8")
    return _short_enough(template.replace("@OWN@", base64.b64encode(own.encode()).decode()), own)


def content(script: str) -> str:
    """A script as SageMaker takes it."""
    return base64.b64encode(script.encode()).decode()


def _short_enough(script: str, own: str | None) -> str:
    characters = len(content(script))
    if characters > LONGEST:
        message = (
            f"the script has {characters:,} characters in base64, and SageMaker takes {LONGEST:,} of them: your own"
            f" script of {len((own or '').encode()):,} bytes is too long; keep it in S3 or in a repository and call it"
        )
        raise ScriptTooLongError(message)
    return script


def _packed(own: str | None) -> str:
    """The agent's sources, and a person's own script, in letters that a shell and Python leave alone."""
    paths = (path for package in PACKAGES for path in sorted(package.glob("*.py")))
    files = {f"{path.parent.name}/{path.name}": lean(path.read_text(encoding="utf-8")) for path in paths}
    files = {"__main__.py": MAIN, **files, "own": own or ""}
    told = json.dumps(files, ensure_ascii=False, separators=(",", ":")).encode()
    packed = base64.b85encode(bz2.compress(told)).decode()
    return "\n".join(packed[place : place + WIDTH] for place in range(0, len(packed), WIDTH))


def lean(source: str) -> str:
    """A module without comments, docstrings, annotations of functions, the imports for those, and empty lines."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for begin, end, instead in sorted(_idle_spans(source, starts), reverse=True):
        source = source[:begin] + instead + source[end:]
    return "".join(f"{line.rstrip()}\n" for line in source.splitlines() if line.strip())


def _idle_spans(source: str, starts: list[int]) -> Iterator[tuple[int, int, str]]:
    """From where to where a source says nothing to Python, and what must stand there instead."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1], ""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            for statement in node.body:
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    yield *_span(statement, starts), "" if len(node.body) > 1 else "0"
        if isinstance(node, ast.ImportFrom) and node.module == "collections.abc":
            yield *_span(node, starts), ""
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            begin, end = _span(node.returns, starts)
            yield source.rindex("->", 0, begin) - 1, end, ""
        if isinstance(node, ast.arg) and node.annotation is not None:
            yield _span(node, starts)[0] + len(node.arg), _span(node.annotation, starts)[1], ""


def _span(node: ast.stmt | ast.expr | ast.arg, starts: list[int]) -> tuple[int, int]:
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return starts[node.lineno - 1] + node.col_offset, starts[end_line - 1] + end_column
