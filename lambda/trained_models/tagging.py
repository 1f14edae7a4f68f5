"""Tags: what SageMaker says a thing has, and what a request says that things shall have."""

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.custom_resource import UnfulfilledError
from shared.sagemaker_refusal import is_gone

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html; letters, spaces and numbers of all languages
MOST, LONGEST_KEY, LONGEST_VALUE, SIGNS = 50, 128, 256, frozenset("_.:/=+-@")
OWN = 2
"""How many tags the function adds of its own."""
RESERVED = "aws:"


def tags_of(client: "SageMakerClient", arn: str) -> dict[str, str]:
    """The tags of a thing; what is gone has none."""
    try:
        pages = list(client.get_paginator("list_tags").paginate(ResourceArn=arn))
    except ClientError as error:
        if not is_gone(error):
            raise
        return {}
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def asked(tags: object) -> dict[str, str]:
    """The tags that a request asks for.

    Raises:
        UnfulfilledError: where AWS would not take them.
    """
    if tags is None:
        return {}
    if not isinstance(tags, Mapping):
        message = "Tags must be a mapping of keys to values"
        raise UnfulfilledError(message)
    if len(tags) > MOST - OWN:
        message = f"Tags are {len(tags)}, and may be {MOST - OWN}: AWS takes {MOST}, and {OWN} are the function's own"
        raise UnfulfilledError(message)
    for key, value in tags.items():
        if not _fits(key, 1, LONGEST_KEY) or not _fits(value, 0, LONGEST_VALUE) or key.lower().startswith(RESERVED):
            message = (
                f"Tags: AWS takes no tag {str(key)[:LONGEST_KEY]!r}={str(value)[:LONGEST_KEY]!r}; "
                f"use letters, digits, spaces and _.:/=+-@, and no key of AWS's own"
            )
            raise UnfulfilledError(message)
    return dict(tags)


def _fits(text: object, least: int, most: int) -> bool:
    return (
        isinstance(text, str)
        and least <= len(text) <= most
        and all(sign in SIGNS or unicodedata.category(sign)[0] in "LNZ" for sign in text)
    )
