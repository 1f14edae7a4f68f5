"""The catalogue of image analyses: the one place that says what each asks of Rekognition and what its answer names.

The stacks read it for permissions and quotas, the functions for their calls, the command line for prices. An analysis
is added by one entry in ANALYSES and, where it has settings of its own, by one table of the profile.

Sources: https://docs.aws.amazon.com/rekognition/latest/APIReference/, .../dg/limits.html and
https://docs.aws.amazon.com/general/latest/gr/rekognition.html (November 2026).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared import answers
from shared.answers import Named, Placed, Response

Options = Mapping[str, Any]
"""An analysis's table of the profile, and for faces of known people the collection."""
PERSON = re.compile(r"[a-zA-Z0-9_.\-:]{1,255}")
"""What Rekognition takes as ExternalImageId."""
FAST_REGIONS = frozenset({"us-east-1", "us-west-2", "eu-west-1"})


@dataclass(frozen=True, slots=True)
class Quota:
    """AWS's default calls per second of one API."""

    fast: float
    """In FAST_REGIONS."""
    elsewhere: float

    def of(self, region: str) -> float:
        """The calls per second of one region."""
        return self.fast if region in FAST_REGIONS else self.elsewhere


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """One way to look at an image."""

    purpose: str
    operation: str
    """The API's name, as IAM, CloudWatch and botocore write it."""
    request: Callable[[Options], dict[str, Any]]
    """Every parameter but the image."""
    names: Callable[[Response], Named]
    """What an answer names: this is recorded."""
    places: Callable[[Response], Placed] | None = None
    """Where it saw some of that: this is drawn."""
    quota: Quota
    price_group: int | None
    """1 or 2 of Rekognition's price list; None where it bills by the hour that a model runs."""
    least_pixels: int = 80
    most_pixels: int | None = None
    """On each side; None where AWS documents no limit."""
    target: str | None = None
    """The option that holds the resource it acts on, such as the collection; None where IAM knows no resource."""
    nothing: tuple[str, str] | None = None
    """The error code and a part of its message by which AWS says that there is nothing to find."""


def _labels(options: Options) -> dict[str, Any]:
    features = ["GENERAL_LABELS", "IMAGE_PROPERTIES"] if options["image_properties"] else ["GENERAL_LABELS"]
    return {"MaxLabels": options["max_labels"], "MinConfidence": options["min_confidence"], "Features": features}


def _equipment(options: Options) -> dict[str, Any]:
    summary = {"MinConfidence": options["min_confidence"], "RequiredEquipmentTypes": list(options["required"])}
    return {"SummarizationAttributes": summary}


def _search(options: Options) -> dict[str, Any]:
    return {"CollectionId": options["collection"], "FaceMatchThreshold": options["min_similarity"]}


def _enrol(options: Options) -> dict[str, Any]:
    chosen = {"CollectionId": options["collection"], "ExternalImageId": options["person"]}
    return chosen | {"MaxFaces": 1, "QualityFilter": "AUTO"}


ANALYSES: Mapping[str, Analysis] = {
    "labels": Analysis(
        purpose="objects, scenes and activities; dominant colours and sharpness if asked",
        operation="DetectLabels",
        request=_labels,
        names=answers.labels,
        places=answers.label_places,
        quota=Quota(50, 5),
        price_group=2,
        most_pixels=10_000,
    ),
    "faces": Analysis(
        purpose="faces with their attributes, nobody's name",
        operation="DetectFaces",
        request=lambda options: {"Attributes": [options["attributes"].upper()]},
        names=answers.faces,
        places=answers.face_places,
        quota=Quota(100, 25),
        price_group=2,
    ),
    "moderation": Analysis(
        purpose="content that may offend",
        operation="DetectModerationLabels",
        request=lambda options: {"MinConfidence": options["min_confidence"]},
        names=answers.moderation,
        quota=Quota(50, 5),
        price_group=2,
        most_pixels=10_000,
    ),
    "text": Analysis(
        purpose="lines of text in a scene",
        operation="DetectText",
        request=lambda options: {"Filters": {"WordFilter": {"MinConfidence": options["min_confidence"]}}},
        names=answers.lines,
        places=answers.line_places,
        quota=Quota(50, 5),
        price_group=2,
    ),
    "celebrities": Analysis(
        purpose="well-known people",
        operation="RecognizeCelebrities",
        request=lambda _: {},
        names=answers.celebrities,
        places=answers.celebrity_places,
        quota=Quota(50, 5),
        price_group=2,
    ),
    "protective_equipment": Analysis(
        purpose="face covers, hand covers and head covers on people",
        operation="DetectProtectiveEquipment",
        request=_equipment,
        names=answers.equipment,
        places=answers.equipment_places,
        quota=Quota(5, 5),
        price_group=2,
        least_pixels=64,
        most_pixels=4096,
    ),
    "custom_labels": Analysis(
        purpose="the labels of a model that you trained",
        operation="DetectCustomLabels",
        request=lambda options: {
            "ProjectVersionArn": options["project_version"],
            "MinConfidence": options["min_confidence"],
        },
        names=answers.custom_labels,
        places=answers.custom_label_places,
        quota=Quota(50, 50),
        price_group=None,
        target="project_version",
    ),
    "people": Analysis(
        purpose="the largest face, searched in the stage's collection",
        operation="SearchFacesByImage",
        request=_search,
        names=answers.people,
        places=answers.person_places,
        quota=Quota(50, 5),
        price_group=1,
        target="collection",
        nothing=("InvalidParameterException", "no faces"),
    ),
    "enrolment": Analysis(
        purpose="the largest face, added to the stage's collection under the name of its folder",
        operation="IndexFaces",
        request=_enrol,
        names=answers.enrolled,
        places=answers.enrolled_places,
        quota=Quota(50, 5),
        price_group=1,
        target="collection",
    ),
}

ENROLMENT = "enrolment"
WITH_COLLECTION = frozenset(name for name, one in ANALYSES.items() if one.target == "collection")
Routes = Mapping[str, tuple[str, ...]]
"""Which analyses the images under each key prefix get; an object gets those of every prefix that it lies under."""


def wanted(routes: Routes, key: str) -> tuple[str, ...]:
    """The analyses of one object, in the catalogue's order."""
    names = {name for prefix, chosen in routes.items() if key.startswith(prefix) for name in chosen}
    return tuple(name for name in ANALYSES if name in names)


def person_of(routes: Routes, key: str) -> str | None:
    """Whose face an object enrols: the first folder under its enrolment prefix; None where that is no name."""
    for prefix in sorted(routes, key=len, reverse=True):
        if ENROLMENT in routes[prefix] and key.startswith(prefix):
            person, slash, _ = key.removeprefix(prefix).partition("/")
            return person if slash and PERSON.fullmatch(person) else None
    return None
