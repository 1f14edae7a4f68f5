"""Where a model's metrics are read: the report of its evaluation, or its training job."""

import json
import logging
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared import clock
from shared.fault import code_of
from training_verdict.judging import final, numbers

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

logger = logging.getLogger(__name__)

FILE = "evaluation.json"
LONGEST_REPORT = 4 * 1024 * 1024
MISSING = frozenset({"NoSuchKey", "404"})
LOOKS, PAUSE_S = 3, 5.0
"""A job's metrics may come a little after its end."""


class EvaluationReportError(Exception):
    """The evaluation left no report that can be read."""


def report_uri(folder: str) -> str:
    """The report in an evaluation's output."""
    return f"{folder.rstrip('/')}/{FILE}"


def reported(s3: "S3Client", uri: str) -> dict[str, float]:
    """The metrics of an evaluation's report; raise EvaluationReportError where there are none."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read(LONGEST_REPORT + 1)
    except ClientError as error:
        if code_of(error) not in MISSING:
            raise
        message = f"the evaluation wrote no {uri}: its log in /aws/sagemaker/ProcessingJobs says why"
        raise EvaluationReportError(message) from error
    if len(body) > LONGEST_REPORT:
        message = f"{uri} is longer than {LONGEST_REPORT} bytes"
        raise EvaluationReportError(message)
    metrics = numbers(_document(body, uri).get("metrics"))
    if not metrics:
        message = f'{uri} has no number under "metrics"'
        raise EvaluationReportError(message)
    return metrics


def _document(body: bytes, uri: str) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        message = f"{uri} is no JSON: {error}"
        raise EvaluationReportError(message) from error
    return document if isinstance(document, dict) else {}


def measured(sagemaker: "SageMakerClient", job: str) -> dict[str, float]:
    """The final metrics of a training job, which may be none."""
    for look in range(LOOKS):
        told = sagemaker.describe_training_job(TrainingJobName=job).get("FinalMetricDataList")
        if told:
            return final(told)
        if look + 1 < LOOKS:
            clock.sleep(PAUSE_S)
    logger.warning("%s has no metrics", job)
    return {}
