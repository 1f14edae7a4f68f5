"""The video jobs in flight, over all functions: at most as many as the account may have at a time.

One DynamoDB item holds them all, so that entering is one conditional write. A job enters before Rekognition hears of
it and leaves once its result is recorded; whatever dies in between, the entry leads back to the video.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from boto3.dynamodb.conditions import Attr, ConditionBase
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from shared.change import Change
from shared.ledger import Busy, seconds
from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

KEY = {"api": "video-jobs"}
LONGEST_REASON = 300
Entry = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One analysis of one video."""

    thing: ObjectVersion
    analysis: str
    wanted: tuple[str, ...]
    """Every analysis of the video; with the last of them its record is final."""
    started_at: Decimal
    """Seconds since the epoch."""
    job_id: str | None = None
    """Rekognition's name for it; None as long as nobody could write it down."""
    tries: int = 0
    """How often somebody began to fetch its result and failed."""
    held_until: Decimal = Decimal(0)
    reason: str = ""
    """Why the last try failed."""

    @property
    def tag(self) -> str:
        """What leads back to the job: Rekognition repeats it to whoever it tells."""
        return tag_of(self.thing, self.analysis)

    def entry(self) -> dict[str, Any]:
        """The job in DynamoDB's types, which JSON has too but for the numbers."""
        thing = {name: getattr(self.thing, name) for name in ("bucket", "key", "size", "etag", "version_id")}
        times = {"started_at": self.started_at, "tries": self.tries, "held_until": self.held_until}
        named = {"analysis": self.analysis, "wanted": list(self.wanted)} | times
        return thing | named | ({"job_id": self.job_id} if self.job_id else {})

    @classmethod
    def of(cls, entry: Entry) -> "Job":
        """Read what ``entry`` wrote; raise KeyError, TypeError or ValueError where it is something else."""
        named = (entry["bucket"], entry["key"], int(entry["size"]), entry["etag"], entry.get("version_id"))
        return cls(
            thing=ObjectVersion.of(*named),
            analysis=entry["analysis"],
            wanted=tuple(entry["wanted"]),
            started_at=Decimal(str(entry["started_at"])),
            job_id=entry.get("job_id"),
            tries=int(entry["tries"]),
            held_until=Decimal(str(entry["held_until"])),
            reason=entry.get("reason", ""),
        )


class Entered(NamedTuple):
    """A job that is in flight, or may be begun now."""

    job: Job
    fresh: bool
    """Whether this call entered it; else an earlier delivery did."""


@dataclass(frozen=True, slots=True)
class VideoJobs:
    """The jobs of a stage; every change is one conditional write, and each may be repeated."""

    table: "Table"

    def enter(self, job: Job, *, most: int) -> Entered | None:
        """Take one of ``most`` places for the job, or find it there; None where all are taken."""
        place = _place(job.tag)
        free = Attr("jobs").size().lt(most) & Attr(place).not_exists()
        try:
            Change({place: job.entry()}).apply(self.table, KEY, Attr("jobs").exists() & free)
        except self._refusal as error:
            jobs = _told(error)
            if jobs is None:
                self._lay_out()
                return self.enter(job, most=most)
            return Entered(Job.of(jobs[job.tag]), fresh=False) if job.tag in jobs else None
        return Entered(job, fresh=True)

    def adopt(self, job: Job) -> None:
        """Enter a job that Rekognition has ended already: it takes no place of the account's."""
        place = _place(job.tag)
        self._lay_out()
        self._try(Change({place: job.entry()}), Attr(place).not_exists())

    def started(self, job: Job, job_id: str) -> None:
        """Write down Rekognition's name for the job, unless its result is recorded already."""
        place = _place(job.tag)
        self._try(Change({f"{place}.job_id": job_id}), Attr(place).exists())

    def withdraw(self, job: Job) -> None:
        """Give the place back: Rekognition did not take the job."""
        place = _place(job.tag)
        same = Attr(f"{place}.started_at").eq(job.started_at)
        unheard = Attr(f"{place}.job_id").not_exists() & Attr(f"{place}.held_by").not_exists()
        self._try(Change({}).remove(place), same & unheard)

    def abandon(self, tag: str) -> None:
        """Give the place back of a job that nobody could name: who begins it again with its token gets the same one."""
        place = _place(tag)
        self._try(Change({}).remove(place), Attr(place).exists() & Attr(f"{place}.job_id").not_exists())

    def hold(self, tag: str, owner: str, *, now: datetime, until: datetime, job_id: str | None) -> Job | Busy | None:
        """Let nobody else fetch the job's result until ``until``; None where no such job is in flight."""
        name = ", jobs.#tag.job_id = if_not_exists(jobs.#tag.job_id, :job_id)" if job_id else ""
        given: dict[str, Any] = {":owner": owner, ":now": seconds(now), ":until": seconds(until), ":one": 1}
        try:
            answer = self.table.update_item(
                Key=KEY,
                UpdateExpression="SET jobs.#tag.held_by = :owner, jobs.#tag.held_until = :until, "
                f"jobs.#tag.tries = jobs.#tag.tries + :one{name}",
                ConditionExpression="attribute_exists(jobs.#tag) AND "
                "(jobs.#tag.held_until <= :now OR jobs.#tag.held_by = :owner)",
                ExpressionAttributeNames={"#tag": tag},
                ExpressionAttributeValues=given | ({":job_id": job_id} if job_id else {}),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._refusal as error:
            entry = (_told(error) or {}).get(tag)
            return None if entry is None else Busy(max(0.0, float(entry["held_until"]) - now.timestamp()))
        jobs: Any = answer["Attributes"]["jobs"]
        return Job.of(jobs[tag])

    def release(self, tag: str, owner: str, *, now: datetime, tries: int, reason: str) -> None:
        """Let others fetch the job's result, set how many tries count so far, and say why the last one failed."""
        place = _place(tag)
        told = {f"{place}.tries": tries, f"{place}.reason": reason[:LONGEST_REASON]}
        given = {f"{place}.held_until": seconds(now)} | told
        self._try(Change(given), Attr(f"{place}.held_by").eq(owner))

    def leave(self, tag: str, owner: str) -> None:
        """Give the job's place back for good."""
        self._try(Change({}).remove(_place(tag)), Attr(f"{_place(tag)}.held_by").eq(owner))

    def all(self) -> list[Job]:
        """Every job in flight."""
        item: Mapping[str, Any] = self.table.get_item(Key=KEY, ConsistentRead=True).get("Item", {})
        return [Job.of(entry) for entry in item.get("jobs", {}).values()]

    def _lay_out(self) -> None:
        self._try(Change({}).default("jobs", {}), Attr("jobs").not_exists())

    def _try(self, change: Change, condition: ConditionBase) -> None:
        """Change the item where the condition holds; where it does not, somebody did it before."""
        try:
            change.apply(self.table, KEY, condition)
        except self._refusal:
            return

    @property
    def _refusal(self) -> type[ClientError]:
        return self.table.meta.client.exceptions.ConditionalCheckFailedException


def tag_of(thing: ObjectVersion, analysis: str) -> str:
    """The name of an analysis of a video, in letters that Rekognition's JobTag and DynamoDB's placeholders take."""
    return f"{analysis}_{thing.digest}"


def _place(tag: str) -> str:
    return f"jobs.{tag}"


def _told(error: ClientError) -> Mapping[str, Any] | None:
    """The jobs that stood in the way; this exception carries them in DynamoDB's own notation."""
    response: Mapping[str, Any] = error.response
    held = response.get("Item", {}).get("jobs")
    return None if held is None else TypeDeserializer().deserialize(held)
