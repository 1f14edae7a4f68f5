"""What Rekognition finds in one image: the examples, narrowed by what the request asks for."""

from collections.abc import Callable, Iterable
from typing import Any

from mlstack.local.rekognition import example
from mlstack.local.rekognition.image import Picture

Json = dict[str, Any]

LEAST_FOR_LABELS = 55.0
LEAST_FOR_MODERATION = 50.0
LABEL_MODEL = "3.0"


def sure(found: Iterable[Json], least: float) -> list[Json]:
    """What Rekognition is at least so sure of."""
    return [one for one in found if one["Confidence"] >= least]


def labels(picture: Picture, asked: Json) -> Json:
    """DetectLabels: one label with a box, two without."""
    del picture
    settings = asked.get("Settings", {}).get("GeneralLabels", {})
    found = [one for one in all_labels() if _wanted(one, settings)]
    features = asked.get("Features", ["GENERAL_LABELS"])
    answer: Json = {"LabelModelVersion": LABEL_MODEL, "Labels": []}
    if "GENERAL_LABELS" in features:
        answer["Labels"] = sure(found, asked.get("MinConfidence", LEAST_FOR_LABELS))[: asked.get("MaxLabels")]
    if "IMAGE_PROPERTIES" in features:
        answer["ImageProperties"] = example.of_guide("DetectLabels")["ImageProperties"]["ImageProperties"]
    return answer


def all_labels() -> list[Json]:
    """Every label there is here, the surest first."""
    bare = [
        {**one, "Instances": [], "Parents": [], "Aliases": [], "Categories": []}
        for one in example.of_botocore("DetectLabels")["Labels"]
    ]
    return sorted([example.of_guide("DetectLabels")["Label"], *bare], key=lambda one: -one["Confidence"])


def _wanted(label: Json, settings: Json) -> bool:
    categories = {category["Name"] for category in label["Categories"]}
    names, kinds = settings.get("LabelInclusionFilters", []), settings.get("LabelCategoryInclusionFilters", [])
    included = not (names or kinds) or label["Name"] in names or bool(categories & set(kinds))
    refused = label["Name"] in settings.get("LabelExclusionFilters", [])
    return included and not refused and not categories & set(settings.get("LabelCategoryExclusionFilters", []))


def faces(picture: Picture, asked: Json) -> Json:
    """DetectFaces: as many faces as the image shows."""
    attributes = asked.get("Attributes") or ["DEFAULT"]
    return {"FaceDetails": [face(number, attributes) for number in range(picture.faces)]}


def face(number: int, attributes: Iterable[str]) -> Json:
    """One face; the second is beside the first."""
    detail: Json = example.of_botocore("DetectFaces")["FaceDetails"][0]
    detail["BoundingBox"]["Left"] -= 0.3 * number
    return {**detail, **example.of_guide("FaceAttributes")} if set(attributes) != {"DEFAULT"} else detail


def moderation_labels(picture: Picture, asked: Json) -> Json:
    """DetectModerationLabels: nothing, unless the image's key says that it shows something."""
    answer: Json = example.of_guide("DetectModerationLabels")
    least = asked.get("MinConfidence", LEAST_FOR_MODERATION)
    found = sure(answer["ModerationLabels"], least) if picture.unsafe else []
    return {**answer, "ModerationLabels": found, "ContentTypes": answer["ContentTypes"] if found else []}


def text(picture: Picture, asked: Json) -> Json:
    """DetectText: four lines and their words."""
    del picture
    answer: Json = example.of_guide("DetectText")
    least = asked.get("Filters", {}).get("WordFilter", {}).get("MinConfidence", 0)
    return {**answer, "TextDetections": sure(answer["TextDetections"], least)}


def celebrities(picture: Picture, asked: Json) -> Json:
    """RecognizeCelebrities: one, where the image shows a face."""
    del asked
    answer: Json = example.of_guide("RecognizeCelebrities")
    return answer if picture.faces else {**answer, "CelebrityFaces": []}


def protective_equipment(picture: Picture, asked: Json) -> Json:
    """DetectProtectiveEquipment: one person with face and head covered and bare hands, judged as asked."""
    del picture
    answer: Json = example.of_guide("DetectProtectiveEquipment")
    if "SummarizationAttributes" in asked:
        answer["Summary"] = _summary(answer["Persons"], asked["SummarizationAttributes"])
    return answer


def _summary(persons: list[Json], asked: Json) -> Json:
    least, required = asked["MinConfidence"], set(asked["RequiredEquipmentTypes"])
    worn = {
        person["Id"]: {
            found["Type"]
            for part in person["BodyParts"]
            for found in part["EquipmentDetections"]
            if found["CoversBodyPart"]["Value"] and found["Confidence"] >= least
        }
        for person in persons
    }
    return {
        "PersonsWithRequiredEquipment": [name for name, types in worn.items() if required <= types],
        "PersonsWithoutRequiredEquipment": [name for name, types in worn.items() if not required <= types],
        "PersonsIndeterminate": [],
    }


def custom_labels(picture: Picture, asked: Json) -> Json:
    """DetectCustomLabels: the logo of the guide."""
    del picture
    found = sure(example.of_guide("DetectCustomLabels")["CustomLabels"], asked.get("MinConfidence", 0))
    return {"CustomLabels": found[: asked.get("MaxResults")]}


Detect = Callable[[Picture, Json], Json]
DETECTIONS: dict[str, Detect] = {
    "DetectCustomLabels": custom_labels,
    "DetectFaces": faces,
    "DetectLabels": labels,
    "DetectModerationLabels": moderation_labels,
    "DetectProtectiveEquipment": protective_equipment,
    "DetectText": text,
    "RecognizeCelebrities": celebrities,
}
"""What answers each operation on one image."""
