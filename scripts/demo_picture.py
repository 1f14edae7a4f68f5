"""Run the demo and draw what it prints as docs/demo.svg; `make picture`."""

import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI

from mlstack import command, demo, steps
from mlstack.vision import analyse
from mlstack.vision.gallery import command as gallery

TARGET = Path(__file__).resolve().parents[1] / "docs" / "demo.svg"
# Without the fonts that the format would fetch from elsewhere; the reader's own monospace serves.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)

console = Console(record=True, width=100, force_terminal=True, force_interactive=False, highlight=False)
for module, name in ((demo, "out"), (steps, "err"), (analyse, "err"), (gallery, "err"), (command, "err")):
    setattr(module, name, console)
command.main(["demo"])
TARGET.write_text(console.export_svg(title="make demo", theme=MONOKAI, code_format=FORMAT), encoding="utf-8")
