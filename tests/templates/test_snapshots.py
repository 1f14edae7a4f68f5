"""One snapshot a stack: what the named assertions leave out cannot change unseen."""

import json
import re

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.templates.synthesis import Synthesize

# A code edit changes an asset's hash and a function's version; neither is the template's intent.
CONTENT_HASH = re.compile(r"\b[0-9a-f]{64}\b|(?<=CurrentVersion.{8})[0-9a-f]{32}\b")
# So does an edit of what runs on a machine, which comes in a script.
SCRIPT = re.compile(r'(?<="Content": ")[A-Za-z0-9+/=]{200,}|(?<="Fn::Base64": ")#!(?:[^"\\]|\\.)*')


@pytest.fixture
def json_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Snapshots in files of their own, as JSON."""
    return snapshot.use_extension(JSONSnapshotExtension)


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        *((profile, name) for profile in ("sandbox", "production") for name in ("Network", "Storage", "Vision")),
        *((profile, name) for profile in ("sandbox", "production") for name in ("Images", "Endpoints")),
        *(("team", name) for name in ("Notebook", "Endpoints", "Workstations", "Images", "Ecs")),
        ("sandbox", "Training"),
    ],
)
def test_template_is_unchanged(
    synthesize: Synthesize, json_snapshot: SnapshotAssertion, profile: str, name: str
) -> None:
    template = SCRIPT.sub("SCRIPT", json.dumps(synthesize(profile).stacks[name].template))

    assert json.loads(CONTENT_HASH.sub("HASH", template)) == json_snapshot
