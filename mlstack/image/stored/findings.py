"""What ECR's scan of an image found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.text import printable
from shared.fault import code_of

if TYPE_CHECKING:
    from mypy_boto3_ecr.client import ECRClient

WORST_FIRST = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED", "UNTRIAGED")
NOT_SCANNED = frozenset({"ScanNotFoundException", "ImageNotFoundException"})
DONE = frozenset({"ACTIVE", "COMPLETE"})
"""Of a scan on push, and of one that Inspector repeats."""


@dataclass(frozen=True, slots=True)
class Findings:
    """How many of each severity; None where that is not known."""

    counts: Mapping[str, int] | None
    state: str = ""
    """Why there are none, in words."""

    @property
    def shown(self) -> str:
        """For people, the worst first."""
        if self.counts is None:
            return self.state
        rest = sorted(self.counts.keys() - set(WORST_FIRST))
        found = [(name, self.counts.get(name, 0)) for name in (*WORST_FIRST, *rest)]
        return ", ".join(f"{number:,} {printable(name.lower())}" for name, number in found if number) or "no finding"


def of_image(ecr: "ECRClient", repository: str, digest: str) -> Findings:
    """Ask ECR; what cannot be asked is said, and stops nothing.

    The list of images no longer tells it: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
    """
    try:
        told: Any = ecr.describe_image_scan_findings(
            repositoryName=repository, imageId={"imageDigest": digest}, maxResults=1
        )
    except ClientError as error:
        return Findings(None, "not scanned" if code_of(error) in NOT_SCANNED else f"not known: {code_of(error)}")
    except BotoCoreError as error:
        return Findings(None, f"not known: {printable(' '.join(str(error).split()))}")
    return read(told)


def read(told: Mapping[str, Any]) -> Findings:
    """What ECR answers, read."""
    status = told.get("imageScanStatus") or {}
    state = str(status.get("status", ""))
    if state not in DONE:
        words = " ".join(f"scan {state} {status.get('description', '')}".split()).replace("_", " ")
        return Findings(None, printable(words.lower()) if state else "not known")
    counts = (told.get("imageScanFindings") or {}).get("findingSeverityCounts") or {}
    return Findings({str(name): int(number) for name, number in counts.items()})
