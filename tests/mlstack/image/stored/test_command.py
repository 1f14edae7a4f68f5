"""`mlstack image list`, as a person and as a script see it."""

import json

import pytest
from click.testing import CliRunner, Result

from mlstack.errors import UserError
from mlstack.image.stored.command import list_images
from tests.mlstack.image.stored.conftest import image, listed, scanned
from tests.mlstack.wire import Wire

A, C = "a" * 64, "c" * 64
pytestmark = pytest.mark.usefixtures("stage")


def run(*arguments: str) -> Result:
    """The outcome of `mlstack image list`."""
    return CliRunner().invoke(list_images, arguments)


@pytest.fixture
def kept(wire: Wire, outputs: dict[str, str]) -> None:
    """Two repositories with an image each, and one that nothing uses."""
    del outputs["InferenceArm64ImageUri"]
    old = image("0" * 64, digest="e" * 64, size=12_345)
    wire.answer("DescribeImages", listed(image(A, pushed=2), old), listed(image(C, size=None)))
    wire.answer("DescribeImageScanFindings", scanned(HIGH=2))


@pytest.mark.usefixtures("kept")
def test_every_image_is_a_line_with_what_it_costs(wire: Wire) -> None:
    outcome = run()

    lines = [line.split() for line in outcome.stdout.splitlines() if line.strip()]
    assert outcome.exit_code == 0
    assert "Images of stage sandbox on account 1" in outcome.stdout
    assert lines[2] == [
        *["inference", "used", "a" * 12, "d" * 12, "1970-01-01", "00:00", "UTC", "5.0", "GB", "$0.47", "2", "high"]
    ]
    assert lines[3][:2] == ["inference", "unused"]
    assert lines[3][7:] == ["12", "KB", "under", "$0.01", "2", "high"]
    assert lines[4][7:10] == ["0", "B", "$0.00"]
    assert outcome.stderr == "storage a month: $0.47 at the most; layers that images share are paid for once\n"
    assert wire.calls("DescribeImages") == ["DescribeImages"] * 2


@pytest.mark.usefixtures("kept")
def test_a_script_gets_everything_in_full() -> None:
    used, old, empty = json.loads(run("--json").stdout)

    assert used == {
        "images": ["inference"],
        "used": True,
        "repository": "inference",
        "tags": [A],
        "digest": f"sha256:{'d' * 64}",
        "pushed": used["pushed"],
        "bytes": 5_000_000_000,
        "usd_per_month": pytest.approx(0.465661, abs=1e-6),
        "findings": {"HIGH": 2},
        "scan": "complete",
    }
    assert used["pushed"].startswith("19")
    assert (old["used"], empty["bytes"]) == (False, 0)


def test_what_is_not_known_is_null_for_a_script_and_said_to_a_person(wire: Wire) -> None:
    unknown = {name: value for name, value in image().items() if name == "imageDigest"}
    wire.answer("DescribeImages", listed(unknown))

    (first, *_) = json.loads(run("--json").stdout)
    shown = run().stdout

    assert (first["pushed"], first["tags"], first["findings"], first["scan"]) == (None, [], None, "not scanned")
    assert "no tag" in shown
    assert "not known" in shown


def test_a_stage_whose_repositories_are_empty_is_told_how_to_fill_them(wire: Wire) -> None:
    wire.answer("DescribeImages", listed())

    outcome = run("--aws", "--stage", "team")

    assert (outcome.exit_code, outcome.stdout) == (0, "")
    assert "no image is kept; `mlstack image build --stage team --aws` builds" in outcome.stderr


def test_a_stack_without_images_is_said_to_have_none(outputs: dict[str, str]) -> None:
    outputs.clear()

    outcome = run()

    assert isinstance(outcome.exception, UserError)
    assert "mlstack-sandbox-Images names no image in account 1; deploy it again" in str(outcome.exception)


def test_the_help_has_an_example() -> None:
    assert "Example: mlstack image list --stage team --aws" in run("--help").stdout
