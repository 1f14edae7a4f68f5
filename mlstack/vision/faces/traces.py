"""Everything that a stage keeps of one person: faces, enrolment photos, what was found, and the answers behind it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlstack.target import Target
from mlstack.vision.faces.collection import Collection, Face
from mlstack.vision.results import INDEX, Results
from shared.analyses import ENROLMENT, WITH_COLLECTION
from shared.documents import Documents
from shared.findings import index_key
from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

FINAL = ("analysed", "refused", "failed")
Raw = Mapping[str, Any]
"""An item in DynamoDB's own notation."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one object, or one delete marker."""

    bucket: str
    key: str
    version_id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the results table."""

    object: str
    entry: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A record of somebody else's picture whose best findings name the person."""

    object: str
    version: str
    analysis: str


@dataclass(slots=True)
class Traces:
    """What was found."""

    faces: list[Face] = field(default_factory=list)
    photos: list[Version] = field(default_factory=list)
    entries: set[Entry] = field(default_factory=set)
    mentions: set[Mention] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)
    """S3 URIs: the full answers, and copies in quarantine."""

    def __bool__(self) -> bool:
        """Whether there is any."""
        return any((self.faces, self.photos, self.entries, self.mentions, self.documents))


@dataclass(frozen=True, kw_only=True, slots=True)
class Tracer:
    """Looks for a person in one stage."""

    person: str
    collection: Collection
    results: Results
    media: str
    documents: Documents
    """Where Rekognition's answers lie."""
    folders: Sequence[str]
    """Where the person's enrolment photos lie."""

    @classmethod
    def of(cls, target: Target, person: str) -> "Tracer":
        """The one of a deployed stage; raise UserError where it knows no faces."""
        collection, outputs = Collection.find(target), target.outputs("Vision")
        routes: dict[str, list[str]] = json.loads(outputs.get("Routes", "{}"))
        results = Results.find(target.account, target.stage)
        return cls(
            person=person,
            collection=collection,
            results=results,
            media=outputs["MediaBucketName"],
            documents=Documents(results.s3, outputs["ResultsBucketName"]),
            folders=[f"{prefix}{person}/" for prefix, names in routes.items() if ENROLMENT in names],
        )

    @property
    def s3(self) -> "S3Client":
        """S3, as the results are read with."""
        return self.results.s3

    def find(self) -> Traces:
        """Everything that is there now."""
        faces = [face for face in self.collection.faces() if face.person == self.person]
        photos = [one for folder in self.folders for one in versions(self.s3, self.media, folder)]
        found = Traces(faces=faces, photos=photos)
        own = {f"s3://{self.media}/{photo.key}" for photo in photos} | self._recorded()
        for analysis in sorted(WITH_COLLECTION):
            for item in self._indexed(index_key(analysis, self.person), "#name = :wanted", {"#name": "name"}):
                uri, version = item["object"]["S"], item["version"]["S"]
                if self._is_own(uri):
                    own.add(uri)
                found.entries.add(Entry(uri, item["entry"]["S"]))
                found.mentions.add(Mention(uri, version, analysis))
        found.mentions = {one for one in found.mentions if one.object not in own}
        for mention in found.mentions:
            found.documents |= self._document(mention)
        for uri in own:
            for item in self._items(uri):
                found.entries.add(Entry(uri, item["entry"]["S"]))
                found.documents |= set(self._kept(item))
        return found

    def _is_own(self, uri: str) -> bool:
        return any(uri.startswith(f"s3://{self.media}/{folder}") for folder in self.folders)

    def _recorded(self) -> set[str]:
        """Enrolment photos that have a record, even one without a face, though they may be deleted from S3."""
        return {
            item["object"]["S"]
            for folder in self.folders
            for status in FINAL
            for item in self._indexed(f"status#{status}", "begins_with(#key, :wanted)", {"#key": "key"}, folder)
        }

    def _indexed(self, finding: str, condition: str, names: dict[str, str], wanted: str | None = None) -> Iterator[Raw]:
        """The items under one key of the index that meet a condition about ``:wanted``, usually the exact name."""
        values = {":finding": {"S": finding}, ":wanted": {"S": wanted or self.person}}
        yield from self._pages(
            IndexName=INDEX,
            KeyConditionExpression="finding = :finding",
            FilterExpression=condition,
            ProjectionExpression="#object, entry, version",
            ExpressionAttributeNames={"#object": "object"} | names,
            ExpressionAttributeValues=values,
        )

    def _items(self, uri: str) -> Iterator[Raw]:
        yield from self._pages(
            KeyConditionExpression="#object = :object",
            ExpressionAttributeNames={"#object": "object"},
            ExpressionAttributeValues={":object": {"S": uri}},
            ConsistentRead=True,
        )

    def _document(self, mention: Mention) -> set[str]:
        record = self.results.record(mention.object, mention.version)
        outcome = record.analyses.get(mention.analysis) if record else None
        bucket, _, key = mention.object.removeprefix("s3://").partition("/")
        usual = self.documents.uri(_version(bucket, key, mention.version), mention.analysis)
        return {outcome.document if outcome and outcome.document else usual}

    def _kept(self, item: Raw) -> Iterator[str]:
        """The S3 URIs of what an item stands for: the answers of a record, the copy of a review."""
        outcomes = item.get("analyses", {}).get("M", {})
        yield from (one["M"]["document"]["S"] for one in outcomes.values() if "document" in one["M"])
        if "analyses" in item and ENROLMENT not in outcomes:  # a function may have ended before it noted the answer
            bucket, key, version = (item[name]["S"] for name in ("bucket", "key", "version"))
            yield self.documents.uri(_version(bucket, key, version), ENROLMENT)
        if "quarantined" in item:
            yield item["quarantined"]["S"]

    def _pages(self, **query: Any) -> Iterator[Raw]:  # noqa: ANN401 - a Query's own parameters
        for page in self.results.dynamodb.get_paginator("query").paginate(TableName=self.results.table, **query):
            yield from page["Items"]


def versions(s3: "S3Client", bucket: str, prefix: str, *, exact: bool = False) -> Iterator[Version]:
    """Every version and delete marker under a prefix, or of exactly that key."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            if not exact or one["Key"] == prefix:
                yield Version(bucket, one["Key"], one["VersionId"])


def _version(bucket: str, key: str, version: str) -> ObjectVersion:
    return ObjectVersion(bucket=bucket, key=key, size=0, etag=version)
