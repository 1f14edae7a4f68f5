"""Deploys one stage: the profile chosen by `-c profile=NAME` or `-c profile=path/to/file.toml`."""

import json
import os
import sys
from pathlib import Path

import aws_cdk as cdk

from stacks import config
from stacks.platform import Platform

# The CLI passes cdk.json's feature flags; read here too, a plain `python app.py` synthesizes the same templates.
FLAGS = json.loads((Path(__file__).parent / "cdk.json").read_text())["context"]

# What turns the library's own validation off turns the rule packs off too.
VALIDATED = os.environ.get("CDK_VALIDATION") != "false"

app = cdk.App(context=FLAGS, stack_traces=False)  # they would show lines of the CDK's own, not ours
try:
    Platform(app, config.load(app.node.try_get_context("profile")), rule_packs=VALIDATED)
except config.ProfileError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)
app.synth()
