"""What a backfill must know of the stage that it fills."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.vision.backfill.objects import Place
from shared.analyses import ANALYSES, Routes
from shared.video_analyses import wanted_of_video


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A deployed vision stack with a backfill."""

    target: Target
    results_bucket: str
    state_machine: str
    routes: Routes
    videos: Routes
    """Which analyses the videos under each prefix get as they are uploaded; a backfill takes none."""
    buckets: tuple[str, ...]
    """Those that a backfill may read, the media bucket first."""
    calls_per_second: Mapping[str, float]
    """At most, by analysis."""
    image_properties: bool
    """Whether an analysis of labels asks for image properties too, which bills on top."""

    @classmethod
    def find(cls, target: Target) -> "Stage":
        """Find it by its outputs; raise UserError where the stage is not deployed, or has no backfill."""
        outputs = target.outputs("Vision")
        if "BackfillStateMachineArn" not in outputs:
            message = f"{target.shown} has no backfill yet; deploy it once more"
            raise UserError(message)
        return cls(
            target=target,
            results_bucket=outputs["ResultsBucketName"],
            state_machine=outputs["BackfillStateMachineArn"],
            routes={prefix: tuple(names) for prefix, names in _read(outputs, "Routes", "{}").items()},
            videos={prefix: tuple(names) for prefix, names in _read(outputs, "VideoRoutes", "{}").items()},
            buckets=(outputs["MediaBucketName"], *_read(outputs, "BackfillBuckets", "[]")),
            calls_per_second=_read(outputs, "CallsPerSecond", "{}"),
            image_properties=_read(outputs, "ImageProperties", "false"),
        )

    @property
    def enabled(self) -> tuple[str, ...]:
        """Every analysis that some route has, in the catalogue's order."""
        names = {name for chosen in self.routes.values() for name in chosen}
        return tuple(name for name in ANALYSES if name in names)

    def analyses(self, text: str | None) -> tuple[str, ...] | None:
        """The analyses that a person names with commas between; None for none; raise UserError where one is not on."""
        if text is None:
            return None
        names = {name.strip() for name in text.split(",")} - {""}
        if not names or names - set(self.enabled):
            unknown = ", ".join(sorted(names - set(self.enabled))) or "nothing"
            message = f"--analyses names {unknown}; {self.target.shown} has {', '.join(self.enabled) or 'none'}"
            raise UserError(message)
        return tuple(name for name in self.enabled if name in names)

    @property
    def media_bucket(self) -> str:
        """Where uploads go; the stage reads there under its routes alone."""
        return self.buckets[0]

    def allow(self, there: Place) -> None:
        """Raise UserError where the stage may not read, or Rekognition would not, or where videos alone lie."""
        bucket = there.bucket
        if bucket not in self.buckets:
            message = (
                f"the stage may not read bucket {bucket}, only {', '.join(self.buckets)}; "
                "add it to backfill_buckets under [vision] in the profile and deploy"
            )
            raise UserError(message)
        s3 = self.target.account.client("s3")
        try:
            region = s3.head_bucket(Bucket=bucket).get("BucketRegion")
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in {"404", "NoSuchBucket"}:
                raise
            message = f"there is no bucket {bucket}; name one that the stage reads: {', '.join(self.buckets)}"
            raise UserError(message) from error
        if region and region != s3.meta.region_name:
            message = (
                f"bucket {bucket} lies in {region}; Rekognition reads in its own region, {s3.meta.region_name}, alone"
            )
            raise UserError(message)
        images_below = any(prefix.startswith(there.path) for prefix in self.routes)
        if bucket == self.media_bucket and wanted_of_video(self.videos, there.path) and not images_below:
            message = (
                f"{there.path} is a route of videos, and a backfill takes images alone; "
                "videos are analysed when they are uploaded, as by `mlstack vision analyse`"
            )
            raise UserError(message)


def _read(outputs: Mapping[str, str], name: str, otherwise: str) -> Any:  # noqa: ANN401 - each output has its own form
    return json.loads(outputs.get(name, otherwise))
