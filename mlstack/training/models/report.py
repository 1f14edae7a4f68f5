"""The evaluation of a version, as its run wrote it to S3."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from mlstack.errors import UserError
from mlstack.vision.backfill.objects import Place

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LARGEST = 16 * 1024**2
ABSENT = frozenset({"404", "NoSuchBucket", "NoSuchKey"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """How well one label is told from the others."""

    label: str
    precision: float
    recall: float
    f1: float
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a model did on the pictures that it was tested on."""

    metrics: Mapping[str, float]
    scores: Sequence[Score]
    labels: Sequence[str]
    rows: Sequence[Sequence[int]]
    """How many of each label, the row, it took for each, the column."""

    @classmethod
    def fetch(cls, s3: "S3Client", uri: str) -> Self:
        """Read the one at an address; raise UserError where there is none, or it cannot be read."""
        place = Place.of(uri)
        try:
            answer = s3.get_object(Bucket=place.bucket, Key=place.path)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in ABSENT:
                raise
            message = f"the report {uri} is not there any more"
            raise UserError(message) from error
        if answer["ContentLength"] > LARGEST:
            message = f"the report {uri} has {answer['ContentLength']:,} bytes, and cannot be shown"
            raise UserError(message)
        try:
            return cls.read(json.loads(answer["Body"].read()))
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            message = f"the report {uri} is damaged: {error!r}"
            raise UserError(message) from error

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read evaluation.json; raise KeyError, TypeError or ValueError where it is something else."""
        confusion: Mapping[str, Any] = told.get("confusion_matrix") or {"labels": [], "rows": []}
        return cls(
            metrics={str(name): float(value) for name, value in told["metrics"].items() if value is not None},
            scores=[
                Score(
                    label=str(label),
                    precision=float(one["precision"]),
                    recall=float(one["recall"]),
                    f1=float(one["f1"]),
                    count=int(one["count"]),
                )
                for label, one in (told.get("per_class") or {}).items()
            ],
            labels=[str(label) for label in confusion["labels"]],
            rows=[[int(count) for count in row] for row in confusion["rows"]],
        )
