"""What a page shows of each object: its picture, what was found in it, or why there is none."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from re import compile as pattern

from botocore.exceptions import ClientError, HTTPClientError, ResponseStreamingError

from mlstack.vision.gallery.marks import Mark, marks
from mlstack.vision.gallery.thumbnails import Thumbnail, UnreadableError, thumbnail
from mlstack.vision.results import Record, Results

AT_ONCE = 8
LARGEST_BYTES = 64 * 1024 * 1024  # four times Rekognition's limit
ETAG = pattern(r"[0-9a-f]{32}(-\d+)?")
UNREACHABLE = {
    "404": "it is gone",
    "NoSuchKey": "it is gone",
    "NoSuchBucket": "its bucket is gone",
    "NoSuchVersion": "it is gone",
    "405": "it was deleted",
    "MethodNotAllowed": "it was deleted",
    "412": "another upload has replaced it",
    "PreconditionFailed": "another upload has replaced it",
    "403": "your credentials may not read it",
    "AccessDenied": "your credentials may not read it",
    "AllAccessDisabled": "your credentials may not read it",
    "KMS.DisabledException": "its encryption key is disabled",
    "InvalidObjectState": "it is archived; restore it in S3 first",
    "PermanentRedirect": "its bucket is in another region",
}
"""What S3 says of one object that says nothing of the next one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One object on the page."""

    record: Record
    picture: Thumbnail | None = None
    marks: tuple[Mark, ...] = ()
    notes: tuple[str, ...] = field(default=())
    """Why there is no picture, or not all that was found in it."""

    @property
    def flagged(self) -> bool:
        """Whether its content may offend."""
        outcome = self.record.analyses.get("moderation")
        return bool(outcome and outcome.count) or any(one.analysis == "moderation" for one in self.marks)


def collect(results: Results, records: Iterable[Record], seen: Callable[[], None]) -> list[Tile]:
    """The tiles of the records in their order, some downloaded at once; ``seen`` is called after each."""

    def made(record: Record) -> Tile:
        one = tile(results, record)
        seen()
        return one

    pool = ThreadPoolExecutor(AT_ONCE)
    # Pillow warns of large pictures and damaged EXIF blocks; the tile says what there is to say.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            waiting: list[Future[Tile]] = [pool.submit(made, record) for record in records]
            return [one.result() for one in waiting]
        finally:
            pool.shutdown(cancel_futures=True)


def tile(results: Results, record: Record) -> Tile:
    """One object with all that can be had of it; what cannot is told by a note."""
    if record.media == "video":
        return Tile(record=record, marks=tuple(_spans(results, record)))
    found = Tile(record=record)
    for name, outcome in record.analyses.items():
        if not outcome.document:
            continue
        known = [Mark(name, one.name, one.confidence) for one in outcome.top]
        try:
            document = results.document(outcome.document)
            response = document.get("response") if isinstance(document, dict) else None
            known = marks(name, response) or known
        except (ValueError, RecursionError):
            found = _noted(found, f"no boxes of {name}: its document is damaged")
        except (ClientError, HTTPClientError, ResponseStreamingError) as error:
            found = _noted(found, f"no boxes of {name}: {unreachable(error)}")
        found = replace(found, marks=found.marks + tuple(known))
    try:
        return replace(found, picture=thumbnail(_content(results, record)))
    except UnreadableError as error:
        return _noted(found, str(error))
    except (ClientError, HTTPClientError, ResponseStreamingError) as error:
        return _noted(found, f"no picture: {unreachable(error)}")


def unreachable(error: Exception) -> str:
    """Why one object cannot be had; raise the error again where it says something of all of them."""
    if not isinstance(error, ClientError):
        return "the download broke off"
    reason = UNREACHABLE.get(str(error.response.get("Error", {}).get("Code")))
    if reason is None:
        raise error
    return reason


def _content(results: Results, record: Record) -> bytes:
    """The very bytes that were analysed: the version, or the object as long as it has the same ETag."""
    which = {"IfMatch": f'"{record.version}"'} if ETAG.fullmatch(record.version) else {"VersionId": record.version}
    answer = results.s3.get_object(Bucket=record.bucket, Key=record.key, **which)  # type: ignore[arg-type] # one of two
    if answer["ContentLength"] > LARGEST_BYTES:
        answer["Body"].close()
        message = f"the picture is too large to be drawn: {answer['ContentLength']:,} bytes"
        raise UnreadableError(message)
    return answer["Body"].read()


def _spans(results: Results, record: Record) -> Iterator[Mark]:
    found = sorted(results.findings_of(record), key=lambda one: (-one.confidence, one.name))
    for one in found:
        timed = one.first_ms is not None and one.last_ms is not None
        span = ((one.first_ms or 0) / 1000, (one.last_ms or 0) / 1000) if timed else None
        yield Mark(one.analysis, one.name, one.confidence, span=span)


def _noted(before: Tile, note: str) -> Tile:
    return replace(before, notes=(*before.notes, note))
