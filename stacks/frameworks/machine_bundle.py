"""What every workstation takes from S3 at each boot: the agent and the scripts of machines/, as one file."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

MACHINES_ROOT = Path(__file__).resolve().parents[2] / "machines"
PARTS = ("shared", "workstation")


class MachineBundle(assets.Asset):
    """A zip of two folders of machines/, and nothing of the others, so that their edits change nothing here."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope,
            construct_id,
            exclude=["/*", *(f"!/{part}" for part in PARTS), "__pycache__", "*.pyc"],
            ignore_mode=cdk.IgnoreMode.GIT,
            path=str(MACHINES_ROOT),
        )
