"""What lies at a place in S3, asked with one call or two."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.fault import code_of
from training_request.facts import Listing, Object
from training_request.s3_uri import S3Uri, parsed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ENOUGH = 1000


def listing(s3: "S3Client", text: str) -> Listing:
    """What a job that is given the place would find.

    SageMaker takes every key that begins with the text, so that s3://b/waste would bring waste-old/ along: a folder is
    given with its slash, and an object by its whole key.
    """
    place = parsed(text)
    if place is None:
        return Listing()
    try:
        folder = _folder(s3, S3Uri(place.bucket, f"{place.key.rstrip('/')}/"))
        return folder if folder.found or place.key.endswith("/") else _object(s3, place)
    except ClientError as error:
        return Listing(failure=f"{code_of(error)}: {error.response['Error'].get('Message', '')}")
    except BotoCoreError as error:
        return Listing(failure=str(error))


def _folder(s3: "S3Client", place: S3Uri) -> Listing:
    found = s3.list_objects_v2(Bucket=place.bucket, Prefix=place.key, Delimiter="/", MaxKeys=_ENOUGH)
    folders = [one["Prefix"][len(place.key) : -1] for one in found.get("CommonPrefixes", ())]
    objects = tuple(
        Object(key=one["Key"], size=one["Size"])
        for one in found.get("Contents", ())
        if one["Size"] > 0 or not one["Key"].endswith("/")  # a folder's own marker is empty
    )
    example = next((one.key for one in objects if one.size), "")
    if not example and not folders:
        return Listing()
    return Listing(found=str(place), folders=tuple(folders), example=example, objects=objects)


def _object(s3: "S3Client", place: S3Uri) -> Listing:
    found = s3.list_objects_v2(Bucket=place.bucket, Prefix=place.key, MaxKeys=1)
    objects = tuple(
        Object(key=one["Key"], size=one["Size"]) for one in found.get("Contents", ()) if one["Key"] == place.key
    )
    return Listing(found=str(place), example=place.key, objects=objects) if objects else Listing()
