"""A Rekognition with one collection, in the place of AWS behind a real client."""

import json
from collections.abc import Mapping
from typing import Any, Self

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.validate import ParamValidator

Json = dict[str, Any]


class Rekognition:
    """Answers a client's calls; botocore has checked each request by then, and each answer is checked here."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 (boto3 makes its clients' types at run time)
        self.client = client
        self.faces: dict[str, str] = {}
        """The person of each face."""
        self.page = 4096
        self.stubborn: dict[str, str] = {}
        """Faces that are not deleted, and why."""
        self.matches: list[tuple[str | None, float]] = []
        self.error = ""
        self.calls: list[tuple[str, Json]] = []

    def add(self, person: str, count: int = 1) -> None:
        """Put faces of a person into the collection."""
        for _ in range(count):
            self.faces[f"00000000-0000-0000-0000-{len(self.calls):04}{len(self.faces):08}"] = person

    def __enter__(self) -> Self:
        """Answer from now on."""
        self.client.meta.events.register("before-call.rekognition", self.on_call)
        return self

    def __exit__(self, *_: object) -> None:
        """Let AWS answer again."""
        self.client.meta.events.unregister("before-call.rekognition", self.on_call)

    def on_call(self, model: Any, params: Mapping[str, Any], **_: object) -> tuple[AWSResponse, Json]:  # noqa: ANN401 (as above)
        """Answer one call."""
        asked = json.loads(params["body"])
        self.calls.append((model.name, asked))
        status = 400 if self.error else 200
        if self.error:
            answer: Json = {"Error": {"Code": self.error, "Message": "There are no faces in the image."}}
        else:
            answer = getattr(self, model.name)(asked)
            assert not ParamValidator().validate(answer, model.output_shape).has_errors()
        answer["ResponseMetadata"] = {"HTTPStatusCode": status}
        return AWSResponse("https://aws", status, HTTPHeaders(), None), answer

    def ListFaces(self, asked: Json) -> Json:  # noqa: N802 (AWS's name)
        first = int(asked.get("NextToken", 0))
        chosen = list(self.faces.items())[first : first + self.page]
        told = [{"FaceId": number} | ({"ExternalImageId": person} if person else {}) for number, person in chosen]
        more = {"NextToken": str(first + self.page)} if first + self.page < len(self.faces) else {}
        return {"Faces": told, "FaceModelVersion": "7.0"} | more

    def DeleteFaces(self, asked: Json) -> Json:  # noqa: N802 (AWS's name)
        kept = [number for number in asked["FaceIds"] if number in self.stubborn]
        gone = [number for number in asked["FaceIds"] if number in self.faces and number not in kept]
        self.faces = {number: person for number, person in self.faces.items() if number not in gone}
        self.faces = {
            number: who for number, who in self.faces.items() if self.stubborn.get(number) != "FACE_NOT_FOUND"
        }
        unsuccessful = [{"FaceId": number, "Reasons": [self.stubborn[number]]} for number in kept]
        return ({"DeletedFaces": gone} if gone else {}) | {"UnsuccessfulFaceDeletions": unsuccessful}

    def SearchFacesByImage(self, asked: Json) -> Json:  # noqa: N802 (AWS's name)
        found = [(name, alike) for name, alike in self.matches if alike >= asked["FaceMatchThreshold"]]
        told = [
            {"Similarity": alike, "Face": {"FaceId": "x"} | ({"ExternalImageId": name} if name else {})}
            for name, alike in found
        ]
        return {"SearchedFaceConfidence": 99.9, "FaceMatches": told, "FaceModelVersion": "7.0"}

    def CompareFaces(self, asked: Json) -> Json:  # noqa: N802 (AWS's name)
        found = [alike for _, alike in self.matches if alike >= asked["SimilarityThreshold"]]
        return {"FaceMatches": [{"Similarity": alike} for alike in found], "UnmatchedFaces": [{"Confidence": 99.0}]}
