"""The stage's collection of faces."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from mlstack.errors import UserError
from mlstack.target import Target
from shared.analyses import PERSON

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

MOST_AT_ONCE = 4096
"""What one call of DeleteFaces or ListFaces takes."""
NOBODY = ""
"""A face without an ExternalImageId, which something else put there."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face vector."""

    number: str
    """Rekognition's FaceId."""
    person: str


@dataclass(frozen=True, slots=True)
class Collection:
    """The faces that a stage knows."""

    rekognition: "RekognitionClient"
    name: str

    @classmethod
    def find(cls, target: Target) -> "Collection":
        """Find it by the vision stack's outputs; raise UserError where the stage has none."""
        name = target.outputs("Vision").get("CollectionId")
        if not name:
            message = (
                f"{target.shown} knows no faces; give a prefix of [vision.images] the analysis "
                '"enrolment" or "people" in its profile, and deploy it'
            )
            raise UserError(message)
        return cls(target.account.client("rekognition"), name)

    def faces(self) -> Iterator[Face]:
        """Every face in it."""
        for page in self.rekognition.get_paginator("list_faces").paginate(CollectionId=self.name):
            yield from (Face(one["FaceId"], one.get("ExternalImageId", NOBODY)) for one in page["Faces"])

    def people(self) -> Counter[str]:
        """How many faces each person has."""
        return Counter(face.person for face in self.faces())

    def forget(self, faces: Sequence[Face]) -> dict[str, str]:
        """Delete faces; gives the numbers of those that were not deleted, with why."""
        left: dict[str, str] = {}
        for first in range(0, len(faces), MOST_AT_ONCE):
            numbers = [face.number for face in faces[first : first + MOST_AT_ONCE]]
            answer: Mapping[str, Any] = self.rekognition.delete_faces(CollectionId=self.name, FaceIds=numbers)
            for one in answer.get("UnsuccessfulFaceDeletions", ()):
                reasons = one.get("Reasons", ())
                if "FACE_NOT_FOUND" not in reasons:
                    left[str(one["FaceId"])] = ", ".join(reasons) or "no reason given"
        return left


def person(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    """Refuse what Rekognition does not take as a person's name."""
    if not PERSON.fullmatch(name):
        message = f"{name!r} is no name that Rekognition takes: 1 to 255 letters (a to z), digits and . _ - :"
        raise click.BadParameter(message)
    return name
