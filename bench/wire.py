"""AWS behind the function's real clients with the network cut out: every call is answered at once."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from shared import clients

PHOTO = Path(__file__).resolve().parents[1] / "examples" / "photos" / "cat at home.jpg"
BOX = {"Width": 0.5, "Height": 0.5, "Left": 0.25, "Top": 0.25}
ANSWERS: Mapping[str, object] = {
    "DetectLabels": {"Labels": [{"Name": f"Label {number}", "Confidence": 99.0 - number} for number in range(25)]},
    "DetectFaces": {"FaceDetails": [{"BoundingBox": BOX, "Confidence": 99.0} for _ in range(5)]},
    "DetectModerationLabels": {"ModerationLabels": [{"Name": "Violence", "Confidence": 70.0}]},
    "DetectText": {
        "TextDetections": [{"DetectedText": f"Line {n}", "Type": "LINE", "Confidence": 99.0} for n in range(10)]
    },
    "PutEvents": {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]},
    "BatchWriteItem": {"UnprocessedItems": {}},
}
CLAIMED = {"Attributes": {"analyses": {"M": {}}, "attempts": {"N": "1"}, "deliveries": {"N": "1"}}}
TAKEN = {"Attributes": {"next_slot": {"N": "0"}}}


class Wire:
    """Answers what AWS would, and counts."""

    def __init__(self) -> None:
        self._photo = PHOTO.read_bytes()
        self._answers = {name: json.dumps(answer).encode() for name, answer in ANSWERS.items()}
        self.calls = 0

    def connect(self) -> None:
        """Stand behind every client of the function."""
        answer: Callable[..., Any] = self.answer  # botocore's types forget that this event's handler answers
        tables = [clients.table(name).meta.client for name in ("results", "pace")]
        for client in (clients.s3(), clients.rekognition(), clients.sqs(), clients.events(), *tables):
            client.meta.events.register("before-send.*", answer)

    def answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Stand in for the network, behind everything that botocore does before it and after it."""
        self.calls += 1
        body = self._body(request)
        headers = HTTPHeaders.from_dict({"content-length": str(len(body)), "etag": '"0"'})
        return AWSResponse(str(request.url), 200, headers, _Body(body))

    def _body(self, request: AWSPreparedRequest) -> bytes:
        target = request.headers.get("X-Amz-Target", b"")
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        if operation == "UpdateItem":
            asked = json.loads(request.body if isinstance(request.body, str | bytes) else b"{}")
            return json.dumps(TAKEN if asked["TableName"] == "pace" else CLAIMED).encode()
        if operation:
            return self._answers[operation]
        return self._photo if request.method == "GET" else b""


class _Body(io.BytesIO):
    """What urllib3 would hand to botocore."""

    def stream(self, amount: int = 65536, **_: object) -> object:
        """The body in pieces."""
        return iter(lambda: self.read(amount), b"")
