"""Collections and the faces in them: the one part of Rekognition that remembers."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import RLock
from typing import Any

from mlstack.local.rekognition import detection
from mlstack.local.rekognition.face import MODEL, Face, indexed, matches
from mlstack.local.rekognition.failure import Code, RekognitionError
from mlstack.local.rekognition.image import Picture
from mlstack.local.rekognition.page import page

Json = dict[str, Any]

LARGEST_PAGE = 4096
NO_FACES = "There are no faces in the image. Should be at least 1."


@dataclass(slots=True)
class Collection:
    """The faces of one collection by their id."""

    name: str
    arn: str
    created: float
    tags: dict[str, str]
    faces: dict[str, Face] = field(default_factory=dict)


class Collections:
    """Every collection; safe to use from many threads."""

    def __init__(self, arn_prefix: str) -> None:
        self._arn_prefix = arn_prefix
        self._collections: dict[str, Collection] = {}
        self._lock = RLock()

    def create(self, asked: Json) -> Json:
        """CreateCollection."""
        name, arn = asked["CollectionId"], f"{self._arn_prefix}collection/{asked['CollectionId']}"
        with self._lock:
            if name in self._collections:
                message = f"The collection id: {name} already exists"
                raise RekognitionError(Code.RESOURCE_ALREADY_EXISTS, message)
            self._collections[name] = Collection(name, arn, time.time(), dict(asked.get("Tags", {})))
        return {"StatusCode": HTTPStatus.OK, "CollectionArn": arn, "FaceModelVersion": MODEL}

    def describe(self, asked: Json) -> Json:
        """DescribeCollection."""
        found = self._find(asked["CollectionId"])
        return {
            "FaceCount": len(found.faces),
            "FaceModelVersion": MODEL,
            "CollectionARN": found.arn,
            "CreationTimestamp": found.created,
            "UserCount": 0,
        }

    def list(self, asked: Json) -> Json:
        """ListCollections."""
        names, token = page(
            sorted(self._collections), asked.get("MaxResults", LARGEST_PAGE), asked.get("NextToken"), "collections"
        )
        return {"CollectionIds": names, "FaceModelVersions": [MODEL] * len(names), **_next(token)}

    def delete(self, asked: Json) -> Json:
        """DeleteCollection, with every face in it."""
        with self._lock:
            del self._collections[self._find(asked["CollectionId"]).name]
        return {"StatusCode": HTTPStatus.OK}

    def tags(self, asked: Json) -> Json:
        """ListTagsForResource."""
        return {"Tags": dict(self._named(asked["ResourceArn"]).tags)}

    def tag(self, asked: Json) -> Json:
        """TagResource."""
        self._named(asked["ResourceArn"]).tags.update(asked["Tags"])
        return {}

    def untag(self, asked: Json) -> Json:
        """UntagResource."""
        tags = self._named(asked["ResourceArn"]).tags
        for name in asked["TagKeys"]:
            tags.pop(name, None)
        return {}

    def index(self, picture: Picture, asked: Json) -> Json:
        """IndexFaces: the same image under the same name gives the same faces again, without another entry."""
        found = self._find(asked["CollectionId"])
        kept = min(picture.faces, asked.get("MaxFaces") or picture.faces)
        attributes = asked.get("DetectionAttributes") or ["DEFAULT"]
        details = [detection.face(number, attributes) for number in range(picture.faces)]
        records = []
        for number, detail in enumerate(details[:kept]):
            made = indexed(found.arn, picture.digest, asked.get("ExternalImageId"), number, detail)
            with self._lock:
                found.faces.setdefault(made.FaceId, made)
            records.append({"Face": made.told(), "FaceDetail": detail})
        beyond = [{"Reasons": ["EXCEEDS_MAX_FACES"], "FaceDetail": detail} for detail in details[kept:]]
        return {"FaceRecords": records, "FaceModelVersion": MODEL, "UnindexedFaces": beyond}

    def search_by_image(self, picture: Picture, asked: Json) -> Json:
        """SearchFacesByImage: the largest face of the image among those that came from the very same bytes."""
        found = self._find(asked["CollectionId"])
        if not picture.faces:
            raise RekognitionError(Code.INVALID_PARAMETER, NO_FACES)
        searched = detection.face(0, ["DEFAULT"])
        same = [face for face in self._all(found) if (face.digest, face.number) == (picture.digest, 0)]
        return {
            "SearchedFaceBoundingBox": searched["BoundingBox"],
            "SearchedFaceConfidence": searched["Confidence"],
            "FaceMatches": matches(same, asked),
            "FaceModelVersion": MODEL,
        }

    def search(self, asked: Json) -> Json:
        """SearchFaces: the other entries of the same face."""
        found = self._find(asked["CollectionId"])
        face = found.faces.get(asked["FaceId"])
        if face is None:
            message = f"faceId {asked['FaceId']} was not found in the collection"
            raise RekognitionError(Code.INVALID_PARAMETER, message)
        same = [
            other
            for other in self._all(found)
            if (other.digest, other.number) == (face.digest, face.number) and other != face
        ]
        return {"SearchedFaceId": face.FaceId, "FaceMatches": matches(same, asked), "FaceModelVersion": MODEL}

    def faces(self, asked: Json) -> Json:
        """ListFaces."""
        found = self._find(asked["CollectionId"])
        chosen = [face for face in self._all(found) if face.FaceId in asked.get("FaceIds", [face.FaceId])]
        some, token = page(chosen, asked.get("MaxResults", LARGEST_PAGE), asked.get("NextToken"), found.arn)
        return {"Faces": [face.told() for face in some], "FaceModelVersion": MODEL, **_next(token)}

    def forget(self, asked: Json) -> Json:
        """DeleteFaces."""
        found = self._find(asked["CollectionId"])
        with self._lock:
            gone = [name for name in asked["FaceIds"] if found.faces.pop(name, None)]
        missing = [name for name in asked["FaceIds"] if name not in gone]
        return {
            "DeletedFaces": gone,
            "UnsuccessfulFaceDeletions": [{"FaceId": name, "Reasons": ["FACE_NOT_FOUND"]} for name in missing],
        }

    def _all(self, collection: Collection) -> Iterable[Face]:
        with self._lock:
            return tuple(collection.faces.values())

    def _find(self, name: str) -> Collection:
        found = self._collections.get(name)
        if found is None:
            raise RekognitionError(Code.RESOURCE_NOT_FOUND, f"The collection id: {name} does not exist")
        return found

    def _named(self, arn: str) -> Collection:
        for found in tuple(self._collections.values()):
            if found.arn == arn:
                return found
        raise RekognitionError(Code.RESOURCE_NOT_FOUND, f"The resource {arn} does not exist")


def _next(token: str | None) -> Json:
    return {"NextToken": token} if token else {}
