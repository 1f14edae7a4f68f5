"""Rekognition's answers: AWS's own examples where botocore has one, and answers in AWS's shapes for the rest."""

import copy
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import botocore

EXAMPLES = Path(botocore.__file__).parent / "data" / "rekognition" / "2016-06-27" / "examples-1.json"
BOX = {"Width": 0.5, "Height": 0.25, "Left": 0.0, "Top": 0.125}
Answer = dict[str, Any]

OWN: Mapping[str, Answer] = {
    "DetectModerationLabels": {
        "ModerationLabels": [
            {"Name": "Weapons", "Confidence": 91.5, "ParentName": "Violence", "TaxonomyLevel": 2},
            {"Name": "Violence", "Confidence": 91.5, "ParentName": "", "TaxonomyLevel": 1},
            {"Name": "Alcohol", "Confidence": 55.25, "ParentName": "", "TaxonomyLevel": 1},
        ],
        "ModerationModelVersion": "7.0",
        "ContentTypes": [],
    },
    "DetectText": {
        "TextDetections": [
            {"DetectedText": "Café 🦊", "Type": "LINE", "Id": 0, "Confidence": 99.5, "Geometry": {"BoundingBox": BOX}},
            {"DetectedText": "Café", "Type": "WORD", "Id": 1, "ParentId": 0, "Confidence": 99.75},
        ],
        "TextModelVersion": "3.0",
    },
    "RecognizeCelebrities": {
        "CelebrityFaces": [
            {"Name": "Ada Lovelace", "Id": "1", "MatchConfidence": 98.0, "Urls": [], "Face": {"BoundingBox": BOX}}
        ],
        "UnrecognizedFaces": [],
    },
    "DetectProtectiveEquipment": {
        "ProtectiveEquipmentModelVersion": "1.0",
        "Persons": [
            {
                "Id": 0,
                "Confidence": 99.0,
                "BodyParts": [
                    {
                        "Name": "HEAD",
                        "Confidence": 99.0,
                        "EquipmentDetections": [{"Type": "HEAD_COVER", "Confidence": 97.5, "BoundingBox": BOX}],
                    },
                    {"Name": "FACE", "Confidence": 98.0, "EquipmentDetections": []},
                ],
            },
            {"Id": 1, "Confidence": 88.0},
        ],
        "Summary": {"PersonsWithRequiredEquipment": [0], "PersonsWithoutRequiredEquipment": [1]},
    },
    "DetectCustomLabels": {"CustomLabels": [{"Name": "our part 7", "Confidence": 93.0, "Geometry": {}}]},
}
NAMED: Mapping[str, list[tuple[str, float]]] = {
    "labels": [("People", 99.25072479248047), ("Person", 99.25074005126953)],
    "faces": [("Face", 100)],
    "moderation": [("Weapons", 91.5), ("Violence", 91.5), ("Alcohol", 55.25)],
    "text": [("Café 🦊", 99.5)],
    "celebrities": [("Ada Lovelace", 98.0)],
    "protective_equipment": [("HEAD_COVER", 97.5)],
    "custom_labels": [("our part 7", 93.0)],
    "people": [("alice", 99.97036743164062)],
    "enrolment": [("alice", 99.9991226196289)],
}
"""What each analysis finds in these answers."""


@cache
def _examples() -> Mapping[str, Any]:
    examples: Mapping[str, Any] = json.loads(EXAMPLES.read_text())["examples"]
    return {operation: cases[0]["output"] for operation, cases in examples.items() if cases}


@cache
def _answer(operation: str) -> Answer:
    answer = copy.deepcopy(OWN.get(operation) or _examples()[operation])
    if operation == "SearchFacesByImage":  # AWS's example knows no ExternalImageId
        answer["FaceMatches"][0]["Face"]["ExternalImageId"] = "alice"
    return answer


def answer(operation: str, asked: Mapping[str, Any]) -> Answer:
    """What Rekognition answers to one request."""
    answered = copy.deepcopy(_answer(operation))
    if operation == "IndexFaces":
        del answered["FaceRecords"][asked["MaxFaces"] :]
        for record in answered["FaceRecords"]:
            record["Face"]["ExternalImageId"] = asked["ExternalImageId"]
    return answered
