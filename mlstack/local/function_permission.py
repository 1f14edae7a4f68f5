"""Who may invoke a function: a service of AWS only where the function's policy says so."""

from fnmatch import fnmatchcase
from typing import Any

from moto.awslambda.models import LambdaFunction

INVOKES = frozenset({"lambda:invokefunction", "lambda:invoke*", "lambda:*", "*"})


def refusal(function: LambdaFunction, sender: str, source_arn: str) -> str | None:
    """Why a function is not invoked by ``sender``, which does so for ``source_arn``; nothing where it is."""
    if any(_allows(statement, sender, source_arn) for statement in function.policy.statements):
        return None
    return f"the function's policy does not let {sender} invoke it"


def _allows(statement: dict[str, Any], sender: str, source_arn: str) -> bool:
    principal, condition = statement.get("Principal"), statement.get("Condition", {})
    service = principal.get("Service") if isinstance(principal, dict) else principal
    pattern = str(condition.get("ArnLike", {}).get("AWS:SourceArn", "*"))
    return (
        statement.get("Effect") == "Allow"
        and service in {sender, "*"}
        and str(statement.get("Action")).lower() in INVOKES
        and fnmatchcase(source_arn, pattern)
    )
