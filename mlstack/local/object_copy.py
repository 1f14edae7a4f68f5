"""CopyObject only of the content that the caller has seen: the one condition that moto does not heed."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from moto.s3.exceptions import PreconditionFailed
from moto.s3.responses import S3Response

from mlstack.local.mend import replace

CONDITION = "x-amz-copy-source-if-match"


def mend() -> None:
    """Check the condition before moto copies."""
    moto_copy = S3Response.copy_object

    def copy_object(self: S3Response) -> Any:  # noqa: ANN401 - moto's own
        wanted = self.headers.get(CONDITION)
        if wanted:
            source = urlsplit(str(self.headers["x-amz-copy-source"]))
            bucket, key = unquote(source.path).lstrip("/").split("/", 1)
            version = parse_qs(source.query).get("versionId", [None])[0]
            found = self.backend.get_object(bucket, key, version_id=version)
            if found is not None and found.etag.strip('"') != wanted.strip('"'):
                raise PreconditionFailed(CONDITION)
        return moto_copy(self)

    replace(S3Response, "copy_object", copy_object)
