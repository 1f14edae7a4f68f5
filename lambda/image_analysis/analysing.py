"""Asks Rekognition what is in one image, analysis by analysis, and stores every answer before the next question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from image_analysis import limits
from image_analysis.image_header import Header, UnreadableImageError, measure
from image_analysis.object_reader import ObjectReader
from image_analysis.settings import Settings
from shared import clock, findings
from shared.analyses import ANALYSES, ENROLMENT, Analysis, person_of
from shared.call import paced
from shared.documents import Documents
from shared.fault import Fault, code_of, fault_of, reason_of
from shared.ledger import FOUND, REFUSED, Ledger, Outcome
from shared.object_version import ObjectVersion
from shared.pace import Pace

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client


UNREAD = "InvalidS3ObjectException"
"""Rekognition's word for an object that it may not read, and for one that is not there."""
NOBODY = "the key names no person: put it into a folder of letters, digits and . _ - : under the enrolment prefix"


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """What this delivery knows about the image."""

    header: Header
    seen_before: bool
    """Whether a delivery before this one began to work on it."""
    until: datetime
    """When the work must be over."""


class RefusedError(Exception):
    """No analysis will ever take the object; the message says why."""


class UnfinishedError(Exception):
    """Some analyses need a person first; the message says what for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Laboratory:
    """The services that an analysis needs, and the settings."""

    rekognition: "RekognitionClient"
    documents: Documents
    ledger: Ledger
    pace: Pace
    settings: Settings


def inspect(thing: ObjectVersion, s3: "S3Client") -> Header:
    """Refuse what no analysis would take, before any is asked."""
    if reason := limits.refusal_of_size(thing.size):
        raise RefusedError(reason)
    try:
        return measure(ObjectReader(s3, thing))
    except UnreadableImageError as error:
        raise RefusedError(str(error)) from error


def analyse(
    thing: ObjectVersion, names: Sequence[str], outcomes: dict[str, Outcome], lab: Laboratory, image: Image
) -> None:
    """Do every analysis of ``names`` that has no outcome yet, and add its outcome.

    Raises:
        UnfinishedError: where a permission or setting is missing for some; the others are done.
        ComeAgainError, ClientError, BotoCoreError: the rest must wait; what is done is recorded.
    """
    unfinished = []
    for name in names:
        if name in outcomes:
            continue
        try:
            outcome = _outcome(thing, name, lab, image)
        except (BotoCoreError, ClientError) as error:
            match fault_of(error):
                case Fault.REFUSE:
                    outcome = {"status": REFUSED, "reason": reason_of(error)}
                case Fault.PARK:
                    if isinstance(error, ClientError) and code_of(error) == UNREAD:
                        ObjectReader(lab.documents.s3, thing)(0, 1)  # raises where the object is gone
                    unfinished.append(f"{name}: {reason_of(error)}")
                    continue
                case _:
                    raise
        lab.ledger.note(thing, name, outcome, now=clock.now())
        outcomes[name] = outcome
    if unfinished:
        raise UnfinishedError("; ".join(unfinished))


def _outcome(thing: ObjectVersion, name: str, lab: Laboratory, image: Image) -> Outcome:
    analysis = ANALYSES[name]
    options = dict(lab.settings.options.get(name, {}))
    refusal = limits.refusal_of_shape(image.header, analysis)
    if name == ENROLMENT:
        options["person"] = person_of(lab.settings.routes, thing.key)
        refusal = refusal or (None if options["person"] else NOBODY)
    if refusal:
        return {"status": REFUSED, "reason": refusal}
    # A delivery before this one may have ended between the answer and its record: what is paid for is not asked twice.
    response = lab.documents.get(thing, name) if image.seen_before else None
    if response is None:
        response = _ask(thing, name, options, lab, image.until)
        lab.documents.put(thing, name, response)
    found = findings.gather(analysis.names(response)) if response else []
    # The name leads to pictures of this version only: what an earlier delivery wrote is written once more, the same.
    shared = lab.ledger.dated(clock.now())
    findings.store(lab.ledger.table, findings.items(thing, name, found, media=lab.ledger.media, shared=shared))
    return {
        "status": FOUND,
        "count": sum(one.instances for one in found),
        "top": findings.top(found),
        "document": lab.documents.uri(thing, name),
    }


def _ask(thing: ObjectVersion, name: str, options: dict[str, Any], lab: Laboratory, until: datetime) -> dict[str, Any]:
    """Rekognition's answer; empty where it says that there is nothing to find."""
    analysis = ANALYSES[name]
    source = {"Bucket": thing.bucket, "Name": thing.key} | ({"Version": thing.version_id} if thing.version_id else {})
    method = getattr(lab.rekognition, xform_name(analysis.operation))
    request = {"Image": {"S3Object": source}} | analysis.request(options)
    per_second = lab.settings.per_second[name]
    try:
        return paced(lambda: method(**request), analysis.operation, pace=lab.pace, per_second=per_second, until=until)
    except ClientError as error:
        if _is_nothing(error, analysis):
            return {}
        raise


def _is_nothing(error: ClientError, analysis: Analysis) -> bool:
    code, part = analysis.nothing or ("", "")
    said = error.response.get("Error", {}).get("Message", "")
    return bool(code) and code_of(error) == code and part in said
