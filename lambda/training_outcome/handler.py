"""Hears that an execution ended or that a version was approved, ends what still runs, and tells everybody."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared import clients, clock
from shared.custom_resource import Context
from shared.fault import reason_of
from shared.training_run import endpoint_name, job_name, tags
from training_outcome import approval, ended
from training_outcome.execution import ABORTED, ENDED, KIND, SUCCEEDED, Execution, is_whole
from training_outcome.news import News
from training_outcome.settings import settings
from training_outcome.stopping import delete_endpoint, stop_jobs
from training_outcome.telling import tell

logging.getLogger(__package__).setLevel(logging.INFO)
logger = logging.getLogger(__name__)

FOR_THE_NEWS = timedelta(seconds=30)


def handle(event: Mapping[str, Any], context: Context) -> dict[str, str | None]:
    """Tell the news of an event, where it has any.

    Raises:
        UntoldError: where the bus or the topic did not take it: Lambda tries again.
    """
    left = timedelta(milliseconds=context.get_remaining_time_in_millis()) - FOR_THE_NEWS
    news = _news(event.get("detail-type"), event.get("detail") or {}, clock.now() + left)
    if news is None:
        return {"told": None}
    logger.info("%s: %s", news.kind, news.text)
    tell(news, events=clients.events(), sns=clients.sns(), topic=settings().topic)
    return {"told": news.kind}


def _news(kind: object, detail: Mapping[str, Any], until: datetime) -> News | None:
    stage = settings().stage
    if kind == approval.KIND:
        return approval.news(stage, detail)
    if kind != KIND or detail.get("stateMachineArn") != settings().machine or detail.get("status") not in ENDED:
        return None
    execution = Execution.read(_whole(detail))
    stopped = [] if execution.status == SUCCEEDED else list(_left(stage, execution, until))
    return ended.news(stage, execution, stopped)


def _whole(detail: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event, with what it left out; where Step Functions does not tell that, the event must do."""
    if is_whole(detail):
        return detail
    try:
        told = clients.stepfunctions().describe_execution(executionArn=detail["executionArn"])
    except (BotoCoreError, ClientError) as error:
        logger.warning("the event is not whole: %s", reason_of(error))
        return detail
    parts: Mapping[str, Any] = {name: told.get(name) for name in ("input", "output", "error", "cause")}
    return {**detail, **{name: part for name, part in parts.items() if part is not None}}


def _left(stage: str, execution: Execution, until: datetime) -> list[ended.Left]:
    """What was left running, and is ended now."""
    client = clients.sagemaker()
    left = list(stop_jobs(client, job_name(stage, execution.name)))
    if execution.status == ABORTED and execution.endpoint:
        tag = tags(stage, execution.name, execution.model)["mlstack:execution"]
        left += delete_endpoint(client, endpoint_name(stage, execution.endpoint), tag, until=until)
    return left
