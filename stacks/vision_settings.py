"""The profile's tables for layer 1: which analyses the objects under a prefix get, and how each is done."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from shared.analyses import ANALYSES, WITH_COLLECTION
from stacks import values
from stacks.rules import RuleError, Settings

LARGEST_ROUTES = 1000
"""In letters: a function's environment has 4 KB, and a rule's event pattern 2,048 letters."""


class Labels(Settings):
    """Objects, scenes and activities."""

    min_confidence: values.Percent = 70.0
    """The least confidence of a label that is kept, in percent."""
    max_labels: Annotated[int, Field(ge=1, le=1000)] = 25
    """The most labels of one image."""
    image_properties: bool = False
    """Whether dominant colours, sharpness and contrast are found too; billed beside the labels."""


class Faces(Settings):
    """Faces and their attributes."""

    attributes: Literal["default", "all"] = "default"
    """default: box, landmarks, pose and quality; all: age range, emotions, glasses and more as well."""


class Moderation(Settings):
    """Content that may offend, and what is done about it."""

    min_confidence: values.Percent = 50.0
    """The least confidence of a moderation label that is recorded, in percent."""
    act_at: values.Percent = 80.0
    """The confidence from which something is done about the object, in percent."""
    action: Literal["record", "tag", "quarantine"] = "tag"
    """record: the result alone; tag: the object is tagged too; quarantine: it is also moved to a bucket of its own."""
    review: bool = False
    """Whether a person decides about each flagged object, by `mlstack vision review`."""
    review_days: Annotated[int, Field(ge=1, le=360)] = 14
    """How long a decision is waited for; after that the object stays as it is, tagged or in quarantine."""

    @model_validator(mode="after")
    def _acts_on_what_is_found(self) -> Self:
        if self.act_at < self.min_confidence:
            reason = f"must be at least min_confidence ({self.min_confidence:g}): less is never found"
            raise RuleError(reason, key="act_at", value=self.act_at)
        if self.review and self.action == "record":
            reason = 'must be "tag" or "quarantine" while review is true: what is only recorded needs no decision'
            raise RuleError(reason, key="action", value=self.action)
        return self


class Text(Settings):
    """Text in a scene."""

    min_confidence: values.Percent = 80.0
    """The least confidence of a word that is kept, in percent."""


class ProtectiveEquipment(Settings):
    """Face covers, hand covers and head covers on people."""

    min_confidence: values.Percent = 80.0
    """From which confidence a person counts as wearing it, in percent."""
    required: Annotated[
        tuple[Literal["FACE_COVER", "HAND_COVER", "HEAD_COVER"], ...], Field(strict=False), values.SOME, values.UNIQUE
    ] = ("HEAD_COVER",)
    """What everybody must wear; the summary names who does not."""


class CustomLabels(Settings):
    """The labels of a model that you trained."""

    project_version: values.ProjectVersion | None = None
    """The model's ARN; it must be running, which bills by the hour, and this project neither starts nor stops it."""
    min_confidence: values.Percent = 70.0
    """The least confidence of a label that is kept, in percent."""


class People(Settings):
    """Search of the largest face in the stage's collection."""

    min_similarity: values.Percent = 90.0
    """The least similarity of a match, in percent."""


class Vision(Settings):
    """Layer 1: what Rekognition finds in every image and video uploaded to the media bucket."""

    enabled: bool = True
    """Whether uploads are analysed."""
    images: Annotated[Mapping[values.Prefix, values.ImageAnalyses], Field(strict=False)] = {"photos/": ("labels",)}
    """Which analyses the images under each key prefix get; "" means every object. Each call is billed."""
    videos: Annotated[Mapping[values.Prefix, values.VideoAnalyses], Field(strict=False)] = {}
    """Which analyses the videos under each key prefix get. Each is billed by the minute of video."""
    video_jobs: Annotated[int, Field(ge=1, le=200)] = 20
    """The most video jobs at a time; 20 is what Rekognition gives an account."""
    max_concurrency: Annotated[int, Field(ge=2, le=1000)] = 5
    """The most functions that analyse at the same time; each makes one call after the other."""
    calls_per_second: Annotated[Mapping[values.ImageAnalysis, values.Rate], Field(strict=False)] = {}
    """The most calls per second of an analysis, if not the region's documented quota."""
    results_days: Annotated[int, Field(ge=0, le=3650)] = 0
    """How long results stay in the table, in days; 0 keeps them. The full answers in the results bucket stay."""
    backfill_buckets: Annotated[tuple[values.BucketName, ...], Field(strict=False, max_length=20), values.UNIQUE] = ()
    """Existing buckets that a backfill may read beside the media bucket."""
    alarms: bool = False
    """Whether CloudWatch watches the queues; $0.10 a month for each metric that an alarm needs (see README)."""
    alarm_email: values.Email | None = None
    """Who is told; the address must confirm once."""
    dashboard: bool = False
    """Whether CloudWatch shows the pipeline on a dashboard; $3 a month beyond the first three of an account."""
    labels: Labels = Labels()
    faces: Faces = Faces()
    moderation: Moderation = Moderation()
    text: Text = Text()
    protective_equipment: ProtectiveEquipment = ProtectiveEquipment()
    custom_labels: CustomLabels = CustomLabels()
    people: People = People()

    @property
    def analyses(self) -> tuple[str, ...]:
        """Every image analysis that some prefix gets, in the catalogue's order."""
        named = {name for names in self.images.values() for name in names}
        return tuple(name for name in ANALYSES if name in named)

    @property
    def needs_collection(self) -> bool:
        """Whether a collection of faces is needed."""
        return any(name in WITH_COLLECTION for name in self.analyses)

    @property
    def moderates(self) -> bool:
        """Whether something is done about flagged objects."""
        found = "moderation" in self.analyses or any("moderation" in names for names in self.videos.values())
        return found and self.moderation.action != "record"

    def options(self, analysis: str) -> dict[str, Any]:
        """The table of an analysis; empty for one without settings."""
        table = getattr(self, analysis, None)
        return table.model_dump(mode="json") if isinstance(table, Settings) else {}

    @model_validator(mode="after")
    def _something_is_analysed(self) -> Self:
        if self.enabled and not self.images and not self.videos:
            reason = 'must name a prefix and its analyses while vision.enabled is true, such as "photos/" = ["labels"]'
            raise RuleError(reason, key="images", value=dict(self.images))
        return self

    @model_validator(mode="after")
    def _images_and_videos_lie_apart(self) -> Self:
        for video in self.videos:
            for image in self.images:
                if video.startswith(image) or image.startswith(video):
                    reason = f"must not overlap with {image!r} of vision.images: every video would be refused there"
                    raise RuleError(reason, key="videos", value=video)
        return self

    @model_validator(mode="after")
    def _a_model_is_named(self) -> Self:
        if "custom_labels" in self.analyses and self.custom_labels.project_version is None:
            reason = "must name the model's ARN while vision.images asks for custom_labels"
            raise RuleError(reason, key="custom_labels.project_version", value=None)
        return self

    @model_validator(mode="after")
    def _routes_are_short(self) -> Self:
        routes = {**self.images, **self.videos}
        length = sum(len(prefix) + sum(len(name) + 4 for name in names) for prefix, names in routes.items())
        if length > LARGEST_ROUTES:
            reason = (
                f"must be fewer or shorter: all prefixes with their analyses take {length} of {LARGEST_ROUTES} letters"
            )
            raise RuleError(reason, key="images", value=len(self.images))
        return self

    @model_validator(mode="after")
    def _someone_is_told_something(self) -> Self:
        if self.alarm_email and not self.alarms:
            reason = "must be left out while vision.alarms is false: nobody would ever write to it"
            raise RuleError(reason, key="alarm_email", value=self.alarm_email)
        return self
