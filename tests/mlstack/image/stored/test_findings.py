"""What a scan found, or why nobody knows."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from mlstack.account import Account
from mlstack.image.stored import findings
from mlstack.image.stored.findings import Findings
from tests.mlstack.image.stored.conftest import NOT_SCANNED, scanned
from tests.mlstack.wire import Spoken, Wire, refused, said


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (scanned(LOW=3, CRITICAL=1200, HIGH=2), "1,200 critical, 2 high, 3 low"),
        (scanned("ACTIVE", MEDIUM=1, NEWER=4), "1 medium, 4 newer"),
        (scanned(), "no finding"),
        (scanned(HIGH=0), "no finding"),
        (scanned("IN_PROGRESS"), "scan in progress"),
        (
            said(imageScanStatus={"status": "UNSUPPORTED_IMAGE", "description": "no\nkernel"}),
            "scan unsupported image no kernel",
        ),
        (said(), "not known"),
        (NOT_SCANNED, "not scanned"),
        (refused("AccessDeniedException"), "not known: AccessDeniedException"),
        (EndpointConnectionError(endpoint_url="https://x"), "not known: Could not connect to the endpoint URL: "),
    ],
)
def test_findings_are_told_worst_first_and_what_is_not_known_is_said(
    stage: Account, wire: Wire, answer: Spoken | Exception, shown: str
) -> None:
    wire.answer("DescribeImageScanFindings", answer)

    told = findings.of_image(stage.client("ecr"), "inference", "sha256:1").shown

    assert told.startswith(shown)
    assert told == shown or shown.endswith(": ")


@given(counts=st.dictionaries(st.text(st.characters(exclude_characters=", "), max_size=12), st.integers(0, 999)))
def test_every_severity_that_was_found_is_told_once(counts: dict[str, int]) -> None:
    shown = Findings(counts).shown

    assert shown.isprintable()
    told = [] if shown == "no finding" else [int(part.split(" ")[0]) for part in shown.split(", ")]
    assert sorted(told) == sorted(number for number in counts.values() if number)


@pytest.mark.parametrize("told", [{"imageScanStatus": None}, {"imageScanFindings": None}])
def test_an_answer_that_lacks_a_part_is_not_known(told: dict[str, Any]) -> None:
    assert findings.read(told) == Findings(None, "not known")
