"""What SageMaker means by a refusal: it has few error codes, and many words."""

import re

from botocore.exceptions import ClientError

from shared.fault import code_of

INVALID = "ValidationException"
# "Requested resource not found.", "Could not find endpoint ...", "can't find a tuning job ...", "... does not exist."
GONE = re.compile(r"not found|not find|can't find|cannot find|not exist|RecordNotFound", re.IGNORECASE)
TAKEN = re.compile(r"already exist", re.IGNORECASE)
IN_PROGRESS = re.compile(r"in-progress|in progress", re.IGNORECASE)


def is_gone(error: ClientError) -> bool:
    """Whether there is nothing of the name that was asked for."""
    return code_of(error) == "ResourceNotFound" or _says(error, GONE)


def is_taken(error: ClientError) -> bool:
    """Whether there is something of the name already: "Cannot create already existing endpoint ..."."""
    return _says(error, TAKEN)


def is_in_progress(error: ClientError) -> bool:
    """Whether a change is still under way: "Cannot update in-progress endpoint ..."."""
    return _says(error, IN_PROGRESS)


def _says(error: ClientError, words: re.Pattern[str]) -> bool:
    message = error.response.get("Error", {}).get("Message", "")
    return code_of(error) == INVALID and words.search(message) is not None
