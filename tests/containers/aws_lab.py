"""An AWS that containers reach as they do on a machine of one's own: over HTTP, by AWS_ENDPOINT_URL."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from moto.backends import get_backend
from moto.server import ThreadedMotoServer

from mlstack.local.environment import ACCESS_KEY, SECRET_KEY

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Aws:
    """Where it listens."""

    url: str

    @property
    def environment(self) -> Mapping[str, str]:
        """What a container is told of it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }

    @property
    def s3(self) -> "S3Client":
        """The tests' own way in."""
        return boto3.client("s3", endpoint_url=self.url)

    @property
    def sqs(self) -> "SQSClient":
        """The tests' own way in."""
        return boto3.client("sqs", endpoint_url=self.url)


@contextmanager
def serving() -> Iterator[Aws]:
    """Start one, empty, and end it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Aws(f"http://{host}:{port}")
    finally:
        server.stop()
        for name in ("s3", "sqs"):
            get_backend(name).reset()
