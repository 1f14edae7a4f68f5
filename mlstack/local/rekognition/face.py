"""Faces as collections keep them, and which are alike: those of the very same image."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mlstack.local.rekognition import detection
from mlstack.local.rekognition.failure import Code, RekognitionError
from mlstack.local.rekognition.image import Picture

Json = dict[str, Any]

MODEL = "7.0"
SIMILARITY = 99.9
LEAST_SIMILARITY = 80.0


@dataclass(frozen=True, slots=True)
class Face:
    """A face that was indexed: which of the faces of which image."""

    FaceId: str
    ImageId: str
    ExternalImageId: str | None
    digest: str
    number: int
    box: Json
    confidence: float

    def told(self) -> Json:
        """The face as Rekognition tells it."""
        said = {name: value for name, value in asdict(self).items() if name[0].isupper() and value is not None}
        return {**said, "BoundingBox": self.box, "Confidence": self.confidence, "IndexFacesModelVersion": MODEL}


def compare(source: Picture, target: Picture, asked: Json) -> Json:
    """CompareFaces: alike where the bytes are."""
    if not source.faces or not target.faces:
        raise RekognitionError(Code.INVALID_PARAMETER, "Request has invalid parameters")
    found = detection.face(0, ["DEFAULT"])
    alike = source.digest == target.digest and asked.get("SimilarityThreshold", LEAST_SIMILARITY) <= SIMILARITY
    return {
        "SourceImageFace": {"BoundingBox": found["BoundingBox"], "Confidence": found["Confidence"]},
        "FaceMatches": [{"Similarity": SIMILARITY, "Face": found}] if alike else [],
        "UnmatchedFaces": [] if alike else [found],
    }


def indexed(arn: str, digest: str, external: str | None, number: int, detail: Json) -> Face:
    """A face of an image in a collection; the same again for the same image under the same name."""
    return Face(
        FaceId=str(uuid5(NAMESPACE_URL, f"{arn} {digest} {external} {number}")),
        ImageId=str(uuid5(NAMESPACE_URL, f"{arn} {digest}")),
        ExternalImageId=external,
        digest=digest,
        number=number,
        box=detail["BoundingBox"],
        confidence=detail["Confidence"],
    )


def matches(faces: Iterable[Face], asked: Json) -> list[Json]:
    """Faces as a search answers them; none where it asks for more likeness than there is."""
    if asked.get("FaceMatchThreshold", LEAST_SIMILARITY) > SIMILARITY:
        return []
    return [{"Similarity": SIMILARITY, "Face": face.told()} for face in faces][: asked.get("MaxFaces")]
