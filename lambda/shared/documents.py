"""Rekognition's full answers, one JSON document each in the results bucket."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.fault import code_of
from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "vision/"


@dataclass(frozen=True, slots=True)
class Documents:
    """The answers of a stage."""

    s3: "S3Client"
    bucket: str

    def key(self, thing: ObjectVersion, analysis: str) -> str:
        """Where an answer lies: under a digest, because the object's own key may be as long as S3 allows."""
        return f"{PREFIX}{analysis}/{thing.digest}.json"

    def put(self, thing: ObjectVersion, analysis: str, response: Mapping[str, Any]) -> str:
        """Store an answer and return its S3 URI."""
        content = {key: value for key, value in response.items() if key != "ResponseMetadata"}
        document = {"object": thing.uri, "version": thing.version, "analysis": analysis, "response": content}
        return self.write(self.key(thing, analysis), document)

    def write(self, key: str, document: Mapping[str, Any]) -> str:
        """Store a document and return its S3 URI."""
        body = json.dumps(document, ensure_ascii=False).encode()
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/json")
        return f"s3://{self.bucket}/{key}"

    def get(self, thing: ObjectVersion, analysis: str) -> dict[str, Any] | None:
        """The answer of an earlier delivery that ended before it could say so; None where there is none."""
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=self.key(thing, analysis))
        except ClientError as error:
            if code_of(error) == "NoSuchKey":
                return None
            raise
        response: dict[str, Any] = json.loads(answer["Body"].read())["response"]
        return response

    def uri(self, thing: ObjectVersion, analysis: str) -> str:
        """The S3 URI of an answer."""
        return f"s3://{self.bucket}/{self.key(thing, analysis)}"
