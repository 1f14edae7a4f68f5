"""How Rekognition's answers about an image are read: what each names, and where it saw that.

Shapes: https://docs.aws.amazon.com/rekognition/latest/APIReference/. What an answer lacks raises KeyError.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Response = Mapping[str, Any]
Named = Iterator[tuple[str, float]]
"""Names, each with its confidence in percent; a name may come several times."""
Placed = Iterator[tuple[str, float, Mapping[str, Any]]]
"""The same with a BoundingBox, in fractions of the upright picture's width and height."""


def labels(response: Response) -> Named:
    """Every label once, with or without instances."""
    return ((one["Name"], one["Confidence"]) for one in response["Labels"])


def label_places(response: Response) -> Placed:
    """Every instance that has a place."""
    for label in response["Labels"]:
        for one in label.get("Instances", ()):
            if "BoundingBox" in one:
                yield label["Name"], one.get("Confidence", label["Confidence"]), one["BoundingBox"]


def faces(response: Response) -> Named:
    """Every face, and its likeliest emotion where these were asked for."""
    for face in response["FaceDetails"]:
        yield "Face", face["Confidence"]
        yield from ((one["Type"].capitalize(), one["Confidence"]) for one in face.get("Emotions", ())[:1])


def face_places(response: Response) -> Placed:
    """Every face."""
    return (("Face", face["Confidence"], face["BoundingBox"]) for face in response["FaceDetails"])


def moderation(response: Response) -> Named:
    """Every label, the general and the particular ones."""
    return ((one["Name"], one["Confidence"]) for one in response["ModerationLabels"])


def _lines(response: Response) -> Iterator[Mapping[str, Any]]:
    return (one for one in response["TextDetections"] if one["Type"] == "LINE")


def lines(response: Response) -> Named:
    """Every line of text; its words come again on their own and are left out."""
    return ((one["DetectedText"], one["Confidence"]) for one in _lines(response))


def line_places(response: Response) -> Placed:
    """Every line of text."""
    found = (one for one in _lines(response) if "BoundingBox" in one.get("Geometry", {}))
    return ((one["DetectedText"], one["Confidence"], one["Geometry"]["BoundingBox"]) for one in found)


def celebrities(response: Response) -> Named:
    """Every well-known face."""
    return ((one["Name"], one["MatchConfidence"]) for one in response["CelebrityFaces"])


def celebrity_places(response: Response) -> Placed:
    """Every well-known face."""
    found = response["CelebrityFaces"]
    return ((one["Name"], one["MatchConfidence"], one["Face"]["BoundingBox"]) for one in found)


def _gear(response: Response) -> Iterator[Mapping[str, Any]]:
    for person in response["Persons"]:
        for part in person.get("BodyParts", ()):
            yield from part.get("EquipmentDetections", ())


def equipment(response: Response) -> Named:
    """Every piece that somebody wears."""
    return ((one["Type"], one["Confidence"]) for one in _gear(response))


def equipment_places(response: Response) -> Placed:
    """Every piece that somebody wears."""
    return ((one["Type"], one["Confidence"], one["BoundingBox"]) for one in _gear(response) if "BoundingBox" in one)


def custom_labels(response: Response) -> Named:
    """Every label of the model."""
    return ((one["Name"], one["Confidence"]) for one in response["CustomLabels"])


def custom_label_places(response: Response) -> Placed:
    """Every label that has a place: a model finds either objects or whole scenes."""
    found = (one for one in response["CustomLabels"] if "BoundingBox" in one.get("Geometry", {}))
    return ((one["Name"], one["Confidence"], one["Geometry"]["BoundingBox"]) for one in found)


def _known(response: Response) -> Iterator[Mapping[str, Any]]:
    return (one for one in response["FaceMatches"] if "ExternalImageId" in one["Face"])


def people(response: Response) -> Named:
    """Everybody whom the largest face resembles enough."""
    return ((one["Face"]["ExternalImageId"], one["Similarity"]) for one in _known(response))


def person_places(response: Response) -> Placed:
    """The most similar one, who comes first: only one face was searched for."""
    for one in list(_known(response))[:1]:
        yield one["Face"]["ExternalImageId"], one["Similarity"], response["SearchedFaceBoundingBox"]


def _added(response: Response) -> Iterator[Mapping[str, Any]]:
    return (one["Face"] for one in response["FaceRecords"])


def enrolled(response: Response) -> Named:
    """Whose face was added."""
    return ((face["ExternalImageId"], face["Confidence"]) for face in _added(response))


def enrolled_places(response: Response) -> Placed:
    """Where that face is."""
    return ((face["ExternalImageId"], face["Confidence"], face["BoundingBox"]) for face in _added(response))
