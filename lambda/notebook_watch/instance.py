"""A notebook instance, as SageMaker shows and stops it."""

import logging
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from notebook_watch.judging import Notebook
from shared.fault import code_of, reason_of

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

logger = logging.getLogger(__name__)

# SageMaker has one code for a wrong name, a wrong status and a wrong request; only its message tells them apart.
INVALID, GONE, WRONG_STATUS = "ValidationException", "RecordNotFound", "Status ("


def described(client: "SageMakerClient", name: str) -> Notebook | None:
    """The instance; None where there is none of that name."""
    try:
        told = client.describe_notebook_instance(NotebookInstanceName=name)
    except ClientError as error:
        if _says(error, GONE):
            return None
        raise
    return Notebook(told["NotebookInstanceStatus"], told["LastModifiedTime"])


def stop(client: "SageMakerClient", name: str) -> bool:
    """Stop it and say so; no, where it stops already, or is gone."""
    try:
        client.stop_notebook_instance(NotebookInstanceName=name)
    except ClientError as error:
        if not _says(error, GONE) and not _says(error, WRONG_STATUS):
            raise
        logger.warning("%s was not stopped: %s", name, reason_of(error))
        return False
    return True


def _says(error: ClientError, words: str) -> bool:
    return code_of(error) == INVALID and words in error.response.get("Error", {}).get("Message", "")
