"""Tells news to the bus and to the topic, each whether or not the other takes it."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.announcement import announce
from shared.fault import reason_of
from training_outcome.news import News

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sns import SNSClient

logger = logging.getLogger(__name__)

told: set[tuple[str, str]] = set()
"""What this instance of the function has told: what comes twice mostly comes to the same one, and soon."""


class UntoldError(Exception):
    """Somebody did not hear the news: Lambda tries again."""


def tell(news: News, *, events: "EventBridgeClient", sns: "SNSClient", topic: str) -> None:
    """Tell the bus and the topic what they have not been told by this instance; raise UntoldError where one is deaf."""
    ways: Mapping[str, Callable[[], object]] = {
        "bus": lambda: announce(events, [news.entry]),
        "topic": lambda: sns.publish(TopicArn=topic, Subject=news.headline, Message=news.text),
    }
    deaf = []
    for way, say in ways.items():
        if (news.key, way) in told:
            continue
        try:
            say()
        except (BotoCoreError, ClientError) as error:
            deaf.append(f"the {way}: {reason_of(error)}")
        else:
            told.add((news.key, way))
    if deaf:
        message = "; ".join(deaf)
        raise UntoldError(message)
