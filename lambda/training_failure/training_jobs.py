"""Why a tuning job's training jobs failed: the tuning job itself tells only how many did."""

import logging
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.fault import reason_of

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

logger = logging.getLogger(__name__)


def reason_of_one(client: "SageMakerClient", tuning_job: str) -> str | None:
    """What the training job that failed last says; None where none failed, or nobody may look."""
    try:
        answer = client.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=tuning_job,
            StatusEquals="Failed",
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=10,
        )
    except (BotoCoreError, ClientError) as error:
        logger.warning("the training jobs of %s cannot be listed: %s", tuning_job, reason_of(error))
        return None
    reasons = (one.get("FailureReason") for one in answer["TrainingJobSummaries"])
    return next((reason for reason in reasons if reason), None)
