"""Where the project lies: the folder with cdk.json, its tools and its working files."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".mlstack"  # what the commands write; ignored by git, safe to delete
CDK = ROOT / "node_modules" / ".bin" / "cdk"
BIN = Path(sys.prefix) / "bin"
NODE = BIN / "node"
