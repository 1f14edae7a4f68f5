"""One snapshot a stack: what the named assertions leave out cannot change unseen."""

import json
import re

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.templates.synthesis import Synthesize

# A code edit changes an asset's hash and a function's version; neither is the template's intent.
CONTENT_HASH = re.compile(r"\b[0-9a-f]{64}\b|(?<=CurrentVersion.{8})[0-9a-f]{32}\b")


@pytest.fixture
def json_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Snapshots in files of their own, as JSON."""
    return snapshot.use_extension(JSONSnapshotExtension)


@pytest.mark.parametrize("name", ["Network", "Storage", "Vision"])
@pytest.mark.parametrize("profile", ["sandbox", "production"])
def test_template_is_unchanged(
    synthesize: Synthesize, json_snapshot: SnapshotAssertion, profile: str, name: str
) -> None:
    template = synthesize(profile).stacks[name].template

    assert json.loads(CONTENT_HASH.sub("HASH", json.dumps(template))) == json_snapshot
