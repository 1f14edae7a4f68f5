"""Answers a review that waits: the state machine goes on with what was decided."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from mlstack.account import Account
from mlstack.errors import UserError
from mlstack.vision.review.reviews import Review, Reviews

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_sts import STSClient

APPROVED, REJECTED = "approved", "rejected"
TOO_LATE: Mapping[str, str] = {
    "TaskTimedOut": "nobody waits for it any more: it was decided, has expired, or was stopped",
    "TaskDoesNotExist": "its execution is gone: it was stopped, or ended long ago",
    "InvalidToken": "Step Functions does not know its token: it belongs to another account or region",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What a person decided, and why if they said so."""

    word: str
    note: str = ""

    def plan(self, review: Review) -> str:
        """What it will do, in one line."""
        if self.word == REJECTED:
            return "it stays in quarantine" if review.quarantined else "it keeps its tag"
        if not review.quarantined:
            return "it loses its tag"
        return f"it goes back to {review.object}, unless something newer lies there"

    def send(self, review: Review, reviews: Reviews, account: Account, *, now: datetime) -> None:
        """Hand it to the state machine; raise UserError where the review waits for it no more."""
        token = reviews.token(review)
        steps: SFNClient = account.client("stepfunctions")
        sts: STSClient = account.client("sts")
        said = {"decision": self.word, "by": sts.get_caller_identity()["Arn"], "note": self.note}
        said["at"] = now.astimezone(UTC).isoformat(timespec="seconds")
        try:
            steps.send_task_success(taskToken=token, output=json.dumps(said, ensure_ascii=False))
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code not in TOO_LATE:
                raise
            message = f"review {review.number} cannot be decided: {TOO_LATE[code]}"
            raise UserError(message) from error
