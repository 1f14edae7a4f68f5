"""A stage with reviews, and a Step Functions that remembers the answers it gets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, cast

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from mlstack import account
from mlstack.account import Account
from mlstack.vision.review.reviews import Review
from tests.mlstack.vision.results_lab import MEDIA, Lab, named


@cache
def client(service: str) -> Any:  # noqa: ANN401 (boto3 makes its clients' types at run time)
    """Clients for all tests, because making one takes longer than a test."""
    return boto3.client(cast("Any", service))


@dataclass
class Desk:
    """What the commands find, and what they answered."""

    lab: Lab
    answers: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    refusal: str = ""
    """The error that Step Functions gives instead of taking an answer."""

    def flag(self, key: str, version: str = "1", status: str = "pending", **more: Any) -> int:  # noqa: ANN401 (attributes of any kind)
        """Put a review into the table and give its number."""
        rank = more.pop("rank", Decimal("91.5"))
        item = {
            **named(key, version),
            "entry": f"{version}#review",
            "kind": "review",
            "status": status,
            "finding": f"review#{status}",
            "rank": rank,
            "labels": [{"name": "Violence", "confidence": rank}],
            **({"token": f"token of {key}"} if status == "pending" else {}),
            **more,
        }
        self.lab.put(item)
        return Review.of(item).number

    def on_call(self, model: Any, params: dict[str, Any], **_: object) -> tuple[AWSResponse, dict[str, Any]]:  # noqa: ANN401 (botocore's models have no types)
        """Take an answer in Step Functions' stead; botocore has checked the request by then."""
        assert model.name == "SendTaskSuccess"
        body = json.loads(params["body"])
        status = 400 if self.refusal else 200
        if not self.refusal:
            self.answers.append((body["taskToken"], json.loads(body["output"])))
        parsed: dict[str, Any] = {"ResponseMetadata": {"HTTPStatusCode": status}}
        if self.refusal:
            parsed["Error"] = {"Code": self.refusal, "Message": "said AWS"}
        return AWSResponse("https://aws", status, HTTPHeaders(), None), parsed


@pytest.fixture
def desk(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An empty desk."""
    desk = Desk(lab)
    clients = {"dynamodb": lab.dynamodb, "s3": lab.s3}
    chosen = Account(shown="the lab", is_local=True, client=lambda name: clients.get(name) or client(name))
    monkeypatch.setattr(account, "choose", lambda *_: chosen)
    events = client("stepfunctions").meta.events
    events.register("before-call.sfn", desk.on_call)
    yield desk
    events.unregister("before-call.sfn", desk.on_call)


__all__ = ["MEDIA", "Desk", "desk"]
