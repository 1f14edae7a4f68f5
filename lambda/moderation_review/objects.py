"""What the review does to objects in S3; every step can be done twice."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from moderation_review import tags
from moderation_review.content import MISSING, Content, Match
from moderation_review.copying import copy
from moderation_review.flagged import Flagged
from moderation_review.place import Place
from moderation_review.tags import Tags
from shared.fault import code_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

OTHER = frozenset({"PreconditionFailed", "412"})
FULL = "the object has ten tags already, so it is not marked"


class NotTheSameError(Exception):
    """A copy differs from its original; nothing is removed."""


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of the stage."""

    s3: "S3Client"

    def content(self, place: Place) -> Content | None:
        """What lies there."""
        return Content.at(self.s3, place)

    def flagged(self, flagged: Flagged) -> Content | None:
        """The very content that was flagged; None where it was deleted or overwritten."""
        found = self.content(flagged.place)
        return found if found and found.version == flagged.thing.version else None

    def lies(self, flagged: Flagged) -> bool:
        """Whether the flagged content is what lies at its key: nothing newer, and no delete marker."""
        newest = self.content(flagged.key)
        return newest is not None and newest.version == flagged.thing.version

    def tags(self, place: Place) -> dict[str, str]:
        """The object's tags."""
        answer = self.s3.get_object_tagging(**cast("Any", place.named))
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def mark(self, place: Place, **marks: str) -> tuple[dict[str, str], str | None]:
        """Add marks to the object's tags; gives the tags as they are then, and why they have no marks if so."""
        before = self.tags(place)
        try:
            after = tags.marked(before, **marks)
        except tags.FullError:
            return before, FULL
        self._put_tags(place, before, after)
        return after, None

    def unmark(self, place: Place) -> None:
        """Let the tags say that the object was approved."""
        before = self.tags(place)
        self._put_tags(place, before, tags.released(before))

    def hold(self, place: Place, content: Content, held: Place, marks: Tags) -> Match:
        """Copy an object into quarantine; says by what the copy is known to be the same."""
        copy(self.s3, place, content, held, marks)
        there = self.content(held)
        match = content.match(there) if there else None
        if not match:
            message = f"the copy at {held.uri} is not the object that was flagged"
            raise NotTheSameError(message)
        return match

    def remove(self, flagged: Flagged, content: Content) -> bool:
        """Take the flagged content away from its key, where it is what lies there.

        A versioned bucket gets a delete marker: the version itself stays until the bucket's lifecycle ends it. S3
        compares the ETag and deletes in one step, so nothing newer can be hit:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
        """
        return self.lies(flagged) and self._delete(flagged.key, content.etag)

    def restore(self, held: Place, there: Content, back: Place) -> Content | None:
        """Copy an object back from quarantine to its free key; None where something else lies there.

        Raises:
            ClientError: PreconditionFailed where the key was taken meanwhile.
        """
        newest = self.content(back)
        if newest is None:
            version = copy(self.s3, held, there, back, tags.released(self.tags(held)), if_free=True)
            newest = self.content(Place(back.bucket, back.key, None if version == "null" else version))
        sure = newest and newest.match(there) in {Match.CHECKSUM, Match.ETAG}
        return newest if sure else None

    def drop(self, held: Place, there: Content) -> None:
        """Delete a copy in quarantine whose original is back."""
        self._delete(held, there.etag)

    def _delete(self, place: Place, etag: str) -> bool:
        try:
            self.s3.delete_object(**cast("Any", place.named), IfMatch=f'"{etag}"')
        except ClientError as error:
            if code_of(error) in MISSING | OTHER:
                return False
            raise
        return True

    def _put_tags(self, place: Place, before: Tags, after: Tags) -> None:
        if after != before:
            tag_set = [{"Key": key, "Value": value} for key, value in after.items()]
            self.s3.put_object_tagging(**cast("Any", {**place.named, "Tagging": {"TagSet": tag_set}}))
