"""Rekognition's door: a request of its JSON protocol in, an answer out; every call is counted."""

import json
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from mlstack.local.environment import Place
from mlstack.local.rekognition import image
from mlstack.local.rekognition.collection import Collections
from mlstack.local.rekognition.detection import DETECTIONS
from mlstack.local.rekognition.face import compare
from mlstack.local.rekognition.failure import RekognitionError, UnknownOperationError
from mlstack.local.rekognition.image import Client
from mlstack.local.rekognition.quota import Quota
from mlstack.local.rekognition.request import check
from mlstack.local.rekognition.video import Videos
from mlstack.local.rekognition.video_finding import FINDINGS
from mlstack.local.report import Report

Json = dict[str, Any]
Answer = Callable[[Json], Json]
TARGET = "RekognitionService."
"""How the header that names the operation begins."""


class Rekognition:
    """The service of one account and region."""

    def __init__(self, place: Place, client: Client, report: Report) -> None:
        self.quota = Quota()
        self._client = client
        self._report = report
        collections = Collections(f"arn:aws:rekognition:{place.region}:{place.account}:")
        videos = Videos(client, self.quota, report.fault)
        self._answers: dict[str, Answer] = {
            **{name: partial(self._one_image, detect) for name, detect in DETECTIONS.items()},
            **{f"Start{analysis}": partial(videos.start, analysis) for analysis in FINDINGS},
            **{f"Get{analysis}": partial(videos.get, analysis) for analysis in FINDINGS},
            "CompareFaces": self._compare,
            "CreateCollection": collections.create,
            "DeleteCollection": collections.delete,
            "DeleteFaces": collections.forget,
            "DescribeCollection": collections.describe,
            "IndexFaces": partial(self._one_image, collections.index),
            "ListCollections": collections.list,
            "ListFaces": collections.faces,
            "ListTagsForResource": collections.tags,
            "SearchFaces": collections.search,
            "SearchFacesByImage": partial(self._one_image, collections.search_by_image),
            "TagResource": collections.tag,
            "UntagResource": collections.untag,
        }

    def answer(self, operation: str, body: bytes) -> tuple[HTTPStatus, Json]:
        """The answer to one request; raise UnknownOperationError for what the local AWS lacks."""
        if operation not in self._answers:
            raise UnknownOperationError(operation)
        try:
            self.quota.take(operation)
            asked = json.loads(body or b"{}")
            check(operation, asked)
            answer = self._answers[operation](asked)
        except RekognitionError as error:
            self._report.rekognition(operation, error.code)
            return error.status, {"__type": error.code, "message": error.message, "Message": error.message}
        self._report.rekognition(operation)
        return HTTPStatus.OK, answer

    def _one_image(self, look: Callable[[image.Picture, Json], Json], asked: Json) -> Json:
        return look(image.read(asked["Image"], self._client), asked)

    def _compare(self, asked: Json) -> Json:
        source, target = (image.read(asked[name], self._client) for name in ("SourceImage", "TargetImage"))
        return compare(source, target, asked)
