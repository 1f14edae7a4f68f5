"""The tags that tell people, and bucket policies, what moderation did."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

MODERATION, REVIEW = "mlstack:moderation", "mlstack:moderation-review"
APPROVED = "approved"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
MOST, LONGEST = 10, 256
FORBIDDEN = re.compile(r"[^\w +\-=.:/@]+")
Tags = Mapping[str, str]


class FullError(Exception):
    """The object has as many tags as S3 allows."""


def cleaned(text: str) -> str:
    """The text in the letters that S3 takes in a tag, and not longer."""
    return " ".join(FORBIDDEN.sub(" ", text).split())[:LONGEST]


def marked(tags: Tags, **marks: str) -> dict[str, str]:
    """The tags with ``moderation`` or ``review`` set; raise FullError where there is no room for one more."""
    added = {{"moderation": MODERATION, "review": REVIEW}[name]: cleaned(value) for name, value in marks.items()}
    together = dict(tags) | added
    if len(together) > MOST:
        raise FullError
    return together


def released(tags: Tags) -> dict[str, str]:
    """The tags of an approved object: no longer marked, and saying so where there is room."""
    left = {name: value for name, value in tags.items() if name != MODERATION}
    try:
        return marked(left, review=APPROVED)
    except FullError:
        return left


def header(tags: Tags) -> str:
    """The tags as the header of a copy takes them."""
    return urlencode(tags, quote_via=quote)
