"""Where an object lies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A key of a bucket, and a version of it where one is meant."""

    bucket: str
    key: str
    version_id: str | None = None

    @property
    def uri(self) -> str:
        """The S3 URI, without the version."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def named(self) -> dict[str, str]:
        """The place as S3's operations take it, a copy's source included."""
        place = {"Bucket": self.bucket, "Key": self.key}
        return place | ({"VersionId": self.version_id} if self.version_id else {})
