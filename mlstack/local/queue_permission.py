"""Who may send to a queue: a service of AWS only where the queue's policy says so."""

import json
from typing import Any

from moto.sqs.models import sqs_backends


def refusal(arn: str, sender: str, source_arn: str) -> str | None:
    """Why a queue does not take a message of ``sender``, which sends for ``source_arn``; nothing where it does."""
    region, account, name = arn.split(":")[3:6]
    queue = sqs_backends[account][region].queues.get(name)
    if queue is None:
        return "there is no such queue"
    if may_send(json.loads(queue.policy or "{}"), sender, source_arn):
        return None
    return f"the queue's policy does not let {sender} send"


def may_send(policy: dict[str, Any], sender: str, source_arn: str) -> bool:
    """Whether a queue's policy lets a service send for a rule or a topic."""
    return any(_allows(statement, sender, source_arn) for statement in listed(policy.get("Statement")))


def _allows(statement: dict[str, Any], sender: str, source_arn: str) -> bool:
    principal = statement.get("Principal")
    services = listed(principal.get("Service") or principal.get("AWS")) if isinstance(principal, dict) else [principal]
    actions = {str(action).lower() for action in listed(statement.get("Action"))}
    sources = [
        source
        for kind in ("ArnEquals", "ArnLike", "StringEquals", "StringLike")
        for source in listed(statement.get("Condition", {}).get(kind, {}).get("aws:SourceArn"))
    ]
    return (
        statement.get("Effect") == "Allow"
        and bool({sender, "*"} & set(services))
        and bool({"sqs:sendmessage", "sqs:*", "*"} & actions)
        and (not sources or source_arn in sources)
    )


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """What a policy says as one or as a list of them."""
    return value if isinstance(value, list) else [] if value is None else [value]
